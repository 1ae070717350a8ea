"""`python -m kimi_lsp` is `kimi-lsp`."""

import os
import sys

if __name__ == "__main__":
    # Python puts the current folder first, and that may be a stranger's workspace with a `httpx.py` of its own.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", os.getcwd())]

    from kimi_lsp.cli import main

    sys.exit(main())
