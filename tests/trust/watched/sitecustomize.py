"""Python reads this at its start where this folder is on its path: it writes down what reaches out of the process.

KIMI_LSP_TEST_WATCH is the file for that, one JSON list a line: the event, then what it was about.
"""

import json
import os
import sys

_file = os.open(os.environ["KIMI_LSP_TEST_WATCH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_ABOUT = {
    "socket.connect": slice(1, 2),
    "socket.sendto": slice(1, 2),
    "socket.sendmsg": slice(1, 2),
    "socket.getaddrinfo": slice(0, 2),
    "socket.gethostbyname": slice(0, 1),
    "socket.gethostbyaddr": slice(0, 1),
    "subprocess.Popen": slice(0, 4),
    "os.system": slice(0, 1),
    "os.exec": slice(0, 3),
    "os.posix_spawn": slice(0, 3),
    "os.mkdir": slice(0, 1),
    "os.rename": slice(0, 2),
    "os.remove": slice(0, 1),
    "os.rmdir": slice(0, 1),
    "os.symlink": slice(0, 2),
    "os.link": slice(0, 2),
    "shutil.rmtree": slice(0, 1),
    "sqlite3.connect": slice(0, 1),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _mode, flags = arguments
        if not (isinstance(flags, int) and flags & _WRITES) or not isinstance(
            path, str | bytes | os.PathLike
        ):
            return
        told: list[object] = [event, path]
    elif event in _ABOUT:
        told = [event, *arguments[_ABOUT[event]]]
    else:
        return
    os.write(_file, (json.dumps(told, default=_plain) + "\n").encode())


def _plain(value: object) -> object:
    return os.fsdecode(value) if isinstance(value, bytes | os.PathLike) else repr(value)


sys.addaudithook(_watch)
