/** What the server is told of settings: only what the user has set, so that its own file and its environment still count. */

import * as vscode from "vscode";

/** Settings of this extension, which the server does not know. */
const OURS = new Set(["server", "trace"]);

/** Returns the section `kimi` without defaults. A workspace cannot set any of it: all of them have the scope `machine`. */
export function given(): Record<string, unknown> {
  const section = vscode.workspace.getConfiguration("kimi");
  const set: Record<string, unknown> = {};
  for (const name of Object.keys(section)) {
    const found = OURS.has(name) || typeof section[name] === "function" ? undefined : section.inspect(name);
    if (found?.globalValue !== undefined && found.globalValue !== null) {
      set[name] = found.globalValue;
    }
  }
  if (!vscode.workspace.isTrusted) {
    // Checkers run the project's own plugins and build scripts.
    set["checkers"] = [];
  }
  return set;
}
