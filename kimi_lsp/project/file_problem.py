"""Why a file was not read or written. Each leaf holds the sentence that the user reads.

FileProblem
  Missing         there is no such file
  NotAFile        a folder, a device, a pipe
  TooLarge        more than we read
  NotText         not UTF-8
  NoAccess        the system said no
  ReadOnly        the file's mode forbids writing
  ChangedOnDisk   it does not read as expected any more
  LinkLeadsOut    a symbolic link to outside of its folder
  AlreadyExists   a new file's name is taken
"""

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
