/** The key: kept in the system's secret storage, handed to the server in its environment, and never in a setting or a log. */

import * as vscode from "vscode";

const NAME = "kimi.apiKey";
const VARIABLE = "EMPIRIOLABS_API_KEY";

/** Returns the environment for the server: this process's, and the key where one is stored. */
export async function environment(context: vscode.ExtensionContext): Promise<NodeJS.ProcessEnv> {
  const key = await context.secrets.get(NAME);
  return key === undefined ? process.env : { ...process.env, [VARIABLE]: key };
}

/** Asks for the key and stores it; returns whether one was given. */
export async function ask(context: vscode.ExtensionContext): Promise<boolean> {
  const key = await vscode.window.showInputBox({
    title: "Kimi: the API key",
    prompt: "It is kept in your system's secret storage and sent to the service only.",
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (/^[\x21-\x7e]*$/.test(value.trim()) ? undefined : "A key has no spaces in it."),
  });
  if (key === undefined || key.trim() === "") {
    return false;
  }
  await context.secrets.store(NAME, key.trim());
  return true;
}

/** Forgets the key. */
export async function forget(context: vscode.ExtensionContext): Promise<void> {
  await context.secrets.delete(NAME);
}
