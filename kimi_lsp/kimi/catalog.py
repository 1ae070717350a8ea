"""What the service says about a model, read leniently, with the model card's constants where it says nothing.

The spelling of the service's listing is not documented: several are tried, and what is not understood is ignored.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kimi_lsp.kimi.cost import CARD_RATES, NO_RATES, Rates

CARD_MODEL = "kimi-k2-7-code"
_PER_TOKEN_BELOW = 0.001
"""US dollars: no model costs so little per 1M tokens, so a smaller figure is a price per token."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One model; the defaults are the model card's."""

    model: str = CARD_MODEL
    name: str = "Kimi K2.7 Code"
    context_tokens: int = 262_144
    """Tokens that the prompt and the answer may have together (256K on the model card)."""
    max_output_tokens: int = 131_072
    """The highest max_tokens."""
    default_max_tokens: int = 16_384
    """max_tokens where a request gives none."""
    rates: Rates = CARD_RATES
    source: Literal["service", "model card"] = "model card"

    @property
    def input_usd(self) -> float:
        """US dollars per 1M prompt tokens."""
        return self.rates.prompt

    @property
    def output_usd(self) -> float:
        """US dollars per 1M generated tokens, reasoning included."""
        return self.rates.completion

    @property
    def search_usd(self) -> float:
        """US dollars per invoked web search."""
        return self.rates.search


def fallback(model: str) -> CatalogEntry:
    """Return what is known without asking; another model than the card's has no known prices."""
    rates = CARD_RATES if model == CARD_MODEL else NO_RATES
    name = "Kimi K2.7 Code" if model == CARD_MODEL else model
    return CatalogEntry(model=model, name=name, rates=rates)


def read_entry(listing: object, model: str) -> CatalogEntry | None:
    """Read a listing of one model, bare or under `data`; None where it is no object about this model."""
    entry = listing.get("data") if isinstance(listing, dict) and "data" in listing else listing
    if isinstance(entry, list):
        entry = next((one for one in entry if isinstance(one, dict) and one.get("id") == model), None)
    if not isinstance(entry, dict) or entry.get("id", model) != model or entry.get("error"):
        return None
    base = fallback(model)
    parameter = _parameter(entry)
    name = entry.get("display_name") or entry.get("name")
    return CatalogEntry(
        model=model,
        name=name if isinstance(name, str) else base.name,
        context_tokens=_tokens(entry, "context_window", "context_length", "max_model_len")
        or base.context_tokens,
        max_output_tokens=_tokens(entry, "max_output_tokens", "max_completion_tokens")
        or _tokens(parameter, "max", "maximum")
        or base.max_output_tokens,
        default_max_tokens=_tokens(parameter, "default") or base.default_max_tokens,
        rates=_rates(entry.get("pricing"), base.rates),
        source="service",
    )


def _parameter(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    rows = entry.get("supported_parameters")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("name") == "max_tokens":
            return row
    return {}


def _tokens(place: Mapping[str, Any], *names: str) -> int:
    for name in names:
        value = place.get(name)
        if isinstance(value, str):
            match = re.fullmatch(r"(\d[\d,]*)\s*([kKmM]?)", value.strip())
            if not match:
                continue
            value = int(match[1].replace(",", "")) * {"": 1, "k": 1024, "m": 1024**2}[match[2].lower()]
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100_000_000:
            return value
    return 0


def _rates(pricing: object, base: Rates) -> Rates:
    prompt = completion = search = None
    for label, price in _prices(pricing):
        if "cache" in label:
            continue
        if "search" in label:
            search = price if search is None else search
        elif "input" in label or "prompt" in label:
            prompt = price if prompt is None else prompt
        elif "output" in label or "completion" in label:
            completion = price if completion is None else completion
    return Rates(
        prompt=base.prompt if prompt is None else _per_million(prompt),
        completion=base.completion if completion is None else _per_million(completion),
        search=base.search if search is None else search,
    )


def _prices(pricing: object) -> Iterable[tuple[str, float]]:
    if isinstance(pricing, dict):
        rows: list[tuple[object, object]] = list(pricing.items())
    elif isinstance(pricing, list):
        rows = [
            (
                row.get("name") or row.get("charge") or row.get("type") or row.get("label"),
                next((row[key] for key in ("rate", "price", "amount", "usd") if key in row), None),
            )
            for row in pricing
            if isinstance(row, dict)
        ]
    else:
        rows = []
    for label, value in rows:
        price = _dollars(value)
        if isinstance(label, str) and price is not None:
            yield label.lower(), price


def _dollars(value: object) -> float | None:
    if isinstance(value, str):
        match = re.match(r"\s*(?:US)?\$?\s*(\d+(?:\.\d+)?(?:[eE]-?\d+)?)", value)
        value = float(match[1]) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10_000:
        return None
    return float(value)


def _per_million(price: float) -> float:
    return price * 1e6 if 0 < price < _PER_TOKEN_BELOW else price
