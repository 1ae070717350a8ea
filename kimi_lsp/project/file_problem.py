"""Why a file was not read or written. Each leaf holds the sentence that the user reads.

FileProblem
  Missing         there is no such file
  NotAFile        a folder, a device, a pipe
  NotAFolder      a file where a folder would have to be
  TooLarge        more than we read
  NotText         not UTF-8
  NoAccess        the system said no
  ReadOnly        the file's mode forbids writing
  ChangedOnDisk   it does not read as expected any more
  LinkLeadsOut    a symbolic link to outside of its folder
  AlreadyExists   a new file's name is taken
  Undone          several files could not all be written; those that were are as they were, or it says which are not
  OutsideRoots    a picture or film that is not inside the workspace
  Withheld        a picture or film that an ignore rule keeps back
  NotMedia        no picture or film that the model takes
  Misnamed        a picture or film whose name says another format than its bytes
  MediaTooLarge   a picture or film of more bytes than may be sent
  TooMuchMedia    too many of them, or too many bytes together
"""

from collections.abc import Sequence
from pathlib import Path


class FileProblem(Exception):
    """A file could not be read or written; it is as it was. `str(problem)` is one sentence for the user."""


class Missing(FileProblem):
    """There is no such file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no file {path}.")


class NotAFile(FileProblem):
    """The path leads to a folder, a device or a pipe."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not a regular file.")


class NotAFolder(FileProblem):
    """A file stands where a folder would have to be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is not a folder.")


class TooLarge(FileProblem):
    """The file has more bytes than we read."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(
            f"{path.name} is larger than {limit // 1024} KiB, which is more than kimi-lsp reads."
        )


class NotText(FileProblem):
    """The bytes are not UTF-8, or the text cannot be written as UTF-8."""

    def __init__(self, path: Path, where: str = "") -> None:
        super().__init__(f"{path.name} is not UTF-8 text{where}.")


class NoAccess(FileProblem):
    """The operating system refused."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} could not be opened or written: {error.strerror or type(error).__name__}.")


class ReadOnly(FileProblem):
    """The file's mode forbids writing."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is read-only; it was not written.")


class ChangedOnDisk(FileProblem):
    """Someone else wrote the file meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} was changed on disk meanwhile; it was not written.")


class LinkLeadsOut(FileProblem):
    """The path is a symbolic link to outside of the folder that holds it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is a link to outside of its folder; it was not written.")


class AlreadyExists(FileProblem):
    """A new file's name is taken."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists already; it was not written.")


class Undone(FileProblem):
    """One of several changes failed, and those made before it were taken back."""

    def __init__(self, cause: FileProblem, left: Sequence[Path]) -> None:
        what = (
            f"but {', '.join(path.name for path in left)} could not be put back"
            if left
            else "and every file is as it was"
        )
        super().__init__(f"{cause} The other changes were taken back, {what}.")


class OutsideRoots(FileProblem):
    """A picture or film lies outside of the workspace, or is a link to outside of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is outside of the workspace, from which nothing is sent; copy it into the workspace."
        )


class Withheld(FileProblem):
    """An ignore file, the settings or its own name keep a picture or film from being sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}.")


class NotMedia(FileProblem):
    """By its name a file is no picture or film that the model takes."""

    def __init__(self, path: Path, advice: str) -> None:
        super().__init__(f"{path.name} cannot be shown to the model: {advice}.")


class Misnamed(FileProblem):
    """A picture's or film's name says one format, its first bytes another."""

    def __init__(self, path: Path, named: str, found: str | None) -> None:
        really = f"its content is {found}" if found else "its content is not"
        super().__init__(f"{path.name} has the name of {named}, but {really}; export it again.")


class MediaTooLarge(FileProblem):
    """A picture or film has more bytes than may be sent."""

    def __init__(self, path: Path, size: str, limit: str) -> None:
        super().__init__(f"{path.name} has {size}, and at most {limit} are sent of one; export it smaller.")


class TooMuchMedia(FileProblem):
    """The pictures and films of a request are too many, or have too many bytes together."""

    def __init__(self, limit: str) -> None:
        super().__init__(f"A request may hold at most {limit}; name fewer of them.")
