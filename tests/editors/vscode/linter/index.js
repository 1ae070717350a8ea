// Stands for a linter's own extension: what ruff really reports of a file, whenever it is opened or saved.

const { execFile } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");

exports.activate = (context) => {
  const collection = vscode.languages.createDiagnosticCollection("ruff");
  const report = (document) => {
    if (document.uri.scheme !== "file" || !document.fileName.endsWith(".py")) return;
    const words = ["check", "--output-format=json", "--no-cache", "--exit-zero", path.basename(document.fileName)];
    execFile("ruff", words, { cwd: path.dirname(document.fileName) }, (error, out) => {
      if (error) return;
      collection.set(document.uri, JSON.parse(out).map((one) => {
        const at = (where) => new vscode.Position(where.row - 1, [...document.lineAt(where.row - 1).text].slice(0, where.column - 1).join("").length);
        const made = new vscode.Diagnostic(new vscode.Range(at(one.location), at(one.end_location)), one.message);
        return Object.assign(made, { source: "ruff", code: one.code });
      }));
    });
  };
  vscode.workspace.textDocuments.forEach(report);
  context.subscriptions.push(collection, vscode.workspace.onDidOpenTextDocument(report), vscode.workspace.onDidSaveTextDocument(report));
};
