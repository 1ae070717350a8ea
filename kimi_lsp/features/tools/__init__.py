"""The read-only tools that the model may call while it works on a request: one file a tool, and the dispatch.

Nothing here writes, runs a program or leaves the workspace. What a file says cannot widen that: the rules hold in
`project.workspace`, whatever is asked for. A call that cannot be done is answered in words and never fails the turn.
"""

from kimi_lsp.features.tools.result import Seen
from kimi_lsp.features.tools.tools import Limits, Readings, Toolbox, answer, subject, toolbox

__all__ = ["Limits", "Readings", "Seen", "Toolbox", "answer", "subject", "toolbox"]
