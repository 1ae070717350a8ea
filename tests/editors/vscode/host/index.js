// The scenarios, inside the extension host: the real `vscode` API, the real extension, a real server and the sandbox.

const { execFileSync } = require("node:child_process");
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

const root = vscode.workspace.workspaceFolders[0].uri.fsPath;
const JSON_IMPORT = "import json";
const GUARDS = "use guard clauses";
let inside;

const scenarios = {
  async menu_where_it_fits() {
    const editor = await open("cart.py");
    await report(editor.document);
    const fix = await menu(editor, place(editor, "json.dumps"));
    equal(fix.filter((title) => title.includes("Fix")), ["Kimi: Fix “Undefined name `json`”"]);
    const all = await menu(editor, lines(editor, "discount"));
    ok(all.some((title) => title.includes("Refactor")) && all.some((title) => title.includes("Explain")), all);
    ok(all.length <= 3 && all.every((title) => title.startsWith("Kimi: ")), all);
    equal(await asked(), []);
  },
  async fix_a_diagnostic() {
    const editor = await open("cart.py");
    const before = editor.document.getText();
    await report(editor.document);
    await pick(editor, place(editor, "json.dumps"), "Kimi: Fix");
    await until(() => editor.document.getText().includes(JSON_IMPORT), "the fix");
    await editor.document.save();
    equal(ruff("cart.py"), []);
    equal(said(editor.document.getText()).filter((line) => line !== JSON_IMPORT), said(before));
  },
  async refactor_with_an_instruction() {
    const editor = await open("cart.py");
    await run("refactor", editor, lines(editor, "discount"), { instruction: GUARDS });
    await until(() => editor.document.getText().includes("    if not customer"), "the refactoring");
    ok(JSON.stringify(await asked()).includes(GUARDS));
  },
  async explain() {
    const editor = await open("cart.py");
    const before = editor.document.getText();
    const answer = await run("explain", editor, lines(editor, "delivery"));
    equal(answer.status, "ok");
    await until(() => inside.view.shown === answer.markdown, "the view");
    ok(answer.markdown.includes("delivery") && answer.markdown.includes("sandbox"), answer.markdown);
    equal(editor.document.getText(), before);
  },
  async cancel_in_the_middle() {
    const editor = await open("cart.py");
    const before = editor.document.getText();
    await pull("control", { hold: "in_content" });
    const running = run("refactor", editor, lines(editor, "discount"), { instruction: GUARDS });
    await state("held");
    await vscode.commands.executeCommand("kimi.client.cancel");
    equal((await running).status, "cancelled");
    await state("disconnected");
    equal(editor.document.getText(), before);
    await until(() => !inside.status.text().includes("loading"), "the end");
  },
  async type_elsewhere_during_the_wait() {
    const editor = await open("cart.py");
    await pull("control", { hold: "before_content" });
    const running = run("refactor", editor, lines(editor, "discount"), { instruction: GUARDS });
    await state("held");
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# typed 🎈\n"));
    await pull("release", {});
    equal((await running).status, "ok");
    const text = editor.document.getText();
    ok(text.startsWith('# typed 🎈\n"""The cart') && text.includes("    if not customer"), text);
  },
  async type_there_during_the_wait() {
    const editor = await open("cart.py");
    await pull("control", { hold: "before_content" });
    const running = run("refactor", editor, lines(editor, "discount"), { instruction: GUARDS });
    await state("held");
    await editor.edit((edit) => edit.replace(place(editor, "5000"), "4000"));
    const typed = editor.document.getText();
    await pull("release", {});
    // It asks whether to ask again; the question is put away.
    let answer;
    running.then((result) => { answer = result; });
    await until(async () => {
      await vscode.commands.executeCommand("notifications.clearAll");
      return answer;
    }, "the end");
    equal(answer.status, "stale");
    ok(answer.message.includes("was changed"), answer.message);
    equal(editor.document.getText(), typed);
  },
  async undo_in_one_step() {
    const editor = await open("several.py");
    const before = editor.document.getText();
    await report(editor.document);
    await pick(editor, place(editor, "= []"), "Kimi: Fix");
    await until(() => editor.document.getText().includes("= None"), "the fix");
    await vscode.commands.executeCommand("undo");
    await until(() => editor.document.getText() === before, "the text before");
  },
  async columns_that_are_not_ascii() {
    const editor = await open("accents.py");
    const before = editor.document.getText();
    await report(editor.document);
    await pick(editor, place(editor, "json.dumps"), "Kimi: Fix");
    await until(() => editor.document.getText().includes(JSON_IMPORT), "the fix");
    equal(said(editor.document.getText()).filter((line) => line !== JSON_IMPORT), said(before));
  },
  async windows_line_ends() {
    const editor = await open("windows.py");
    await report(editor.document);
    await pick(editor, place(editor, "json.dumps"), "Kimi: Fix");
    await until(() => editor.document.getText().includes(JSON_IMPORT), "the fix");
    await editor.document.save();
    const saved = readFileSync(path.join(root, "windows.py"), "utf8");
    ok(saved.includes(`${JSON_IMPORT}\r\n`) && saved.split("\n").length === saved.split("\r\n").length, saved);
  },
  async suggestion_made_from_memory() {
    const editor = await open("several.py");
    await reviewed(editor);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# typed 🎈\n"));
    const all = await menu(editor, place(editor, "def add"));
    ok(all.length <= 3 && all[0].startsWith("Kimi: Apply “All calls share") && all[1].startsWith("Kimi: Dismiss"), all);
    await pick(editor, place(editor, "def add"), "Kimi: Apply");
    const text = editor.document.getText();
    ok(text.startsWith("# typed 🎈\n") && text.includes("    if basket is None:\n        basket = []\n"), text);
    await until(() => hints(editor).length === 0, "the end of the hint");
    equal((await asked()).length, 1);
  },
  async suggestion_dismissed() {
    const editor = await open("several.py");
    const before = editor.document.getText();
    await reviewed(editor);
    const answer = await run("dismiss", editor, place(editor, "def add"));
    equal(answer.status, "ok");
    await until(() => hints(editor).length === 0, "the end of the hint");
    const again = await run("review", editor, new vscode.Range(0, 0, 0, 0));
    ok(again.message.includes("1 dismissed before"), again);
    equal(hints(editor), []);
    equal(editor.document.getText(), before);
  },
  async server_killed_and_restarted() {
    const editor = await open("cart.py");
    await until(() => inside.running(), "the server");
    const [process_] = servers();
    process.kill(process_, "SIGKILL");
    await until(() => !inside.running(), "its end");
    // Nobody restarts it by hand.
    await until(() => inside.running(), "the new server");
    const answer = await run("explain", editor, lines(editor, "delivery"));
    equal(answer.status, "ok");
  },
  async no_key() {
    const key = process.env.KIMI_LSP_API_KEY;
    delete process.env.KIMI_LSP_API_KEY;
    try {
      await vscode.commands.executeCommand("kimi.client.restart");
      await until(() => inside.running(), "the server");
      const editor = await open("cart.py");
      const before = editor.document.getText();
      const answer = await run("explain", editor, lines(editor, "delivery"));
      equal(answer.status, "failed");
      ok(answer.message.includes("EMPIRIOLABS_API_KEY"), answer.message);
      await until(() => inside.status.text().includes("no key"), "the status");
      equal(editor.document.getText(), before);
      equal(await asked(), []);
    } finally {
      process.env.KIMI_LSP_API_KEY = key;
      await vscode.commands.executeCommand("kimi.client.restart");
      await until(() => inside.running(), "the server");
    }
  },
  async an_edit_is_seen_before_it_is_made() {
    await configure("preview", "always");
    const editor = await open("cart.py");
    const before = editor.document.getText();
    for (const [answer, status] of [["rejectEdit", "refused"], ["acceptEdit", "ok"]]) {
      const running = run("refactor", editor, lines(editor, "discount"), { instruction: GUARDS });
      const diff = await until(() => tabs().find((input) => input instanceof vscode.TabInputTextDiff), "the diff");
      ok((await vscode.workspace.openTextDocument(diff.modified)).getText().includes("    if not customer"));
      equal(editor.document.getText(), before);
      await vscode.commands.executeCommand(`kimi.client.${answer}`);
      equal((await running).status, status);
      equal(tabs().filter((input) => input instanceof vscode.TabInputTextDiff).length, 0);
    }
    ok(editor.document.getText().includes("    if not customer"));
    await configure("preview", undefined);
  },
  async only_what_the_user_set_reaches_the_server() {
    // The environment names the sandbox; a default of the extension's own would have taken its place.
    const editor = await open("cart.py");
    equal((await run("explain", editor, lines(editor, "delivery"))).status, "ok");
    await configure("codeActions", "off");
    await until(async () => (await menu(editor, lines(editor, "discount"))).length === 0, "the quiet menu");
    await configure("codeActions", undefined);
    await until(async () => (await menu(editor, lines(editor, "discount"))).length > 0, "the menu");
  },
};

