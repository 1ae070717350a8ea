"""A file's text as it was committed last, as git has it. Git is asked and nothing is written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kimi_lsp.project.git import Git

_ABOUT = "what is committed"


async def committed(path: Path, environ: Mapping[str, str], roots: Sequence[Path] = ()) -> str:
    """Return the text of a file in the last commit; empty for a file that is not in it.

    Raises project.git.GitFailed where the file lies in no repository; cancelling ends git.
    """
    root = await Git(path.parent, environ, roots, _ABOUT).root()
    ask = Git(path.parent, environ, (*roots, root), _ABOUT)
    # As it is stored: no filter and no converter of the repository's is run on a blob that is asked for so.
    found = await ask("cat-file", "blob", f"HEAD:./{path.name}", fails=True)
    return "" if found.exit_code else found.out
