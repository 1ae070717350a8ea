// Drives the workbench as a person does, with the packaged extension installed in a clean VS Code. What came of each step
// is a JSON line in the results; the pictures are kept.

import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import * as path from "node:path";
import { address, browse, pull, serve, until } from "./drive.mjs";

const [home, folder, vsix, linter, pictures] = process.argv.slice(2);
const entry = path.join(process.env.KIMI_TEST_VSCODE, "node_modules/code-server/out/node/entry.js");
const extensions = path.join(home, "installed");
execFileSync(process.execPath, [entry, "--extensions-dir", extensions, "--user-data-dir", path.join(home, "cli"), "--install-extension", vsix], { stdio: "pipe" });

const SETTINGS = {
  "kimi.preview": "always", "workbench.editor.enablePreview": false,
  // For the pictures' sake.
  "workbench.reduceMotion": "on", "editor.unicodeHighlight.ambiguousCharacters": false, "window.title": "${rootName}",
};
const server = await serve(home, SETTINGS, extensions);
const browser = await browse(home);
const page = browser.page;
const counts = { held: 0, disconnected: 0 };
const GUARDS = "use guard clauses";

const steps = {
  async menu_on_a_bare_cursor() {
    await line(7, 14);
    await page.waitForSelector(".lightBulbWidget:not([style*='display: none'])");
    // The same bulb goes away where nothing is offered, and nobody was asked meanwhile.
    await line(2);
    await page.waitForSelector(".lightBulbWidget", { state: "hidden" });
    equal(await pull("requests"), []);
  },
  async a_fix_from_the_menu_with_progress_and_a_preview() {
    await hold("before_content");
    await line(7, 14);
    await page.waitForSelector(".lightBulbWidget:not([style*='display: none'])");
    await page.keyboard.press("Control+.");
    const menu = page.locator(".action-widget");
    await menu.getByText("Kimi: Fix").waitFor();
    await picture("menu");
    await choose(menu, "Kimi: Fix");
    const toast = page.locator(".notification-toast", { hasText: "Kimi: Fix" });
    await toast.waitFor();
    await state("held");
    await toast.getByText(/thinking|waiting/).waitFor();
    await toast.getByRole("button", { name: "Cancel" }).waitFor();
    await picture("progress");
    await pull("control", { hold: null });
    await pull("release", {});
    await page.locator(".monaco-diff-editor").waitFor();
    await page.locator(".notification-toast", { hasText: "Added `import json`" }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll(".monaco-diff-editor .line-insert").length > 0);
    await picture("preview");
    await page.getByRole("button", { name: "Apply this edit" }).click();
    await page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
    await text("import json");
    await page.keyboard.press("Control+s");
    await until(async () => !(await page.locator(".squiggly-error").count()), "a file without problems");
  },
  async a_refactoring_with_typed_words() {
    await line(12);
    await command("Kimi: Refactor…");
    await page.locator(".quick-input-widget", { hasText: "What shall change?" }).waitFor();
    await page.keyboard.type(GUARDS);
    await page.keyboard.press("Enter");
    await page.locator(".monaco-diff-editor").waitFor();
    await command("Kimi: Apply this edit");
    await page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
    await text("if not customer");
    ok(JSON.stringify(await pull("requests")).includes(GUARDS));
  },
  async an_explanation_beside_the_code() {
    await line(21);
    await command("Kimi: Explain");
    const inner = await until(async () => {
      for (const frame of page.frames()) if (await frame.locator("#text h3, #text h2, #text p").count().catch(() => 0)) return frame;
    }, "the explanation");
    await inner.getByText("delivery").first().waitFor();
    await page.locator(".notification-toast", { hasText: "Kimi: Explain" }).waitFor({ state: "detached" });
    await page.locator("#kimi\\.status, [id='kimi.status'], .statusbar-item", { hasText: /Kimi \$/ }).first().waitFor();
    await picture("explanation");
  },
  async cancel_by_the_notification() {
    await hold("in_content");
    await page.keyboard.press("Control+1");
    await command("Kimi: Explain");
    const toast = page.locator(".notification-toast", { hasText: "Kimi: Explain" });
    await toast.waitFor();
    await state("held");
    await toast.hover();
    await toast.getByRole("button", { name: "Cancel" }).click();
    await state("disconnected");
    await toast.waitFor({ state: "detached" });
  },
};

try {
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  page.setDefaultTimeout(30_000);
  await page.goto(address(server.port, folder, [["openFile", remote(path.join(folder, "cart.py"))], ["extensionDevelopmentPath", remote(linter)]]));
  await page.locator(".squiggly-error").first().waitFor({ timeout: 60_000 });
  await page.locator(".statusbar-item", { hasText: "Kimi" }).first().waitFor();
  for (const [id, step] of Object.entries(steps)) {
    let error = "";
    try {
      await step();
    } catch (problem) {
      error = `${problem.stack ?? problem}\n${await seen()}`;
      await picture(`failed-${id}`);
      await pull("control", { hold: null });
      await pull("release", {});
    }
    appendFileSync(process.env.KIMI_TEST_RESULTS, `${JSON.stringify({ id, error })}\n`);
    if (error !== "") break;
  }
} catch (problem) {
  process.stderr.write(`${problem.stack}\n${server.log()}`);
  await picture("failed-start");
} finally {
  await browser.stop();
  await server.stop();
}

/** What a reader of a failure wants to know: what the workbench says, and what Kimi was asked. */
async function seen() {
  const said = await page.locator(".notification-toast, .statusbar-item:visible, .tab, .notification-list-item").allInnerTexts();
  const asked = (await pull("requests")).map((one) => one.state);
  return JSON.stringify({ said: said.map((one) => one.replaceAll("\n", " ")), asked });
}

async function picture(name) {
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
}

/** Goes to a line, and sees that the editor is there; what was open before may still hold the focus, so it asks again. */
async function line(number, column = 1) {
  const there = page.locator(".statusbar-item", { hasText: `Ln ${number}, Col ${column}` });
  await until(async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+1");
    await page.keyboard.press("Control+g");
    await page.locator(".quick-input-widget:visible input").waitFor();
    await page.keyboard.type(`${number}:${column}`);
    await page.keyboard.press("Enter");
    return there.waitFor({ timeout: 2000 }).then(() => true, () => false);
  }, `line ${number}`);
}

/** Runs a command from the palette, which lists what was on offer when it was opened: it is opened again until it has it. */
async function command(title) {
  const row = page.locator(".quick-input-widget .monaco-list-row.focused", { hasText: title });
  await until(async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("F1");
    await page.locator(".quick-input-widget:visible input").waitFor();
    await page.keyboard.type(title.replace(/…$/, ""));
    return row.waitFor({ timeout: 3000 }).then(() => true, () => false);
  }, title);
  await page.keyboard.press("Enter");
}

/** Picks a menu's entry by the keyboard: a click may meet a layer that waits for the mouse. */
async function choose(menu, title) {
  await until(async () => {
    if (await menu.locator(".monaco-list-row.focused", { hasText: title }).count()) return true;
    await page.keyboard.press("ArrowDown");
    return false;
  }, title);
  await page.keyboard.press("Enter");
}

async function text(words) {
  await page.locator(".editor-group-container .view-lines").getByText(words).first().waitFor();
}

async function hold(where) {
  await pull("control", { hold: where });
}

async function state(name) {
  counts[name] += 1;
  await pull(`wait?state=${name}&count=${counts[name]}&timeout=25`);
}

function ok(fits) {
  if (!fits) throw new Error("not so");
}

function equal(one, other) {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error(`${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
}
