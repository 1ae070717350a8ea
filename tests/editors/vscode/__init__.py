"""Real VS Code, served to a headless Chromium, with the extension in `editors/vscode` and a real server."""
