"""What a test starts: it hands its streams, words, folder and environment to the warm process, and ends as that does."""

import json
import os
import signal
import socket
import sys


def main() -> None:
    path, *words = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as mother:
        mother.connect(path)
        told = json.dumps({"words": words, "folder": os.getcwd(), "environ": dict(os.environ)}).encode()
        socket.send_fds(mother, [len(told).to_bytes(4, "big")], [0, 1, 2])
        mother.sendall(told)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _frame: mother.sendall(bytes([number])))
        # The child holds them now; what it closes is closed.
        for stream in (0, 1, 2):
            os.close(stream)
        status = mother.recv(4)
    code = int.from_bytes(status, "big", signed=True) if status else 1
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
