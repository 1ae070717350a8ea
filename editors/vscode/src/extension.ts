/** Puts the parts together. Each of them is a room of its own; what they do is there. */

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { Connection } from "./client";
import { Runner, TABLE } from "./commands";
import { View } from "./explain";
import * as key from "./key";
import { Previews, SCHEME } from "./preview";
import type { Shown } from "./preview";
import * as server from "./server";
import { Status } from "./status";
import type { Told } from "./status";
import { Waits } from "./wait";

/** What tests look at; nothing else may. */
export interface Inside {
  view: View;
  status: Status;
  previews: Previews;
  running(): boolean;
}

let connection: Connection | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Inside> {
  const log = vscode.window.createOutputChannel("Kimi", { log: true });
  const [status, view, waits] = [new Status(), new View(), new Waits()];
  const previews = new Previews((job, message) => waits.say(job, message));
  const runner = new Runner(() => connection?.running, waits, view);
  const made = new Connection(context, log, status, {
    // What the menu runs comes by here, so that it has its wait, and its Cancel.
    middleware: { executeCommand: async (command, words) => runner.run(command, (words as [Record<string, unknown>])[0] ?? {}) },
    connected: (client) => listen(client, { status, view, previews, waits }),
  });
  connection = made;
  const register = (name: string, action: (...words: never[]) => unknown): void => {
    context.subscriptions.push(vscode.commands.registerCommand(`kimi.client.${name}`, action));
  };
  for (const name of Object.keys(TABLE)) {
    register(name, () => runner.typed(name));
  }
  register("reviewChanges", () => runner.typed("review", { diff: true, range: null }));
  register("prompt", (given: { command: string }) => runner.prompted(given));
  register("menu", () => status.menu());
  register("showLog", () => log.show());
  register("restart", () => made.restart());
  register("setKey", async () => {
    if (await key.ask(context)) {
      await made.restart();
    }
  });
  register("forgetKey", async () => {
    await key.forget(context);
    await made.restart();
  });
  register("installServer", async () => {
    if (await server.install(context)) {
      await made.restart();
    }
  });
  const walkthrough = `${context.extension.id}#kimi`;
  register("openWalkthrough", () => vscode.commands.executeCommand("workbench.action.openWalkthrough", walkthrough));
  register("acceptEdit", () => previews.answer({ action: "accept" }));
  register("rejectEdit", () => previews.answer({ action: "reject" }));
  register("askAgain", () => previews.again());
  register("chooseChanges", () => previews.choose());
  context.subscriptions.push(
    log,
    status,
    view,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, previews),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("kimi.server")) {
        void made.restart();
      } else if (change.affectsConfiguration("kimi")) {
        void made.reconfigure();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void made.reconfigure()),
  );
  void made.start();
  return { view, status, previews, running: () => made.running !== undefined };
}

export async function deactivate(): Promise<void> {
  await connection?.stop();
}

interface Parts {
  status: Status;
  view: View;
  previews: Previews;
  waits: Waits;
}

function listen(client: LanguageClient, { status, view, previews, waits }: Parts): void {
  client.onNotification("kimi/status", (told: Told) => status.show(told));
  client.onNotification("kimi/explaining", (told: { job: string; text: string; done: boolean }) => view.explaining(told));
  client.onNotification("kimi/progress", (told: Parameters<Waits["told"]>[0]) => waits.told(told));
  client.onRequest("kimi/preview", (shown: Shown, cancelled: vscode.CancellationToken) => previews.ask(shown, cancelled));
}
