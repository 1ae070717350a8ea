"""Files as text, byte for byte, and where a path lies. Each function opens what it is given and nothing else.

Line ends and a byte order mark stay as they are in both directions. A file is written in one step: whoever reads it
sees the old text or the new one. Everything that goes wrong is a FileProblem.
"""

import errno
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import platformdirs

from kimi_lsp.project.file_problem import (
    AlreadyExists,
    ChangedOnDisk,
    FileProblem,
    LinkLeadsOut,
    Missing,
    NoAccess,
    NotAFile,
    NotAFolder,
    NotText,
    ReadOnly,
    TooLarge,
)

__all__ = [
    "AlreadyExists",
    "ChangedOnDisk",
    "FileProblem",
    "LinkLeadsOut",
    "Missing",
    "NoAccess",
    "NotAFile",
    "NotAFolder",
    "NotText",
    "ReadOnly",
    "TooLarge",
    "check_changeable",
    "check_folder",
    "create",
    "digest",
    "find_root",
    "followed",
    "inside",
    "is_marked",
    "locate",
    "read_text",
    "relative_path",
    "write_explanation",
    "write_text_atomically",
]

MOST_BYTES = 4 * 1024 * 1024
_ROOT_MARKS = (".git", ".kimi-lsp.toml")
_PROJECT_MARKS = ("pyproject.toml",)
_EXPLANATIONS_KEPT = 50


def read_text(path: Path, limit: int = MOST_BYTES) -> str:
    """Return a file's text; a byte order mark is its first character.

    Raises Missing, NotAFile, TooLarge (more than `limit` bytes), NotText, NoAccess.
    """
    return _read(path, limit)[0]


def write_text_atomically(path: Path, text: str, expected: str) -> None:
    """Replace a file's text, if the file still reads as `expected`. The mode stays; a hard link is broken.

    A symbolic link is followed to inside of the folder that holds it, and stays a link.
    Raises ChangedOnDisk, LinkLeadsOut, ReadOnly and what `read_text` raises; the file is then as it was.
    """
    target = _followed(path)
    before, mode = _read(target, MOST_BYTES)
    if before != expected:
        raise ChangedOnDisk(path)
    if not mode & stat.S_IWUSR:
        raise ReadOnly(path)
    _replace(target, _encoded(path, text), mode, expected=expected)


def create(path: Path, text: str) -> None:
    """Write a new file into a folder that exists. Raises AlreadyExists, NotText, NoAccess."""
    data = _encoded(path, text)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise AlreadyExists(path) from None
    except OSError as error:
        raise NoAccess(path, error) from error


def write_explanation(text: str, title: str, folder: Path | None = None, ending: str = "md") -> Path:
    """Write a file of Markdown, or of what the ending says, for an editor to show, and return where it is.

    Only its owner can read it. The folder is the platform's cache folder for kimi-lsp, where nothing else is given;
    the newest 50 of an ending are kept. Raises FileProblem.
    """
    folder = folder or platformdirs.user_cache_path("kimi-lsp", appauthor=False) / "explanations"
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "explanation"
    data = _encoded(folder / name, text)
    path = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NoAccess(folder, error) from error
    _replace(path, data, 0o600)
    _drop_old(folder, ending)
    return path


def inside(path: Path, roots: Sequence[Path]) -> Path | None:
    """Return the innermost of the roots that holds a path once links are followed, or None where none does."""
    real = path.resolve()
    holding = [root for root in roots if real.is_relative_to(root.resolve())]
    return max(holding, key=lambda root: len(root.resolve().parts), default=None)


def locate(root: Path, path: str) -> Path:
    """Return where a relative path with `/` lies, or would lie, once the links of the folders above it are followed.

    Raises LinkLeadsOut where that is outside of the root or the path is itself a link, NotAFolder where a file
    stands in the place of a folder, and NoAccess.
    """
    base = root.resolve()
    lexical = base.joinpath(*path.split("/"))
    try:
        folder = lexical.parent.resolve()
        if not folder.is_relative_to(base) or lexical.is_symlink():
            raise LinkLeadsOut(lexical)
        there = next(above for above in (folder, *folder.parents) if above.exists())
    except RuntimeError:
        # A link that leads back to itself; from Python 3.13 it resolves to itself.
        raise LinkLeadsOut(lexical) from None
    except OSError as error:
        raise NoAccess(lexical, error) from error
    if not there.is_dir():
        raise NotAFolder(there)
    return folder / lexical.name