exports.run = async () => {
  inside = await vscode.extensions.getExtension("kimi-lsp.kimi-lsp").activate();
  await until(() => inside.running(), "the server");
  const files = Object.fromEntries(["cart.py", "accents.py", "windows.py", "several.py"].map((name) => [name, readFileSync(path.join(root, name))]));
  let failed = 0;
  for (const [id, scenario] of Object.entries(scenarios)) {
    let error = "";
    try {
      for (const document of vscode.workspace.textDocuments.filter((one) => one.isDirty)) {
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand("workbench.action.files.revert");
      }
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      collection.clear();
      for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(root, name), bytes);
      await pull("control", { hold: null, fault: null });
      seen = (await pull("requests")).length;
      await scenario();
    } catch (problem) {
      error = problem.stack ?? String(problem);
      failed += 1;
      await vscode.commands.executeCommand("kimi.client.cancel");
      await pull("release", {});
    }
    appendFileSync(process.env.KIMI_TEST_RESULTS, `${JSON.stringify({ id, error })}\n`);
  }
  if (failed > 0) throw new Error(`${failed} failed`);
};

let seen = 0;
const counts = { held: 0, disconnected: 0 };
const collection = vscode.languages.createDiagnosticCollection("ruff");

async function open(name) {
  const document = await vscode.workspace.openTextDocument(path.join(root, name));
  const editor = await vscode.window.showTextDocument(document);
  // What was written to the disk before may still be on its way.
  await until(() => document.getText() === readFileSync(path.join(root, name), "utf8"), "the file");
  return editor;
}

