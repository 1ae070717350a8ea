r"""Which names a model may give to files: relative, plain on every system, and never inside version control.

Only the words of a path are judged here. Where it leads on a disk is for `project.files` to find out.
"""

import re
import unicodedata

from kimi_lsp.edits.refusal import BadPath
from kimi_lsp.text.twin import twin

_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])(?: *\..*)?", re.IGNORECASE
)
_NOT_ON_WINDOWS = '<>:"|?*'
_VERSION_CONTROL = frozenset((".git", ".hg", ".svn", "git~1", "hg~1", "svn~1"))
"""The last three are the short names that Windows gives to the first."""
_PIPELINES = frozenset(("jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", "appveyor.yml"))
_LONGEST_NAME = 255
"""Bytes of UTF-8: what common file systems take."""
_LONGEST_PATH = 1024
"""Code points; deeper is no name that a person chose."""


def normal(path: str) -> str:
    r"""Return a path with `/`, without `.` and empty parts.

    Raises BadPath for what is absolute, leads upwards, lies in version control, or is no name on some system.
    """
    plain = path.replace("\\", "/")
    why = _refused(plain)
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if parts and parts[0].startswith("~"):
        why = why or "it is not relative to the workspace"
    why = why or next((reason for part in parts if (reason := _refused_part(part))), "")
    if why or not parts:
        raise BadPath(path, why or "it names no file")
    return "/".join(parts)


def is_protected(path: str) -> bool:
    """Tell whether a file steers tools, such as `.github/…` or `.vscode/…`: it is touched only if the user agrees."""
    parts = path.split("/")
    return any(part.startswith(".") for part in parts) or parts[-1].lower() in _PIPELINES


def _refused(path: str) -> str:
    if len(path) > _LONGEST_PATH:
        return "it is too long"
    if path.startswith("/") or _DRIVE.match(path):
        return "it is not relative to the workspace"
    if path.endswith("/"):
        return "it names a folder"
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in path):
        return "it holds invisible characters"
    return ""


def _refused_part(part: str) -> str:
    if part == "..":
        return "it leads out of the workspace"
    if twin(part) in _VERSION_CONTROL:
        return "it lies in the folder of version control"
    if part != part.strip() or part.endswith("."):
        return "a name begins or ends with a blank, or ends with a dot"
    if _RESERVED.fullmatch(part) or any(char in _NOT_ON_WINDOWS for char in part):
        return "it is no file name on Windows"
    if len(part.encode()) > _LONGEST_NAME:
        return "it is too long"
    return ""
