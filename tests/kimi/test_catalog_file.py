"""What is kept of a model: for a day, for one address, and only where it can be trusted."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.kimi import CatalogEntry, Rates, StateUnusable
from kimi_lsp.kimi.catalog_file import DAY, Kept, load, store
from tests.kimi.books import NOON

ROOT = "https://api.example"
ENTRY = CatalogEntry(
    "llama", "Llama", 8192, 4096, 1024, Rates(prompt=1.5, completion=2.5, search=0.25), source="service"
)


def kept_file(folder: Path) -> Path:
    (file,) = (folder / "catalog").iterdir()
    return file


def test_an_entry_is_kept_for_its_model_and_address(tmp_path: Path) -> None:
    store(tmp_path, ROOT, ENTRY, NOON)
    assert load(tmp_path, ROOT, "llama") == Kept(ENTRY, NOON)
    assert load(tmp_path, ROOT, "other") is None
    assert load(tmp_path, "https://other.example", "llama") is None
    assert stat.S_IMODE(kept_file(tmp_path).stat().st_mode) == 0o600
    store(tmp_path, ROOT, ENTRY, NOON + 1)
    assert load(tmp_path, ROOT, "llama") == Kept(ENTRY, NOON + 1)
    assert len(list((tmp_path / "catalog").iterdir())) == 1


def test_it_is_fresh_for_a_day() -> None:
    assert Kept(ENTRY, NOON).fresh(NOON)
    assert Kept(ENTRY, NOON).fresh(NOON + DAY - 1)
    assert not Kept(ENTRY, NOON).fresh(NOON + DAY)
    assert not Kept(ENTRY, NOON).fresh(NOON - 1)


@pytest.mark.parametrize(
    "spoil",
    [
        {"context_tokens": "many"},
        {"context_tokens": 0},
        {"context_tokens": 10**12},
        {"rates": {"prompt": -1.0, "completion": 1.0, "search": 0.0}},
        {"rates": {"prompt": 1e300, "completion": 1.0, "search": 0.0}},
        {"rates": None},
        {"model": "another"},
        {"source": "nowhere"},
    ],
)
def test_a_file_that_holds_something_else_counts_as_none(tmp_path: Path, spoil: dict[str, Any]) -> None:
    store(tmp_path, ROOT, ENTRY, NOON)
    file = kept_file(tmp_path)
    told = json.loads(file.read_text())
    told["entry"] |= spoil
    file.write_text(json.dumps(told))
    assert load(tmp_path, ROOT, "llama") is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{", b'{"entry": {}, "at": 1}'])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, content: bytes) -> None:
    store(tmp_path, ROOT, ENTRY, NOON)
    kept_file(tmp_path).write_bytes(content)
    assert load(tmp_path, ROOT, "llama") is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable, match="not a directory"):
        store(tmp_path / "file" / "state", ROOT, ENTRY, NOON)


def test_a_file_that_cannot_be_replaced_leaves_no_other(tmp_path: Path) -> None:
    store(tmp_path, ROOT, ENTRY, NOON)
    file = kept_file(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(StateUnusable):
        store(tmp_path, ROOT, ENTRY, NOON)
    assert list(file.parent.iterdir()) == [file]
