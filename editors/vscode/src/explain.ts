/** Markdown in a view of its own beside the code: an explanation as it is written, what would be sent, what was spent. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

export class View {
  private panel: vscode.WebviewPanel | undefined;
  private markdown = "";
  private rendering = false;
  private readonly left = new Set<string>();
  private job = "";

  /** Takes `kimi/explaining`: the whole explanation so far. A view that the user closed stays closed for that job. */
  explaining(told: { job: string; text: string; done: boolean }): void {
    if (!this.left.has(told.job)) {
      this.job = told.job;
      void this.show("Kimi: Explanation", told.text);
    }
  }

  /** Shows a text in place of the one before; the editor keeps the focus. */
  async show(title: string, markdown: string): Promise<void> {
    this.markdown = markdown;
    const panel = this.opened(title);
    panel.title = title;
    if (this.rendering) {
      return;
    }
    this.rendering = true;
    try {
      // What came while it was rendered is rendered next.
      for (let shown: string | undefined; shown !== this.markdown; ) {
        shown = this.markdown;
        const html = await vscode.commands.executeCommand<string>("markdown.api.render", shown);
        await this.panel?.webview.postMessage({ html });
      }
    } finally {
      this.rendering = false;
    }
  }

  /** Returns what is shown, for who has to look: empty where nothing is. */
  get shown(): string {
    return this.panel === undefined ? "" : this.markdown;
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private opened(title: string): vscode.WebviewPanel {
    if (this.panel === undefined) {
      const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      // Nothing on the disk may be read, and no link may run a command.
      const options = { enableScripts: true, enableCommandUris: false, enableFindWidget: true, localResourceRoots: [] };
      const panel = vscode.window.createWebviewPanel("kimi.view", title, place, { ...options, retainContextWhenHidden: true });
      panel.webview.html = page();
      panel.onDidDispose(() => {
        this.panel = undefined;
        this.left.add(this.job);
      });
      this.panel = panel;
    }
    return this.panel;
  }
}

/** One page whose only script is ours: the text is put in as HTML that can load, send and run nothing. */
function page(): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; form-action 'none'; base-uri 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">
body { padding: 0 1.5em 2em; line-height: 1.5; max-width: 60em; font-family: var(--vscode-font-family); }
pre { padding: .8em; overflow: auto; background: var(--vscode-textCodeBlock-background); }
code { font-family: var(--vscode-editor-font-family); }
table { border-collapse: collapse; } td, th { padding: .2em .8em; border: 1px solid var(--vscode-widget-border, #8884); }
</style>
</head>
<body>
<main id="text" aria-live="polite"></main>
<script nonce="${nonce}">
window.addEventListener("message", (event) => { document.getElementById("text").innerHTML = event.data.html; });
</script>
</body>
</html>`;
}
