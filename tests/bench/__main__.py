"""Run the named measurements, or all of them: `python -m tests.bench [NAME ...]`."""

import argparse
import platform
import sys
from collections.abc import Callable, Iterator, Mapping

from tests.bench import action, cancel, change, context, edits, land, memory, start, suggestion

MEASUREMENTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "start": start.table,
    "change": change.table,
    "action": action.table,
    "land": land.table,
    "suggestion": suggestion.table,
    "cancel": cancel.table,
    "edits": edits.table,
    "context": context.table,
    "memory": memory.table,
}
"""Each returns the lines of its table."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(MEASUREMENTS)}")
    names = parser.parse_args().names or list(MEASUREMENTS)
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    print(
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    for name in names:
        print()
        for line in MEASUREMENTS[name]():
            print(line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
