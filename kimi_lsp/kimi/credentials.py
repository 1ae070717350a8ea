"""The API key: where it comes from, and a value that does not show it.

A key is never written to a file of our own, never logged, and never part of an error.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import NoReturn

from kimi_lsp.kimi.errors import KeyCommandFailed, NoKey, UnusableKey

VARIABLES = ("EMPIRIOLABS_API_KEY", "KIMI_LSP_API_KEY")
"""Looked at in this order."""
_SERVICE, _USER = "kimi-lsp", "api-key"
_COMMAND_SECONDS = 30
"""Long enough for a password manager that asks for a finger on a key."""
_LOOKS_LIKE_A_KEY = re.compile(r"\bsk-[\w.*-]{4,}|\bbearer\s+\S+", re.IGNORECASE)


class Key:
    """An API key. Nothing but `reveal` gives it back: no repr, no str, no format, no pickle, no attribute dict."""

    __slots__ = ("__value",)

    def __init__(self, value: str, source: str = "the settings") -> None:
        value = value.strip()
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise UnusableKey(what=source)
        self.__value = value

    def __repr__(self) -> str:
        return "Key(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not copied or stored")

    def reveal(self) -> str:
        """Return the key itself; for the one place that writes the Authorization header."""
        return self.__value

    def hide(self, text: str) -> str:
        """Return a text without this key and without what looks like a key or the start of this one."""
        text = re.sub(re.escape(self.__value), "***", text, flags=re.IGNORECASE)
        if len(self.__value) >= 12:
            text = re.sub(re.escape(self.__value[:8]) + r"[\w.*-]*", "***", text, flags=re.IGNORECASE)
        return _LOOKS_LIKE_A_KEY.sub("***", text)


def find_key(environ: Mapping[str, str], command: Sequence[str] = (), keyring: bool = True) -> Key:
    """Return the API key from the environment, else from a key command, else from the system's keyring.

    The command is an argument list, run without a shell and without our standard input.
    Raises NoKey, KeyCommandFailed or UnusableKey.
    """
    for name in VARIABLES:
        if environ.get(name, "").strip():
            return Key(environ[name], name)
    if command:
        return Key(_printed_by(command, environ), "api_key_command")
    stored = _from_keyring() if keyring else None
    if stored:
        return Key(stored, "the system keyring")
    raise NoKey


def _printed_by(command: Sequence[str], environ: Mapping[str, str]) -> str:
    program = os.path.basename(command[0])
    if os.path.dirname(command[0]) and not os.path.isabs(command[0]):
        # It would be another program in each folder, and a folder may be a stranger's.
        raise KeyCommandFailed(what=f"names {program} by a relative path, and a full path is needed")
    try:
        # The user's own setting; a workspace file cannot set it. Its output is never shown: it may be the key.
        done = subprocess.run(  # noqa: S603
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_COMMAND_SECONDS,
            check=False,
            env=_safe(environ),
        )
    except subprocess.TimeoutExpired:
        problem = f"{program} did not end within {_COMMAND_SECONDS} s"
    except (OSError, ValueError):
        problem = f"{program} could not be started"
    else:
        printed = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode == 0 and printed:
            return printed
        problem = (
            f"{program} printed nothing" if not done.returncode else f"{program} ended with {done.returncode}"
        )
    raise KeyCommandFailed(what=problem)


def _safe(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which a program is not looked for in the folder where the editor happens to be."""
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    kept = {name: value for name, value in environ.items() if name not in VARIABLES}
    return {**kept, "PATH": os.pathsep.join(folder for folder in folders if os.path.isabs(folder))}


def _from_keyring() -> str | None:
    try:
        import keyring  # noqa: PLC0415 - an extra, and slow to import
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(_SERVICE, _USER)
    except KeyringError:
        return None
    return found
