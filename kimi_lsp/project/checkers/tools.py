"""The table of tools: how each is known in editors, how it is started, and how it is understood."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kimi_lsp.project.checkers import output
from kimi_lsp.project.checkers.build_cache import forget_own_crates
from kimi_lsp.project.checkers.found import Found
from kimi_lsp.project.checkers.process import Printed
from kimi_lsp.project.checkers.stand_in import Laid, Way
from kimi_lsp.project.files import FileProblem, read_text
from kimi_lsp.text import Encoding

_QUICK, _SLOW = 10, 30
"""Seconds that one look may take."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that is able to look at a text which is not saved."""

    name: str
    """Also its program's name."""
    sources: frozenset[str]
    """What editors call the source of its findings, in small letters."""
    languages: frozenset[str]
    """LSP's language identifiers."""
    marks: tuple[str, ...]
    """Files in whose folder it is started: the nearest one above the document."""
    seconds: float
    way: Way
    """How it is given the text."""
    arguments: Callable[[Laid], list[str]]
    """The words of its command after the program."""
    read: Callable[[Printed], list[Found]]
    """Raises ValueError where the output has another form, or a CheckFailed."""
    columns: Encoding
    """The units of its columns."""
    exit_codes: frozenset[int] = frozenset({0, 1})
    """Those with which it ends after it looked at the text."""
    needs_project: bool = False
    """Whether it is no use without one of the marks."""
    needs_cache: bool = False
    tells_one_error: bool = False
    """Whether it tells the first error only where it cannot go on, so that the second comes to light with a fix."""
    errors_hide_warnings: bool = False
    """Whether it looks for warnings only where there is no error."""
    borrowed: frozenset[str] = frozenset()
    """Sources of other programs with the same engine: where the tool is missing, nobody misses it."""
    prepare: Callable[[Laid], None] = lambda _: None
    """Done before each look. Raises a CheckFailed."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Set for it, to keep it offline and out of the workspace."""

    def knows(self, source: str, language: str) -> bool:
        """Tell whether a finding is of this tool, or may be: one without a source is, in the tool's languages."""
        if language not in self.languages:
            return False
        return not source or source.casefold() in self.sources | self.borrowed


def _ruff(at: Laid) -> list[str]:
    # A project's `fix = true` would print the mended text in place of the findings.
    options = ["--output-format", "json", "--no-cache", "--no-fix", "--no-fix-only", "--quiet"]
    return ["check", *options, "--stdin-filename", str(at.document), "-"]


def _mypy(at: Laid) -> list[str]:
    options = ["--output", "json", "--no-error-summary", "--no-pretty", "--cache-dir", str(at.cache / "mypy")]
    return [*options, "--", os.path.relpath(at.document, at.folder)]


def _pyright(at: Laid) -> list[str]:
    return ["--outputjson", str(at.document)]


def _tsc(at: Laid) -> list[str]:
    # The options after the project's name keep it from writing and from stopping at the options themselves.
    off = [
        word
        for name in ("incremental", "composite", "emitDeclarationOnly")
        for word in (f"--{name}", "false")
    ]
    return ["-p", _tsconfig(at.folder), "--noEmit", *off, "--pretty", "false"]


def _eslint(at: Laid) -> list[str]:
    return ["--stdin", "--stdin-filename", str(at.document), "--format", "json", "--no-color"]


def _cargo(at: Laid) -> list[str]:
    options = ["--message-format", "json", "--offline", "--all-targets", "--quiet"]
    return ["check", *options, "--target-dir", str(at.cache / "cargo")]


def _go(at: Laid) -> list[str]:
    package = os.path.relpath(at.document.parent, at.folder).replace(os.sep, "/")
    return ["vet", "-json", "-overlay", str(at.overlay), f"./{package}" if package != "." else "."]


