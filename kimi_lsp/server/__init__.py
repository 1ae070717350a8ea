"""The only room that speaks LSP. Everything that leaves it downwards is a value of `text` or `features`.

stdout is the wire: nothing here prints, and no failure of a message, a model or a client ends the server.
"""
