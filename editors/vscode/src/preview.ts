/** An edit shown before it is made: `kimi/preview`. A diff of the texts, and a question that stays until it is answered. */

import * as vscode from "vscode";

export const SCHEME = "kimi-preview";
const APPLY = "Apply";
const CHOOSE = "Choose changes…";
const AGAIN = "Ask again…";
const DISCARD = "Discard";

interface Hunk {
  index: number;
  start: number;
  end: number;
  before: string;
  after: string;
}

interface File {
  uri: string;
  kind: "edit" | "create" | "rename" | "delete";
  newUri?: string;
  before: string;
  after: string;
  hunks: Hunk[];
}

export interface Shown {
  job: string;
  title: string;
  summary: string;
  cost: string;
  trouble: string;
  files: File[];
}

export interface Answer {
  action: "accept" | "reject" | "again";
  remark?: string;
  hunks?: Record<string, number[]>;
}

interface Open {
  shown: Shown;
  answer(answer: Answer): void;
}

export class Previews implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private open: Open | undefined;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Shows an edit and returns the user's word; one that is taken back is left. */
  async ask(shown: Shown, cancelled: vscode.CancellationToken): Promise<Answer> {
    this.open?.answer({ action: "reject" });
    const answered = new Promise<Answer>((resolve) => {
      this.open = { shown, answer: resolve };
    });
    const cancelling = cancelled.onCancellationRequested(() => this.answer({ action: "reject" }));
    try {
      await this.show(shown);
      await vscode.commands.executeCommand("setContext", "kimi.preview", true);
      void this.question(shown);
      return await answered;
    } finally {
      cancelling.dispose();
      this.open = undefined;
      await vscode.commands.executeCommand("setContext", "kimi.preview", false);
      await close(shown.job);
      this.texts.clear();
    }
  }

  /** Answers the open preview; without one, nothing happens. */
  answer(answer: Answer): void {
    this.open?.answer(answer);
  }

  /** Asks for a remark, then for another answer. */
  async again(): Promise<void> {
    const remark = await vscode.window.showInputBox({
      title: "Kimi: ask again",
      prompt: "What shall be different? It is a new request, in the same conversation.",
      ignoreFocusOut: true,
    });
    if (remark !== undefined) {
      this.answer({ action: "again", remark });
    }
  }

  /** Lets the user tick the changes to apply. */
  async choose(): Promise<void> {
    const shown = this.open?.shown;
    if (shown === undefined) {
      return;
    }
    const items = shown.files.flatMap((file) =>
      file.hunks.map((hunk) => ({
        label: first(hunk.after) || first(hunk.before) || "(blank)",
        description: `${name(file.uri)}, line ${hunk.start + 1}`,
        picked: true,
        file: file.uri,
        index: hunk.index,
      })),
    );
    const kept = await vscode.window.showQuickPick(items, { canPickMany: true, title: "Kimi: the changes to apply", ignoreFocusOut: true });
    if (kept === undefined) {
      return;
    }
    const hunks: Record<string, number[]> = {};
    for (const file of shown.files.filter((one) => one.hunks.length > 0)) {
      hunks[file.uri] = kept.filter((one) => one.file === file.uri).map((one) => one.index);
    }
    this.answer({ action: "accept", hunks });
  }

  private async show(shown: Shown): Promise<void> {
    const pairs: [vscode.Uri, vscode.Uri, vscode.Uri][] = shown.files.map((file) => {
      const at = vscode.Uri.parse(file.newUri ?? file.uri);
      const side = (which: string, text: string): vscode.Uri => {
        const uri = at.with({ scheme: SCHEME, authority: "", query: `${shown.job}/${which}` });
        this.texts.set(uri.toString(), text);
        return uri;
      };
      return [at, side("now", file.before), side("proposed", file.after)];
    });
    const [only] = pairs;
    if (pairs.length === 1 && only !== undefined) {
      const title = `${name(only[0].path)}: now ↔ proposed by Kimi`;
      await vscode.commands.executeCommand("vscode.diff", only[1], only[2], title, { preview: true });
    } else {
      await vscode.commands.executeCommand("vscode.changes", shown.title, pairs);
    }
  }

  private async question(shown: Shown): Promise<void> {
    const words = [`${shown.title}.`, shown.summary, shown.trouble, `(${shown.cost})`].filter((one) => one !== "").join(" ");
    const several = shown.files.some((file) => file.hunks.length > 1) || shown.files.length > 1;
    const buttons = [APPLY, ...(several ? [CHOOSE] : []), AGAIN, DISCARD];
    const show = shown.trouble === "" ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    for (;;) {
      const chosen = await show(words, ...buttons);
      if (this.open?.shown !== shown) {
        return;
      }
      if (chosen === APPLY) {
        this.answer({ action: "accept" });
      } else if (chosen === DISCARD) {
        this.answer({ action: "reject" });
      } else if (chosen === AGAIN) {
        await this.again();
      } else if (chosen === CHOOSE) {
        await this.choose();
      } else {
        // The question was put away; the buttons above the diff are still there.
        return;
      }
    }
  }
}

async function close(job: string): Promise<void> {
  const isOurs = (uri: vscode.Uri): boolean => uri.scheme === SCHEME && uri.query.startsWith(`${job}/`);
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(({ input, label }) =>
    input instanceof vscode.TabInputTextDiff ? isOurs(input.modified) : input === undefined && label.startsWith("Kimi: "),
  );
  await vscode.window.tabGroups.close(ours, true);
}

function first(text: string): string {
  return text.split("\n").map((line) => line.trim()).find((line) => line !== "") ?? "";
}

function name(uri: string): string {
  return decodeURIComponent(uri.split("/").pop() ?? uri);
}
