"""kimi-lsp: exact, previewable, undoable edits and explanations from Kimi K2.7 Code, in any editor.

The house, top to bottom; arrows point down only (import-linter checks it in the test run):

    cli           the front door; the only room that prints
    server        the only room that speaks LSP
    connect       settings in, a model out
    features      one file per thing a user can see
    prompt        what the model is shown and asked                       pure
    edits         from what the model proposed to exact edits             pure
    project       disk, ignore rules, settings files, syntax
    kimi          Kimi over the wire; the only room that opens a socket
    text          documents as values                                     pure
    conversation  what is said, as values; the Model protocol             pure

`sandbox`, an offline Kimi for the demo and the tests, stands alone and imports nothing of the house.
"""

__version__ = "0.1.0"
