"""The process that has imported everything, and forks itself for each `kimi-lsp` that a test starts.

It ends when its stdin does. Beside each child a keeper waits: it passes signals on, tells the child's end, and ends the
child where nobody waits for it any more.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from typing import Any, NoReturn


def main(path: str) -> None:
    root = os.getcwd()
    sys.path[:] = [root, *(folder for folder in sys.path if folder != os.path.dirname(__file__))]
    package = importlib.import_module("kimi_lsp")
    for module in pkgutil.walk_packages(package.__path__, "kimi_lsp."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    # As `python -m kimi_lsp` does it; in a child the folder is another one.
    sys.path.remove(root)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(64)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([door.fileno(), 0], [], [])
            if 0 in ready:
                return
            asked, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _keep(asked)
            asked.close()


def _keep(asked: socket.socket) -> NoReturn:
    """Fork the child and stay beside it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, streams, _, _ = socket.recv_fds(asked, 4, 3)
    size, told = int.from_bytes(head, "big"), b""
    while len(told) < size and (more := asked.recv(size - len(told))):
        told += more
    if len(told) < size:
        os._exit(1)
    child = os.fork()
    if child == 0:
        asked.close()
        _be(json.loads(told), streams)
    for stream in (*streams, 0, 1, 2):
        os.close(stream)
    ended = os.pidfd_open(child)
    while True:
        ready, _, _ = select.select([asked.fileno(), ended], [], [])
        if ended in ready:
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            asked.sendall(code.to_bytes(4, "big", signed=True))
            os._exit(0)
        numbers = asked.recv(16)
        for number in numbers or (signal.SIGKILL,):
            os.kill(child, number)
        if not numbers:
            os.waitpid(child, 0)
            os._exit(0)


def _be(told: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be `kimi-lsp`, and end as Python does."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(told["environ"])
    os.chdir(told["folder"])
    sys.argv = ["kimi_lsp", *told["words"]]
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(importlib.import_module("kimi_lsp.cli").main())


main(sys.argv[1])
