"""An offline Kimi on loopback, for the demo and for tests.

It speaks the model card over real sockets, but there is no model in it: a few deterministic skills read the request
and answer what they can, and every answer says that it comes from the sandbox. Nothing of the house is imported
here, so that the sandbox cannot share a mistake with the client that is tested against it; nothing here opens a
file or an address beyond loopback.
"""

from kimi_lsp.sandbox.errors import PortTaken, SandboxError, UnknownFault
from kimi_lsp.sandbox.listen import serve
from kimi_lsp.sandbox.service import app

__all__ = ["PortTaken", "SandboxError", "UnknownFault", "app", "serve"]