def followed(root: Path, path: str) -> Path:
    """Return the file that a relative path with `/` leads to, all links followed.

    Raises Missing, LinkLeadsOut where that is outside of the root, and NoAccess.
    """
    lexical = root.joinpath(*path.split("/"))
    try:
        real = lexical.resolve(strict=True)
    except FileNotFoundError:
        raise Missing(lexical) from None
    except RuntimeError:
        # A link that leads back to itself, before Python 3.13.
        raise LinkLeadsOut(lexical) from None
    except OSError as error:
        raise NoAccess(lexical, error) from error
    if not real.is_relative_to(root.resolve()):
        raise LinkLeadsOut(lexical)
    return real


def check_changeable(path: Path) -> None:
    """Raise ReadOnly where a file's mode forbids writing it, and Missing or NoAccess where it cannot be looked at."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise Missing(path) from None
    except OSError as error:
        raise NoAccess(path, error) from error
    if not mode & stat.S_IWUSR:
        raise ReadOnly(path)


def check_folder(path: Path) -> None:
    """Raise NoAccess where no name may come, change or go in the folder that is, or would be, above a path."""
    there = next(above for above in path.parents if above.exists())
    if not os.access(there, os.W_OK):
        raise NoAccess(there, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def digest(path: Path) -> str:
    """Return the SHA-256 of a regular file's bytes. Raises Missing, NotAFile, TooLarge, NoAccess."""
    return hashlib.sha256(_bytes(path, MOST_BYTES)[0]).hexdigest()


def relative_path(path: Path, roots: Sequence[Path]) -> str:
    """Return a path as the model is shown it: relative to its root, with `/`.

    Of a file outside of all roots only the name is told.
    """
    root = inside(path, roots)
    if root is None:
        return path.name
    lexical, base = Path(os.path.abspath(path)), Path(os.path.abspath(root))
    if lexical.is_relative_to(base):
        return lexical.relative_to(base).as_posix()
    return path.resolve().relative_to(root.resolve()).as_posix()


def find_root(path: Path) -> Path:
    """Return the workspace's folder where no editor names one.

    That is the nearest folder above the file with a `.git` or `.kimi-lsp.toml`, else the nearest with a
    `pyproject.toml`, else the file's own.
    """
    above = Path(os.path.abspath(path)).parents
    for marks in (_ROOT_MARKS, _PROJECT_MARKS):
        for folder in above:
            if any((folder / mark).exists() for mark in marks):
                return folder
    return above[0] if above else path


def is_marked(root: Path) -> bool:
    """Tell whether a folder says of itself that it is a workspace's."""
    return any((root / mark).exists() for mark in (*_ROOT_MARKS, *_PROJECT_MARKS))


def _read(path: Path, limit: int) -> tuple[str, int]:
    """Return a file's text and its mode."""
    data, mode = _bytes(path, limit)
    try:
        return data.decode("utf-8"), mode
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotText(path, f" (line {line})") from error


def _bytes(path: Path, limit: int) -> tuple[bytes, int]:
    """Return a file's bytes and its mode."""
    try:
        # A pipe without a writer would block for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise NotAFile(path)
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise Missing(path) from None
    except IsADirectoryError:
        raise NotAFile(path) from None
    except OSError as error:
        raise NoAccess(path, error) from error
    if len(data) > limit:
        raise TooLarge(path, limit)
    return data, stat.S_IMODE(mode)


def _encoded(path: Path, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotText(path, " (half of a surrogate pair)") from error


def _followed(path: Path) -> Path:
    if not path.is_symlink():
        return path
    try:
        target = path.resolve(strict=True)
    except FileNotFoundError:
        raise Missing(path) from None
    except (OSError, RuntimeError):
        # A link that leads back to itself: OSError on Windows and from Python 3.13, RuntimeError before.
        raise LinkLeadsOut(path) from None
    if not target.is_relative_to(path.parent.resolve()):
        raise LinkLeadsOut(path)
    return target


def _replace(path: Path, data: bytes, mode: int, expected: str | None = None) -> None:
    """Put bytes in a file's place in one step; with `expected`, look once more right before it."""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        if expected is not None and read_text(path) != expected:
            raise ChangedOnDisk(path)
        temporary.replace(path)
        temporary = None
        _sync_folder(path.parent)
    except OSError as error:
        raise NoAccess(path, error) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name outlive a power cut, where the system can do that for folders."""
    if hasattr(os, "O_DIRECTORY"):
        # Some network file systems refuse; the file itself is safe already.
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _drop_old(folder: Path, ending: str) -> None:
    # Another process may clear the folder at the same time.
    with suppress(OSError):
        oldest_first = sorted(folder.glob(f"*.{ending}"), key=lambda path: path.stat().st_mtime_ns)
        for path in oldest_first[:-_EXPLANATIONS_KEPT]:
            path.unlink(missing_ok=True)
