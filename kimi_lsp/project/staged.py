"""What is staged in a git repository, without what may not be sent. Git is asked and nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.project.git import Git
from kimi_lsp.project.ignore import Judge

_ABOUT = "what is staged"
_SUBJECTS = 12
"""Earlier commits whose first lines are told, as an example of the project's way."""
_DIFF = (
    "diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty",
    "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=histogram",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staged:
    """The staged changes that may be sent."""

    root: Path
    diff: str
    files: tuple[str, ...]
    """Paths from the root."""
    withheld: tuple[str, ...] = ()
    """Why others may not, one clause each."""
    subjects: tuple[str, ...] = ()
    """First lines of the latest commits, newest first."""


async def staged(
    folder: Path, exclude: Sequence[str], environ: Mapping[str, str], roots: Sequence[Path] = ()
) -> Staged:
    """Ask git in a folder. Raises project.git.GitFailed; cancelling ends git."""
    root = await Git(folder, environ, roots, _ABOUT).root()
    ask = Git(root, environ, (*roots, root), _ABOUT)
    names = [one for one in (await ask(*_DIFF, "--name-only", "--no-renames", "-z")).out.split("\0") if one]
    judge = Judge(root, exclude)
    reasons = {name: reason for name in names if (reason := judge.reason(root / name))}
    without = [f":(top,exclude,literal){name}" for name in reasons]
    kept = tuple(name for name in names if name not in reasons)
    diff = (await ask(*_DIFF, "--find-renames", "--", ":(top)", *without)).out if kept else ""
    log = await ask("log", f"--max-count={_SUBJECTS}", "--no-show-signature", "--format=%s", "-z", fails=True)
    subjects = tuple(line.strip() for line in log.out.split("\0") if line.strip())
    return Staged(root, diff, kept, tuple(reasons.values()), subjects)
