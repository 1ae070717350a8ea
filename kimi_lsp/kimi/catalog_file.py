"""What the service said about a model, kept for a day in the state folder, one JSON file for each model and address.

A file that cannot be read, or holds something else, counts as none: the model card's values are used then.
"""

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from kimi_lsp.kimi.catalog import CatalogEntry
from kimi_lsp.kimi.errors import StateUnusable
from kimi_lsp.kimi.state import made_private

DAY = 86_400.0
"""Seconds after which the service is asked again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry, and when it was asked for: seconds since 1970, UTC."""

    entry: CatalogEntry
    at: float

    def fresh(self, now: float) -> bool:
        """Tell whether it is younger than a day; one from the future is not."""
        return 0 <= now - self.at < DAY


_KEPT = TypeAdapter(Kept)


def load(folder: Path, root: str, model: str) -> Kept | None:
    """Return what is kept of a model at an address; None where nothing is, or nothing that can be used."""
    try:
        kept = _KEPT.validate_json(_file(folder, root, model).read_bytes())
    except (OSError, ValidationError):
        return None
    return kept if kept.entry.model == model and _sound(kept.entry) else None


def store(folder: Path, root: str, entry: CatalogEntry, now: float) -> None:
    """Keep an entry, in one step. Raises StateUnusable."""
    file = _file(folder, root, entry.model)
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    data = json.dumps(asdict(Kept(entry, now))).encode()
    try:
        made_private(folder)
        made_private(file.parent)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(data)
            new.replace(file)
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
    else:
        return
    raise StateUnusable(what=f"{folder}: {reason}")


def _file(folder: Path, root: str, model: str) -> Path:
    name = hashlib.sha256(f"{root}\0{model}".encode()).hexdigest()[:24]
    return folder / "catalog" / f"{name}.json"


def _sound(entry: CatalogEntry) -> bool:
    tokens = (entry.context_tokens, entry.max_output_tokens, entry.default_max_tokens)
    prices = (entry.input_usd, entry.output_usd, entry.search_usd)
    return all(0 < count <= 100_000_000 for count in tokens) and all(0 <= price < 10_000 for price in prices)
