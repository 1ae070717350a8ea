/** Where the server is, in a clear order; and how one is installed where there is none. Nothing is installed unasked. */

import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";

const run = promisify(execFile);
const USES_UVX = "kimi.usesUvx";

export interface Program {
  command: string;
  args: string[];
  /** Which of the ways it was found by, for the log. */
  found: string;
}

/** Returns the server: the setting, the PATH, uvx where the user chose it, or the environment of our own. */
export async function find(context: vscode.ExtensionContext): Promise<Program | undefined> {
  const set = vscode.workspace.getConfiguration("kimi").get<string>("server.path", "").trim();
  if (set !== "") {
    return { command: set, args: ["serve"], found: "the setting kimi.server.path" };
  }
  const onPath = await which("kimi-lsp");
  if (onPath !== undefined) {
    return { command: onPath, args: ["serve"], found: "the PATH" };
  }
  const uvx = context.globalState.get<boolean>(USES_UVX) ? await which("uvx") : undefined;
  if (uvx !== undefined) {
    return { command: uvx, args: [`kimi-lsp@${version(context)}`, "serve"], found: "uvx" };
  }
  const own = program(context, "kimi-lsp");
  return (await isThere(own)) ? { command: own, args: ["serve"], found: "its own environment" } : undefined;
}

/** Says that there is no server, and does what the user chooses; returns whether there may be one now. */
export async function offer(context: vscode.ExtensionContext): Promise<boolean> {
  const uvx = await which("uvx");
  const ways = ["Install it", ...(uvx === undefined ? [] : ["Use uvx"]), "Name its path"];
  const chosen = await vscode.window.showWarningMessage(
    "Kimi: the server kimi-lsp was not found. It can be installed in an environment of its own, which only this extension uses.",
    ...ways,
  );
  if (chosen === "Install it") {
    return install(context);
  }
  if (chosen === "Use uvx") {
    await context.globalState.update(USES_UVX, true);
    return true;
  }
  if (chosen === "Name its path") {
    await vscode.commands.executeCommand("workbench.action.openSettings", "kimi.server.path");
  }
  return false;
}

/** Makes the environment and installs the server's release of this extension's version into it. */
export async function install(context: vscode.ExtensionContext): Promise<boolean> {
  const python = (await which("python3")) ?? (await which("python"));
  if (python === undefined) {
    void vscode.window.showErrorMessage("Kimi: Python 3.11 or newer is needed, and none was found on the PATH.");
    return false;
  }
  const folder = environment(context);
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: "Kimi: installing the server" },
      async () => {
        await run(python, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]);
        await run(python, ["-m", "venv", folder]);
        const wanted = `kimi-lsp[syntax]==${version(context)}`;
        await run(program(context, "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]);
      },
    );
    return true;
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n").slice(-3).join(" ") : String(error);
    void vscode.window.showErrorMessage(
      `Kimi: the server could not be installed (Python 3.11 or newer with venv and pip is needed). ${said}`,
    );
    return false;
  }
}

function environment(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, "server");
}

function program(context: vscode.ExtensionContext, name: string): string {
  const windows = process.platform === "win32";
  return path.join(environment(context), windows ? "Scripts" : "bin", windows ? `${name}.exe` : name);
}

function version(context: vscode.ExtensionContext): string {
  return (context.extension.packageJSON as { version: string }).version;
}

async function which(name: string): Promise<string | undefined> {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    // A relative folder would be looked up in whatever workspace is open.
    for (const one of path.isAbsolute(folder) ? names : []) {
      if (await isThere(path.join(folder, one))) {
        return path.join(folder, one);
      }
    }
  }
  return undefined;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