_EMPTY_FILES = re.compile(r'"files"\s*:\s*\[\s*\]')
_REFERENCE = re.compile(r'"path"\s*:\s*"\./([\w.-]+\.json)"')


def _tsconfig(folder: Path) -> str:
    """Return the project file to check by. One without files of its own refers to others; the first has the sources."""
    if not (folder / "tsconfig.json").is_file():
        return "jsconfig.json"
    try:
        text = read_text(folder / "tsconfig.json")
    except FileProblem:
        return "tsconfig.json"  # tsc says what is wrong with it
    refers = _REFERENCE.search(text) if _EMPTY_FILES.search(text) else None
    return refers[1] if refers and (folder / refers[1]).is_file() else "tsconfig.json"


_PYTHON = frozenset({"python"})
_SCRIPTS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_GO_ANALYZERS = """appends asmdecl assign atomic bools buildtag cgocall composites copylocks defers directive
errorsas framepointer hostport httpresponse ifaceassert loopclosure lostcancel nilfunc printf shift sigchanyzer slog
stdmethods stdversion stringintconv structtag testinggoroutine tests timeformat unmarshal unreachable unsafeptr
unusedresult waitgroup"""
"""gopls names the analyzer as the source; these are those of `go vet`."""

_ALL = (
    Tool(
        "ruff",
        frozenset({"ruff"}),
        _PYTHON,
        ("pyproject.toml", "ruff.toml", ".ruff.toml"),
        _QUICK,
        "stdin",
        _ruff,
        output.ruff,
        "utf-32",
    ),
    Tool(
        "mypy",
        frozenset({"mypy"}),
        _PYTHON,
        ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg"),
        _SLOW,
        "copy",
        _mypy,
        output.mypy,
        "utf-32",
        exit_codes=frozenset({0, 1, 2}),
        needs_cache=True,
        environ={"PYTHONDONTWRITEBYTECODE": "1"},
    ),
    Tool(
        "pyright",
        frozenset({"pyright"}),
        _PYTHON,
        ("pyrightconfig.json", "pyproject.toml"),
        _SLOW,
        "copy",
        _pyright,
        output.pyright,
        "utf-16",
        borrowed=frozenset({"pylance"}),
    ),
    Tool(
        "tsc",
        frozenset({"ts", "js", "typescript", "tsserver", "tsc"}),
        _SCRIPTS,
        ("tsconfig.json", "jsconfig.json"),
        _SLOW,
        "copy",
        _tsc,
        output.tsc,
        "utf-16",
        exit_codes=frozenset({0, 1, 2}),
        needs_project=True,
    ),
    Tool(
        "eslint",
        frozenset({"eslint"}),
        _SCRIPTS | {"vue", "svelte", "astro"},
        ("eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", "package.json"),
        _QUICK,
        "stdin",
        _eslint,
        output.eslint,
        "utf-16",
    ),
    Tool(
        "cargo",
        frozenset({"cargo", "cargo check", "rustc", "rust-analyzer"}),
        frozenset({"rust"}),
        ("Cargo.toml",),
        _SLOW,
        "copy",
        _cargo,
        output.cargo,
        "utf-32",
        exit_codes=frozenset({0, 101}),
        needs_project=True,
        needs_cache=True,
        errors_hide_warnings=True,
        prepare=lambda at: forget_own_crates(at.cache / "cargo"),
        environ={"CARGO_NET_OFFLINE": "true", "RUSTUP_AUTO_INSTALL": "0"},
    ),
    Tool(
        "go",
        frozenset({"go", "go list", "go vet", "vet", "compiler", "gopls", "syntax", *_GO_ANALYZERS.split()}),
        frozenset({"go"}),
        ("go.mod",),
        _SLOW,
        "overlay",
        _go,
        output.go,
        "utf-8",
        needs_project=True,
        tells_one_error=True,
        environ={"GOPROXY": "off", "GOTOOLCHAIN": "local"},
    ),
)

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in _ALL}
"""By name."""
