"""The limits that a user sets reach the request."""

from pathlib import Path

import pytest

from kimi_lsp import features
from kimi_lsp.features import Source
from kimi_lsp.prompt import TooLarge
from kimi_lsp.text import Snapshot, Span
from tests.support.scripted import Scripted


@pytest.mark.parametrize("name", ["a.py", None])
async def test_the_limits_of_a_source_are_those_of_the_request(tmp_path: Path, name: str | None) -> None:
    path = tmp_path / name if name else None
    uri = path.as_uri() if path else "untitled:Untitled-1"
    snapshot = Snapshot(uri, 1, "plaintext", "word " * 5000)
    model = Scripted(["It is words."])
    wide = features.target(Source(snapshot, path, (tmp_path,), (), 64_000, 5000), Span(0, 4))
    await features.explain(model, wide, lambda _phase: None)
    assert model.asked[0].max_tokens == 5000
    narrow = features.target(Source(snapshot, path, (tmp_path,), (), 2000, 5000), Span(0, 4))
    with pytest.raises(TooLarge, match=r"2,000 may be sent"):
        await features.explain(model, narrow, lambda _phase: None)
    assert len(model.asked) == 1
