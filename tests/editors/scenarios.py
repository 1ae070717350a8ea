"""What a user does in an editor, and what must then be seen: one list, and every editor is held to all of it.

A folder beside this file (`emacs`, `nvim`, `vscode`) has, for each entry, a test called `test_<id>`, or one test with
the id as its parameter (`test_scenario[<id>]`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that must work in every editor. The files are those of `conftest.Workspace`."""

    id: str
    user: str
    """What the user does."""
    seen: str
    """What must be seen, in the editor and in the sandbox's journal."""


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "menu_on_a_bare_cursor",
        "Puts the cursor on a line of cart.py that has no diagnostic, and lets the editor ask by itself.",
        "Nothing of Kimi's is offered, and the sandbox is asked nothing.",
    ),
    Scenario(
        "menu_where_it_fits",
        "Asks for the menu on the diagnostic of cart.py, then on a selection.",
        "On the diagnostic: the fix, named after it. On the selection: refactor and explain. At most three entries, "
        "all starting with `Kimi:`; the sandbox is asked nothing.",
    ),
    Scenario(
        "fix_a_diagnostic",
        "Fixes what ruff really reports in cart.py (F821, `json`), which another source than Kimi has shown.",
        "`import json` is in the buffer and ruff reports nothing any more; the file's other lines are as they were.",
    ),
    Scenario(
        "refactor_with_an_instruction",
        "Selects `discount` in cart.py and asks, in the editor's own input, for guard clauses.",
        "The ifs are flat; the words reached the sandbox.",
    ),
    Scenario(
        "explain",
        "Selects `delivery` in cart.py and asks for an explanation.",
        "The explanation is shown, names `delivery` and says that it is the sandbox's; the buffer is unchanged.",
    ),
    Scenario(
        "cancel_in_the_middle",
        "Starts a refactoring while the sandbox is held in the middle of its answer, and cancels it.",
        "The sandbox's journal has the request as disconnected, without it ever being released; the buffer is "
        "unchanged, and nothing runs any more.",
    ),
    Scenario(
        "type_elsewhere_during_the_wait",
        "Starts a refactoring of `discount`, held; types a new line at the top of cart.py; the sandbox goes on.",
        "Both are in the buffer: the typed line, and the refactoring at its place, which has moved.",
    ),
    Scenario(
        "type_there_during_the_wait",
        "Starts a refactoring of `discount`, held; changes the very lines in question; the sandbox goes on.",
        "The edit is refused with a sentence, and the buffer is exactly what the user typed.",
    ),
    Scenario(
        "undo_in_one_step",
        "Fixes the diagnostic of several.py, which takes edits in more than one place, and undoes once.",
        "The buffer is exactly as it was before the fix.",
    ),
    Scenario(
        "columns_that_are_not_ascii",
        "Fixes the diagnostic of accents.py, which stands behind an emoji and accents on its line.",
        "`import json` is there, and every other line is byte for byte as it was.",
    ),
    Scenario(
        "windows_line_ends",
        "Fixes the diagnostic of windows.py, whose lines end in CRLF, and saves.",
        "The saved file has `import json`, and every line still ends in CRLF.",
    ),
    Scenario(
        "suggestion_made_from_memory",
        "Has several.py reviewed, types a line at its top, and picks the suggestion from the menu at its line.",
        "A hint of Kimi's stood at the line. Both places of its edit are changed, the typed line stands, and the hint is "
        "gone; the sandbox was asked once.",
    ),
    Scenario(
        "suggestion_dismissed",
        "Has several.py reviewed, dismisses the suggestion, and has the file reviewed again.",
        "The hint is gone and does not come back; the buffer is unchanged.",
    ),
    Scenario(
        "server_killed_and_restarted",
        "The server's process is killed while a file is open; the user starts it again, or the editor does.",
        "The editor goes on, says that the server is gone or starts it again, and an explanation works afterwards.",
    ),
    Scenario(
        "no_key",
        "Works without a key, and asks for an explanation.",
        "A sentence says that there is no key and what to do; the buffer is unchanged; the sandbox is asked nothing.",
    ),
)
