"""Tools that look at a changed text before it is applied: linters, type checkers, compilers.

Only tools that the user's own settings list are started, never one that a folder of the workspace brings along on
the search path. Nothing is written into the workspace and nothing is shown to the model. Some tools run what the
project configures (plugins of mypy and ESLint, cargo's build scripts), just as they do when the user starts them.

    tools     the table: how each tool is known in editors, started and understood
    program   which program a name of the setting means, and the environment it gets
    stand_in  what a tool is given in place of the file on disk
    build_cache  what cargo keeps, made to forget the project's own crates
    process   one process, its limits and its end
    output    what the tools print, as findings; the forms of it that are JSON are in forms
    look      one tool looking at the text before and after a change
    found     findings and what came of a change, as values
    compare   which findings went, stayed and came
    failure   why a tool could not tell
"""

from kimi_lsp.project.checkers.compare import compare
from kimi_lsp.project.checkers.failure import CheckFailed, InsideWorkspace, NotOnPath
from kimi_lsp.project.checkers.found import Checked, Found
from kimi_lsp.project.checkers.look import Document, look, look_once
from kimi_lsp.project.checkers.program import find_program, tool_of
from kimi_lsp.project.checkers.tools import TOOLS, Tool

__all__ = [
    "TOOLS",
    "CheckFailed",
    "Checked",
    "Document",
    "Found",
    "InsideWorkspace",
    "NotOnPath",
    "Tool",
    "compare",
    "find_program",
    "look",
    "look_once",
    "tool_of",
]
