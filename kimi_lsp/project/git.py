"""Git is asked, and nothing is written. Who asks for what is `project.staged` and `project.committed`.

The repository comes from strangers: its configuration may name programs, so none of those that git would start for a
diff is started. The index is not refreshed, no lock is taken, nothing is fetched, and nobody is asked for a password.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.project.checkers.failure import CheckFailed, InsideWorkspace, NotOnPath
from kimi_lsp.project.checkers.process import Printed, run
from kimi_lsp.project.checkers.program import child_environ, find_program

_SECONDS = 20.0
_MOST_BYTES = 8 * 1024 * 1024
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Older ones fetch what a partial clone lacks; none of the ways to do so is allowed.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = (
    "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "color.ui=false",
)  # fmt: skip


class GitFailed(Exception):
    """Git cannot tell what it was asked; `str(error)` is the sentence that the user reads."""


@dataclass(frozen=True)
class Git:
    """Git in one folder."""

    folder: Path
    environ: Mapping[str, str]
    roots: Sequence[Path]
    about: str
    """What git is to tell, for the sentence where it does not."""

    async def __call__(self, *words: str, fails: bool = False) -> Printed:
        """Run one command; with `fails` it may come to nothing. Raises GitFailed; cancelling ends git."""
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
            raise GitFailed(f"{self._not_told}, {failure}.") from failure
        if printed.exit_code and not fails:
            lines = (line.strip() for line in printed.err.split("\n"))
            said = next((line for line in lines if line), "no reason was given")
            raise GitFailed(f"{self._not_told} ({said.rstrip('.')}).")
        return printed

    async def root(self) -> Path:
        """Return the folder of the repository's working tree. Raises GitFailed."""
        return Path((await self("rev-parse", "--show-toplevel")).out.rstrip("\r\n"))

    @property
    def _not_told(self) -> str:
        return f"Nothing was sent to the model: git did not tell {self.about}"
