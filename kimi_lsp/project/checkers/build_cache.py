"""What cargo keeps between two runs, made to forget the crates of the project itself.

Cargo compares the times of files, and a text that is not saved has none of its own: what was compiled from it would
count as compiled from the file on disk. Crates from a registry, which take most of the time, stay as they are.
"""

import shutil
from pathlib import Path

from kimi_lsp.project.checkers.failure import NotLaid

_FINGERPRINTS = "*/.fingerprint"
_OF_THE_PROJECT = b'"CheckDepInfo"'
"""How cargo marks a crate whose files it compares one by one; others are told by their version."""


def forget_own_crates(target: Path) -> None:
    """Make cargo check anew what does not come from a registry. Raises NotLaid.

    `target` is cargo's target directory; it need not exist.
    """
    try:
        for kept in target.glob(_FINGERPRINTS):
            own = {
                _package(told.parent)
                for told in kept.glob("*/*.json")
                if _OF_THE_PROJECT in told.read_bytes()
            }
            for folder in kept.iterdir():
                if _package(folder) in own:
                    shutil.rmtree(folder)
    except OSError as error:
        raise NotLaid(f"what {target.name} kept from before could not be removed") from error


def _package(folder: Path) -> str:
    """Return the package's name: a folder is called by it and by a hash."""
    return folder.name.rpartition("-")[0]
