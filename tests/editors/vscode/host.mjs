// Runs the scenarios inside a real extension host: VS Code's own test mode. They write what came of them, a JSON line for each; the console goes to stderr.

import { address, browse, serve } from "./drive.mjs";

const [home, folder, extension, tests] = process.argv.slice(2);
const server = await serve(home);
const browser = await browse(home);
let code = 1;
try {
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  const ended = new Promise((resolve) => {
    browser.page.exposeFunction("codeAutomationExit", (code) => resolve(code));
  });
  await browser.page.exposeFunction("codeAutomationLog", () => {});
  browser.page.on("console", (message) => process.stderr.write(`${message.text()}\n`));
  const payload = [["extensionDevelopmentPath", remote(extension)], ["extensionTestsPath", remote(tests)]];
  await browser.page.goto(address(server.port, folder, payload));
  code = await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve(124), 300_000).unref())]);
} finally {
  await browser.stop();
  await server.stop();
}
process.exit(code);
