"""The tree of errors: one sentence each, all distinct, and the drawing in the docstring as it is."""

import re

import pytest

from kimi_lsp import kimi
from kimi_lsp.conversation import ModelError
from kimi_lsp.kimi import errors
from kimi_lsp.kimi.errors import KimiError


def tree(kind: type[KimiError]) -> list[type[KimiError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]


ALL = tree(KimiError)


def test_no_two_sentences_are_alike() -> None:
    sentences = [kind.sentence for kind in ALL]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("kind", ALL)
def test_a_sentence_reads_as_one(kind: type[KimiError]) -> None:
    error = kind("api.example", what="WHAT")
    assert isinstance(error, ModelError)
    assert str(error)[0] in "TNaW"
    assert str(error).endswith(".")
    assert "{" not in str(error)
    assert "  " not in str(error)
    assert error.usage is None


def test_long_words_of_a_server_are_shortened() -> None:
    error = errors.RequestRejected("api.example", said="x" * 5000)
    assert len(str(error)) < 400
    assert str(error).endswith("…”).")


def test_the_drawing_shows_the_tree() -> None:
    drawn = re.findall(r"^    ([│ ├└─]*)(\w+)(?: |$)", errors.__doc__ or "", re.MULTILINE)
    assert [name for _, name in drawn] == [kind.__name__ for kind in ALL]
    depth = {name: len(lead) // 4 for lead, name in drawn}
    assert depth == {kind.__name__: kind.__mro__.index(KimiError) for kind in ALL}


def test_every_error_is_offered_by_the_room() -> None:
    assert {kind.__name__ for kind in ALL} <= set(kimi.__all__)
    assert all(hasattr(kimi, name) for name in kimi.__all__)


def test_what_the_room_does_not_offer_is_said() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        kimi.Nothing  # noqa: B018
