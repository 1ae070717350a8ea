"""The least that a pygls server can be: the framework with one feature, so that it has something to announce."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer


def main() -> None:
    server = LanguageServer("minimal", "1")

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def code_actions(_params: types.CodeActionParams) -> list[types.CodeAction]:
        return []

    server.start_io()


if __name__ == "__main__":
    main()
