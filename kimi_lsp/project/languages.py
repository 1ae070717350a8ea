"""LSP's language identifiers for files that no editor has named one for."""

from collections.abc import Mapping
from pathlib import PurePath

_BY_SUFFIX: Mapping[str, str] = {
    ".bash": "shellscript", ".c": "c", ".cc": "cpp", ".cpp": "cpp", ".cs": "csharp", ".css": "css", ".cxx": "cpp",
    ".dart": "dart", ".ex": "elixir", ".exs": "elixir", ".go": "go", ".h": "c", ".hpp": "cpp", ".hs": "haskell",
    ".html": "html", ".java": "java", ".js": "javascript", ".json": "json", ".jsx": "javascriptreact", ".kt": "kotlin",
    ".lua": "lua", ".md": "markdown", ".mjs": "javascript", ".php": "php", ".pl": "perl", ".py": "python",
    ".pyi": "python", ".r": "r", ".rb": "ruby", ".rs": "rust", ".scala": "scala", ".scss": "scss", ".sh": "shellscript",
    ".sql": "sql", ".swift": "swift", ".toml": "toml", ".ts": "typescript", ".tsx": "typescriptreact", ".xml": "xml",
    ".yaml": "yaml", ".yml": "yaml", ".zig": "zig",
}  # fmt: skip


def of(path: PurePath) -> str:
    """Return the identifier that goes with a file's suffix, or an empty string."""
    return _BY_SUFFIX.get(path.suffix.lower(), "")
