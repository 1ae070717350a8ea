"""Loading settings in tests: without the settings file of whoever runs them."""

from pathlib import Path
from typing import Any

from kimi_lsp.project.settings import Loaded, Settings, load

DEFAULTS = Settings()


def loaded(tmp_path: Path, **layers: Any) -> Loaded:
    """Load without the settings file of whoever runs the tests."""
    return load(**{"user_file": tmp_path / "none.toml", **layers})


def workspace(tmp_path: Path, text: str, name: str = ".kimi-lsp.toml") -> Loaded:
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    (root / name).write_text(text, "utf-8", newline="")
    return loaded(tmp_path, root=root)
