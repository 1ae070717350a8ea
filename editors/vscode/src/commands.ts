/** The commands of the palette and the menus, and what becomes of a result. */

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { View } from "./explain";
import type { Result, Waits } from "./wait";

interface Row {
  /** What the user reads while it runs. */
  title: string;
  /** The question for words; with `needed`, nothing is asked of Kimi without them. */
  words?: { prompt: string; needed: boolean };
  /** Whether it takes the problems on the lines. */
  problems?: boolean;
  /** What it is about: lines of a document (the default), a document, or nothing. */
  about?: "document" | "nothing";
  /** The view's title for what it answers. */
  shows?: string;
}

/** The server's commands; `kimi.client.<name>` in the palette is `kimi.<name>` there. */
export const TABLE: Record<string, Row> = {
  explain: { title: "Kimi: Explain", shows: "Kimi: Explanation" },
  refactor: { title: "Kimi: Refactor", words: { prompt: "What shall change?", needed: true } },
  implement: { title: "Kimi: Implement", words: { prompt: "What is missing? The code around may say it already.", needed: false } },
  fix: { title: "Kimi: Fix", problems: true },
  fixAll: { title: "Kimi: Fix all" },
  document: { title: "Kimi: Document" },
  ask: { title: "Kimi: Ask", words: { prompt: "What do you want to know, or to have?", needed: true }, shows: "Kimi: Answer" },
  doComment: { title: "Kimi: Do comment" },
  renameBetter: { title: "Kimi: Better names" },
  writeTests: { title: "Kimi: Write tests" },
  action: { title: "Kimi: Action", shows: "Kimi: Answer" },
  review: { title: "Kimi: Review" },
  applySuggestion: { title: "Kimi: Apply suggestion" },
  dismiss: { title: "Kimi: Dismiss" },
  commitMessage: { title: "Kimi: Commit message", about: "document" },
  cancel: { title: "Kimi: Cancel", about: "nothing" },
  showRequest: { title: "Kimi: Show request", shows: "Kimi: What would be sent" },
  usage: { title: "Kimi: Usage", about: "nothing", shows: "Kimi: What was spent" },
};

/** Commands that do not call the model, and so have no wait. */
const QUICK = new Set(["kimi.applySuggestion", "kimi.cancel", "kimi.dismiss", "kimi.showRequest", "kimi.usage"]);

export class Runner {
  constructor(
    private readonly client: () => LanguageClient | undefined,
    private readonly waits: Waits,
    private readonly view: View,
  ) {}

  /** Runs a row of the table on what the user sees; `more` goes into its argument. */
  async typed(name: string, more: Record<string, unknown> = {}): Promise<void> {
    const row = TABLE[name];
    const client = this.client();
    if (row === undefined || client === undefined) {
      void vscode.window.showWarningMessage("Kimi: the server does not run. “Kimi: Restart the server” starts it.");
      return;
    }
    const argument = this.argument(client, row);
    if (argument === undefined) {
      return;
    }
    Object.assign(argument, more);
    if (name === "showRequest") {
      const kind = await vscode.window.showQuickPick(["explain", "refactor", "implement", "fix", "review"], { title: "Kimi: the request of which command?" });
      if (kind === undefined) {
        return;
      }
      argument["kind"] = kind;
    }
    if (name === "action") {
      const own = vscode.workspace.getConfiguration("kimi").get<{ name: string; title: string }[]>("actions", []);
      if (own.length === 0) {
        void vscode.window.showInformationMessage("Kimi: you have no actions of your own yet; the setting kimi.actions lists them.");
        return;
      }
      const items = own.map((one) => ({ label: one.title, action: one.name }));
      const chosen = await vscode.window.showQuickPick(items, { title: "Kimi: which of your actions?" });
      if (chosen === undefined) {
        return;
      }
      argument["name"] = chosen.action;
    }
    if (row.words !== undefined) {
      const words = await this.words(row.words.prompt);
      if (words === undefined || (words === "" && row.words.needed)) {
        return;
      }
      argument["instruction"] = words;
    }
    await this.run(`kimi.${name}`, argument);
  }

  /** Asks for words, then runs the command that the argument names: the menu's "Refactor selection…". */
  async prompted(given: { command: string } & Record<string, unknown>): Promise<void> {
    const words = await this.words("What shall change?");
    if (words !== undefined && words !== "") {
      const { command, ...argument } = given;
      await this.run(command, { ...argument, instruction: words });
    }
  }

  /** Runs a command of the server's, with its wait where it has one, and shows what it answers. */
  async run(command: string, argument: { uri?: string } & Record<string, unknown>): Promise<Result | undefined> {
    const client = this.client();
    if (client === undefined) {
      return undefined;
    }
    const row = TABLE[command.replace(/^kimi\./, "")];
    const result = QUICK.has(command)
      ? await client.sendRequest<Result>("workspace/executeCommand", { command, arguments: [argument] })
      : await this.waits.run(client, command, argument, row?.title ?? "Kimi");
    await this.tell(result, row);
    return result;
  }

  private async tell(result: Result, row: Row | undefined): Promise<void> {
    if (result.text !== undefined) {
      await commitMessage(result.text);
    } else if (result.markdown !== undefined) {
      await this.view.show(row?.shows ?? "Kimi", result.markdown);
    }
    // A failure is a message of the server's own; a success stays a moment in the status bar.
    if (result.status === "ok" && result.message !== undefined) {
      vscode.window.setStatusBarMessage(`Kimi: ${result.message.replace(/\s+/g, " ")}`, 15_000);
    }
  }

  private argument(client: LanguageClient, row: Row): ({ uri?: string } & Record<string, unknown>) | undefined {
    const editor = vscode.window.activeTextEditor;
    if (row.about === "nothing") {
      return {};
    }
    if (editor === undefined) {
      const folder = vscode.workspace.workspaceFolders?.[0];
      if (row.about === "document" && folder !== undefined) {
        return { uri: client.code2ProtocolConverter.asUri(folder.uri) };
      }
      void vscode.window.showInformationMessage("Kimi: open a file first.");
      return undefined;
    }
    const uri = client.code2ProtocolConverter.asUri(editor.document.uri);
    if (row.about === "document") {
      return { uri };
    }
    const argument = { uri, range: client.code2ProtocolConverter.asRange(editor.selection) };
    if (row.problems !== true) {
      return argument;
    }
    const { start, end } = editor.selection;
    const lines = new vscode.Range(start.line, 0, end.line, editor.document.lineAt(end.line).text.length);
    const found = vscode.languages.getDiagnostics(editor.document.uri).filter((one) => lines.intersection(one.range) !== undefined);
    if (found.length === 0) {
      void vscode.window.showInformationMessage("Kimi: there is no problem on these lines.");
      return undefined;
    }
    return { ...argument, diagnostics: found.map((one) => client.code2ProtocolConverter.asDiagnostic(one)) };
  }

  private async words(prompt: string): Promise<string | undefined> {
    return (await vscode.window.showInputBox({ title: "Kimi", prompt, ignoreFocusOut: true }))?.trim();
  }
}

interface Git {
  getAPI(version: 1): { repositories: { inputBox: { value: string } }[] };
}

/** Puts a commit's message where the user writes it, else into the clipboard. */
async function commitMessage(text: string): Promise<void> {
  const git = vscode.extensions.getExtension<Git>("vscode.git");
  const api = git === undefined ? undefined : (await git.activate()).getAPI(1);
  const box = api?.repositories[0]?.inputBox;
  if (box !== undefined && box.value === "") {
    box.value = text;
    return;
  }
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage("Kimi: the commit's message is in the clipboard.");
}
