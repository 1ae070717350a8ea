// What both kinds of tests share: code-server on a free port, a headless Chromium, and an end for both.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import * as path from "node:path";

const place = process.env.KIMI_TEST_VSCODE;
const require = createRequire(path.join(place, "package.json"));
const { chromium } = require("playwright-core");

const SETTINGS = {
  "workbench.startupEditor": "none", "workbench.tips.enabled": false, "window.menuBarVisibility": "classic",
  "telemetry.telemetryLevel": "off", "update.mode": "none", "extensions.autoUpdate": false, "extensions.autoCheckUpdates": false,
  "files.autoSave": "off", "git.enabled": false, "security.workspace.trust.enabled": false, "editor.minimap.enabled": false,
  "chat.commandCenter.enabled": false, "workbench.layoutControl.enabled": false,
};

/** Starts code-server for a workspace; returns its address and what ends it. */
export async function serve(home, settings = {}, extensions = path.join(home, "extensions")) {
  const data = path.join(home, `data-${process.pid}`);
  mkdirSync(path.join(data, "User"), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  writeFileSync(path.join(data, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
  writeFileSync(path.join(home, "code-server.yaml"), "");
  // VS Code takes its environment from a login shell, which sets the PATH anew.
  for (const name of [".profile", ".bash_profile"]) writeFileSync(path.join(home, name), `export PATH='${process.env.PATH}'\n`);
  const port = await free();
  const entry = path.join(place, "node_modules/code-server/out/node/entry.js");
  const words = [entry, "--auth=none", `--bind-addr=127.0.0.1:${port}`, `--config=${path.join(home, "code-server.yaml")}`,
    `--user-data-dir=${data}`, `--extensions-dir=${extensions}`, "--disable-telemetry", "--disable-update-check",
    "--disable-workspace-trust", "--disable-getting-started-override"];
  const child = spawn(process.execPath, words, { env: { ...process.env, EXTENSIONS_GALLERY: "{}" }, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => { log += data; });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`code-server ended: ${log}`);
    try { return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok; } catch { return false; }
  }, "code-server");
  return { port, log: () => log, stop: async () => { child.kill("SIGTERM"); await ended; } };
}

/** Starts Chromium with one page. */
export async function browse(home) {
  const executablePath = process.env.KIMI_TEST_CHROMIUM;
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"];
  const context = await chromium.launchPersistentContext(path.join(home, `chromium-${process.pid}`), { executablePath, args,
    headless: true, viewport: { width: 1280, height: 800 }, locale: "en-US" });
  const page = context.pages()[0] ?? (await context.newPage());
  return { page, stop: () => context.close() };
}

/** The workbench's address: a folder, and what the workbench is to do at its start. */
export function address(port, folder, payload) {
  const asked = new URLSearchParams({ folder, payload: JSON.stringify([["skipWelcome", "true"], ...payload]) });
  return `http://127.0.0.1:${port}/?${asked}`;
}

/** Returns the first true value; fails after `within` milliseconds. */
export async function until(fits, what, within = 40_000) {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await fits();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Moves one of the sandbox's levers. */
export async function pull(what, body) {
  const headers = { Authorization: `Bearer ${process.env.KIMI_TEST_SANDBOX_KEY}`, "Content-Type": "application/json" };
  const asked = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`${process.env.KIMI_TEST_SANDBOX}/sandbox/${what}`, asked);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function free() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
