/** The status bar: what runs, whether a key is missing, what today has cost. A click opens a menu. */

import * as vscode from "vscode";

export interface Told {
  state: "idle" | "busy" | "noKey" | "error";
  jobs: number;
  today: { usd: number | null; requests: number };
  message: string;
}

type State = Told | "off" | "starting";

export class Status {
  private readonly item = vscode.window.createStatusBarItem("kimi.status", vscode.StatusBarAlignment.Right, 90);
  private now: State = "off";

  constructor() {
    this.item.name = "Kimi";
    this.item.command = "kimi.client.menu";
    this.show("off");
    this.item.show();
  }

  /** Shows a state: what the server told, or that there is none. */
  show(state: State): void {
    this.now = state;
    this.item.text = this.text();
    this.item.tooltip = this.tooltip();
    const warns = typeof state === "object" && (state.state === "noKey" || state.state === "error");
    this.item.backgroundColor = warns ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  }

  /** Returns the words in the bar. */
  text(): string {
    const now = this.now;
    if (now === "off") {
      return "$(circle-slash) Kimi";
    }
    if (now === "starting") {
      return "$(loading~spin) Kimi";
    }
    if (now.state === "busy") {
      return `$(loading~spin) Kimi${now.jobs > 1 ? ` ${now.jobs}` : ""}`;
    }
    if (now.state === "noKey") {
      return "$(key) Kimi: no key";
    }
    const usd = now.today.usd ?? 0;
    const cost = usd > 0 ? ` $${usd.toFixed(usd < 0.1 ? 4 : 2)}` : "";
    return `${now.state === "error" ? "$(warning)" : "$(sparkle)"} Kimi${cost}`;
  }

  /** Opens the menu: what there is to do now. */
  async menu(): Promise<void> {
    const now = this.now;
    const busy = typeof now === "object" && now.jobs > 0;
    const items: (vscode.QuickPickItem & { command: string })[] = [
      ...(busy ? [{ label: "$(stop-circle) Cancel what runs", command: "kimi.client.cancel" }] : []),
      { label: "$(key) Set the API key…", command: "kimi.client.setKey" },
      { label: "$(credit-card) Show what was spent", command: "kimi.client.usage" },
      { label: "$(output) Show the log", command: "kimi.client.showLog" },
      { label: "$(debug-restart) Restart the server", command: "kimi.client.restart" },
    ];
    const chosen = await vscode.window.showQuickPick(items, { title: this.tooltip() });
    if (chosen !== undefined) {
      await vscode.commands.executeCommand(chosen.command);
    }
  }

  dispose(): void {
    this.item.dispose();
  }

  private tooltip(): string {
    const now = this.now;
    if (typeof now === "string") {
      return now === "off" ? "Kimi does not run" : "Kimi starts";
    }
    const usd = now.today.usd;
    const many = now.today.requests === 1 ? "1 request" : `${now.today.requests} requests`;
    const spent = usd === null ? "" : `Today: $${usd.toFixed(4)}, ${many}`;
    return [now.message, spent].filter((one) => one !== "").join("\n") || "Kimi";
  }
}
