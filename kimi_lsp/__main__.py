"""`python -m kimi_lsp` is `kimi-lsp`."""

import sys

from kimi_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
