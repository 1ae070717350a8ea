"""`workspace/textDocumentContent`: virtual documents, from memory only, since some editors wait a second at most."""

from lsprotocol import types

from kimi_lsp.server.session import KimiServer


def text_document_content(
    server: KimiServer, params: types.TextDocumentContentParams
) -> types.TextDocumentContentResult:
    """Return an explanation's text."""
    return types.TextDocumentContentResult(text=server.explanations.text(params.uri))
