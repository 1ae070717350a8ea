"""What is staged in a git repository, without what may not be sent. Git is asked and nothing is written.

The repository comes from strangers: its configuration may name programs, so none of those that git would start for a
diff is started. The index is not refreshed, no lock is taken, nothing is fetched, and nobody is asked for a password.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.project.checkers.failure import CheckFailed, InsideWorkspace, NotOnPath
from kimi_lsp.project.checkers.process import Printed, run
from kimi_lsp.project.checkers.program import child_environ, find_program
from kimi_lsp.project.ignore import Judge

_SECONDS = 20.0
_MOST_BYTES = 8 * 1024 * 1024
_SUBJECTS = 12
"""Earlier commits whose first lines are told, as an example of the project's way."""
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = (
    "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "color.ui=false",
)  # fmt: skip
_DIFF = (
    "diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty",
    "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=histogram",
)  # fmt: skip


class GitFailed(Exception):
    """Git cannot tell what is staged; `str(error)` is the sentence that the user reads."""


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
    """Ask git in a folder. Raises GitFailed; cancelling ends git."""
    ask = _Git(folder, environ, roots)
    root = Path((await ask("rev-parse", "--show-toplevel")).out.rstrip("\r\n"))
    ask = _Git(root, environ, (*roots, root))
    names = [one for one in (await ask(*_DIFF, "--name-only", "--no-renames", "-z")).out.split("\0") if one]
    judge = Judge(root, exclude)
    reasons = {name: reason for name in names if (reason := judge.reason(root / name))}
    without = [f":(top,exclude,literal){name}" for name in reasons]
    kept = tuple(name for name in names if name not in reasons)
    diff = (await ask(*_DIFF, "--find-renames", "--", ":(top)", *without)).out if kept else ""
    log = await ask("log", f"--max-count={_SUBJECTS}", "--no-show-signature", "--format=%s", "-z", fails=True)
    subjects = tuple(line.strip() for line in log.out.split("\0") if line.strip())
    return Staged(root, diff, kept, tuple(reasons.values()), subjects)


@dataclass(frozen=True)
class _Git:
    """Git in one folder."""

    folder: Path
    environ: Mapping[str, str]
    roots: Sequence[Path]

    async def __call__(self, *words: str, fails: bool = False) -> Printed:
        """Run one command; with `fails` it may come to nothing. Raises GitFailed."""
        try:
            program = find_program("git", self.environ, (*self.roots, self.folder))
            printed = await run(
                [str(program), *_OPTIONS, *words],
                cwd=self.folder,
                environ={**child_environ(self.environ, self.roots), **_QUIET},
                text=None,
                seconds=_SECONDS,
                most_bytes=_MOST_BYTES,
            )
        except (NotOnPath, InsideWorkspace) as missing:
            raise GitFailed(f"Nothing was sent to the model: git cannot be started, {missing}.") from missing
        except CheckFailed as failure:
            raise GitFailed(
                f"Nothing was sent to the model: git did not tell what is staged, {failure}."
            ) from failure
        if printed.exit_code and not fails:
            said = next(
                (line for line in printed.err.split("\n") if line.strip()), "no reason was given"
            ).strip()
            raise GitFailed(
                f"Nothing was sent to the model: git did not tell what is staged ({said.rstrip('.')})."
            )
        return printed
