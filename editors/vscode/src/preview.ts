/**
 * An edit shown before it is made: `kimi/preview`. A diff of the texts, with buttons above it; the request's own notification
 * says so. It takes no focus: whoever types on applies nothing by it.
 */

import * as vscode from "vscode";

export const SCHEME = "kimi-preview";
/** Texts that are kept; an editor asks for one again when its tab is shown again. */
const KEPT = 200;

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

  /** `say` shows a sentence in the notification of a job. */
  constructor(private readonly say: (job: string, message: string) => void) {}

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Shows an edit and returns the user's word; one that is taken back is left. */
  async ask(shown: Shown, cancelled: vscode.CancellationToken): Promise<Answer> {
    this.open?.answer({ action: "reject" });
    let leave: (answer: Answer) => void = () => undefined;
    const answered = new Promise<Answer>((resolve) => {
      leave = resolve;
    });
    const mine: Open = { shown, answer: leave };
    this.open = mine;
    // Whoever closes the diff does not want it.
    const leaving = vscode.Disposable.from(
      cancelled.onCancellationRequested(() => leave({ action: "reject" })),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.some((tab) => isOf(tab, shown.job))) {
          leave({ action: "reject" });
        }
      }),
    );
    try {
      await this.show(shown);
      await vscode.commands.executeCommand("setContext", "kimi.preview", true);
      const words = [shown.trouble === "" ? "" : `⚠ ${shown.trouble}`, shown.summary, `(${shown.cost})`];
      this.say(shown.job, `${words.filter((one) => one !== "").join(" ")} – Above the diff: ✓ applies it, ✕ discards it.`);
      return await answered;
    } finally {
      leaving.dispose();
      if (this.open === mine) {
        this.open = undefined;
        await vscode.commands.executeCommand("setContext", "kimi.preview", false);
      }
      await close(shown.job);
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
        while (this.texts.size > KEPT) {
          this.texts.delete(this.texts.keys().next().value ?? "");
        }
        return uri;
      };
      return [at, side("now", file.before), side("proposed", file.after)];
    });
    const [only] = pairs;
    if (pairs.length === 1 && only !== undefined) {
      const title = `${name(only[0].path)}: now ↔ proposed by Kimi`;
      await vscode.commands.executeCommand("vscode.diff", only[1], only[2], title, { preview: true, preserveFocus: true });
    } else {
      await vscode.commands.executeCommand("vscode.changes", shown.title, pairs);
    }
  }
}

async function close(job: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(tabs.filter((tab) => isOf(tab, job)), true);
}

function isOf({ input, label }: vscode.Tab, job: string): boolean {
  if (input instanceof vscode.TabInputTextDiff) {
    return input.modified.scheme === SCHEME && input.modified.query.startsWith(`${job}/`);
  }
  // The API has no name yet for the tab of several diffs.
  return input === undefined && label.startsWith("Kimi: ");
}

function first(text: string): string {
  return text.split("\n").map((line) => line.trim()).find((line) => line !== "") ?? "";
}

function name(uri: string): string {
  return decodeURIComponent(uri.split("/").pop() ?? uri);
}
