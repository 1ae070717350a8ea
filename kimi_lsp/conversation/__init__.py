"""What is said to a model and what it answers, as values, and the one protocol that a model fulfils.

Pure: no sockets, no wire formats (those are in `kimi/wire`), no prose for the model (that is in `prompt`).
"""

from kimi_lsp.conversation.media import Media
from kimi_lsp.conversation.model import (
    Delta,
    Model,
    ModelError,
    ReasoningDelta,
    Reply,
    Request,
    TextDelta,
    Waiting,
)
from kimi_lsp.conversation.turns import Image, Message, Part, Reasoning, Schema, Text, Tool, ToolCall, Video
from kimi_lsp.conversation.usage import Usage

__all__ = [
    "Delta",
    "Image",
    "Media",
    "Message",
    "Model",
    "ModelError",
    "Part",
    "Reasoning",
    "ReasoningDelta",
    "Reply",
    "Request",
    "Schema",
    "Text",
    "TextDelta",
    "Tool",
    "ToolCall",
    "Usage",
    "Video",
    "Waiting",
]
