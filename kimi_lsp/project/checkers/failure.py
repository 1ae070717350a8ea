"""Why a tool could not tell whether a fix is good. Each leaf holds the clause that the user reads after its name.

CheckFailed
  NotOnPath        no such program
  InsideWorkspace  the only one found belongs to the workspace
  NoProject        the file belongs to no project of the tool's kind
  NotLaid          the text could not be laid before the tool
  NotStarted       the system did not start it
  UnsafeName       a name that Windows' command files would take for a command
  TookTooLong      stopped at its time limit
  SaidTooMuch      stopped at its output limit
  Complained       it ended with a complaint of its own
  LeftOut          its own configuration leaves the file out
  NotUnderstood    its output has not the form that was asked for
"""

from collections.abc import Sequence

_LONGEST = 120
"""Code points of a tool's own words that a clause repeats."""


class CheckFailed(Exception):
    """A tool gave no answer; `str(failure)` follows "<tool>: not checked, "."""


class NotOnPath(CheckFailed):
    """No folder of the search path has the program, or the user's path leads to none."""

    def __init__(self, absolute: bool = False) -> None:
        super().__init__("there is no such program" if absolute else "it is not on PATH")


class InsideWorkspace(CheckFailed):
    """The workspace brings the program along, and nobody asked for that one."""

    def __init__(self) -> None:
        super().__init__("the one on PATH lies inside the workspace; name it by its full path to allow it")


class NoProject(CheckFailed):
    """The tool needs a project, and there is none around the file."""

    def __init__(self, marks: Sequence[str]) -> None:
        super().__init__(f"there is no {' or '.join(marks)} above the file")


class NotLaid(CheckFailed):
    """The text, or what the tool needs around it, could not be laid before the tool."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"its copy of the project could not be made: {reason}")


class NotStarted(CheckFailed):
    """The operating system refused."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"it could not be started: {error.strerror or type(error).__name__}")


class UnsafeName(CheckFailed):
    """A batch file would read part of an argument as a command."""

    def __init__(self) -> None:
        super().__init__("a name holds characters that a .cmd file would take for a command")


class TookTooLong(CheckFailed):
    """It was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it did not finish within {seconds:g} s")


class SaidTooMuch(CheckFailed):
    """It was stopped."""

    def __init__(self, most: int) -> None:
        super().__init__(f"it printed more than {most // 1024} KiB")


class Complained(CheckFailed):
    """It ended without looking at the text."""

    def __init__(self, exit_code: int, said: str) -> None:
        words = " ".join("".join(char if char.isprintable() else " " for char in said).split())
        short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
        super().__init__(f"it ended with {exit_code}{f': {short}' if short else ''}")


class LeftOut(CheckFailed):
    """It was not asked to look at such files."""

    def __init__(self) -> None:
        super().__init__("its configuration leaves this file out")


class NotUnderstood(CheckFailed):
    """Another version of the tool, perhaps."""

    def __init__(self) -> None:
        super().__init__("its output was not understood")
