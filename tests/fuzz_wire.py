"""Fuzz all that an editor's bytes reach, for as long as asked: `python -m tests.fuzz_wire [MINUTES]`, or `make fuzz-wire`.

Round after round of the properties of the door, the frames, the front, the protocol, the documents and every handler,
inside one process for speed and with real ones, each round with new examples. The first failure ends it; Hypothesis
keeps its example and tries it first in the next run.
"""

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Sequence

PROPERTIES: Sequence[str] = (
    "tests/server/test_unbreakable.py",
    "tests/server/test_broken_streams.py",
    "tests/server/test_any_session.py",
    "tests/server/test_any_preview.py",
    "tests/server/test_door.py",
    "tests/server/test_documents.py",
    "tests/server/test_code_action_near.py",
)
MINUTES = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_wire", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=MINUTES)
    end = time.monotonic() + 60 * parser.parse_args().minutes
    asked = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "hypothesis", "--hypothesis-profile=wire"]
    for number in itertools.count(1):
        left = end - time.monotonic()
        if left <= 0:
            return 0
        print(f"round {number}, {left / 60:.0f} minutes left", flush=True)
        done = subprocess.run([*asked, "--timeout=1800", *PROPERTIES], check=False)
        if done.returncode:
            return done.returncode
    raise AssertionError("the numbers came to an end")


if __name__ == "__main__":
    sys.exit(main())
