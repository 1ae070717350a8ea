"""The least that a pygls server can be: the framework, which keeps the documents, and a menu that never changes."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

MENU = [
    types.CodeAction(
        "Explain", types.CodeActionKind.RefactorRewrite, command=types.Command("Explain", "explain")
    ),
    types.CodeAction("Fix", types.CodeActionKind.QuickFix, command=types.Command("Fix", "fix")),
]


def main() -> None:
    server = LanguageServer("minimal", "1")

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def code_actions(_params: types.CodeActionParams) -> list[types.CodeAction]:
        return MENU

    server.start_io()


if __name__ == "__main__":
    main()