function place(editor, words) {
  const start = editor.document.getText().indexOf(words);
  return new vscode.Range(editor.document.positionAt(start), editor.document.positionAt(start + words.length));
}

function lines(editor, name) {
  const all = editor.document.getText().split(/\r?\n/);
  const first = all.findIndex((line) => line.startsWith(`def ${name}(`));
  let last = all.findIndex((line, row) => row > first && line !== "" && !/^\s/.test(line));
  if (last < 0) last = all.length;
  while (all[last - 1].trim() === "") last -= 1;
  return new vscode.Range(first, 0, last - 1, all[last - 1].length);
}

function ruff(name) {
  const words = ["check", "--output-format=json", "--no-cache", "--exit-zero", name];
  return JSON.parse(execFileSync("ruff", words, { cwd: root, encoding: "utf8" }));
}

/** Shows what ruff really reports, as its own extension does. */
async function report(document) {
  const found = ruff(path.basename(document.fileName)).map((one) => {
    const at = (where) => {
      // ruff counts code points, the editor UTF-16 units.
      const line = [...document.lineAt(where.row - 1).text];
      return new vscode.Position(where.row - 1, line.slice(0, where.column - 1).join("").length);
    };
    const made = new vscode.Diagnostic(new vscode.Range(at(one.location), at(one.end_location)), one.message);
    made.source = "ruff";
    made.code = one.code;
    return made;
  });
  collection.set(document.uri, found);
}

async function actions(editor, range) {
  await until(() => inside.running(), "the server");
  const found = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", editor.document.uri, range);
  return found.filter((one) => one.title.startsWith("Kimi"));
}

async function menu(editor, range) {
  return (await actions(editor, range)).map((one) => one.title);
}

async function pick(editor, range, title) {
  const action = await until(async () => (await actions(editor, range)).find((one) => one.title.startsWith(title)), title);
  if (action.edit !== undefined) {
    ok(await vscode.workspace.applyEdit(action.edit), title);
  }
  if (action.command !== undefined) {
    await vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
  }
}

function hints(editor) {
  return vscode.languages.getDiagnostics(editor.document.uri).filter((one) => one.source === "kimi");
}

/** Has a file reviewed that nothing is selected in, and returns once the suggestion is shown. */
async function reviewed(editor) {
  editor.selection = new vscode.Selection(0, 0, 0, 0);
  await vscode.commands.executeCommand("kimi.client.review");
  const [hint] = await until(() => hints(editor).length > 0 && hints(editor), "the hint");
  equal(hint.severity, vscode.DiagnosticSeverity.Hint);
}

function run(name, editor, range, more = {}) {
  const position = (at) => ({ line: at.line, character: at.character });
  const argument = { uri: editor.document.uri.toString(), range: { start: position(range.start), end: position(range.end) }, ...more };
  return vscode.commands.executeCommand(`kimi.${name}`, argument);
}

function tabs() {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.input);
}

async function configure(name, value) {
  await vscode.workspace.getConfiguration("kimi").update(name, value, vscode.ConfigurationTarget.Global);
}

function servers() {
  const words = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const rows = words.map((line) => line.trim().split(/\s+/)).filter((row) => row.length > 2);
  return rows.filter((row) => Number(row[1]) === process.pid && row.some((word) => word.endsWith("kimi-lsp"))).map((row) => Number(row[0]));
}

function said(text) {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

async function pull(what, body) {
  const headers = { Authorization: `Bearer ${process.env.KIMI_TEST_SANDBOX_KEY}`, "Content-Type": "application/json" };
  const answer = await fetch(`${process.env.KIMI_TEST_SANDBOX}/sandbox/${what}`, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function asked() {
  return (await pull("requests")).slice(seen);
}

/** Returns once one more request than before is held or disconnected. */
async function state(name) {
  counts[name] += 1;
  await pull(`wait?state=${name}&count=${counts[name]}&timeout=25`);
}

async function until(fits, what, within = 30_000) {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await fits();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ok(fits, told) {
  if (!fits) throw new Error(`not so: ${JSON.stringify(told)}`);
}

function equal(one, other) {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error(`${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
}
