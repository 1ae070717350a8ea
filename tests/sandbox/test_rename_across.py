"""The skill that renames a name in all files that the tools show it: what it asks for, and when it leaves all as it is."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kimi_lsp.sandbox.answer import Answer, think_through
from kimi_lsp.sandbox.asked import Asked, Call, Offer, Turn
from tests.sandbox.asking import message, put_in

TEXT = "from shop.money import rounded\n\n\nclass A:\n    class B:\n        größe = rounded(2)  # rounded\n"
WISH = "Please rename `rounded` to `to_cents`."
STRING = {"type": "string"}
OFFERS = (
    Offer("search_text", "", {"type": "object", "properties": {"text": STRING}, "required": ["text"]}),
    Offer("read_file", "", {"type": "object", "properties": {"path": STRING}, "required": ["path"]}),
)
MONEY = 'shop/money.py, lines 1 to 2 of 2:\ndef rounded(x):\n    return f"rounded {x}"\n'
HITS = "app/cart.py:1: from shop.money import rounded\nshop/money.py:1: def rounded(x):\nREADME.md:3: rounded"
FOUND = {"search_text rounded": HITS, "read_file shop/money.py": MONEY}


def asked(text: str = TEXT, wish: str = WISH, kind: str = "refactor") -> Asked:
    return Asked((Turn("user", message(kind, text, instruction=wish)),), 16_384, offers=OFFERS)


def told(request: Asked, results: Mapping[str, str] = FOUND) -> tuple[list[list[str]], Answer]:
    """Answer calls until there are none; return what was called on each turn, and the answer."""
    turns: list[list[str]] = []
    while (answer := think_through(request)).calls:
        calls = [
            Call(f"{len(turns)}-{number}", name, json.dumps(arguments))
            for number, (name, arguments) in enumerate(answer.calls)
        ]
        said = [f"{name} {next(iter(arguments.values()))}" for name, arguments in answer.calls]
        turns.append(said)
        more: tuple[Turn, ...] = (Turn("assistant", "", calls=tuple(calls)),)
        more += tuple(
            Turn("tool", results[key], answers=call.id) for key, call in zip(said, calls, strict=True)
        )
        request = replace(request, turns=(*request.turns, *more))
    return turns, answer


def by_file(answer: Answer) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    edits = answer.more.get("edits", [])
    assert isinstance(edits, list)
    for edit in edits:
        found.setdefault(str(edit["file"]), []).append(edit)
    return found


def test_it_looks_then_reads_then_edits_all_of_them() -> None:
    turns, answer = told(asked())
    assert turns == [["search_text rounded"], ["read_file shop/money.py"]]
    edits = by_file(answer)
    assert put_in(TEXT, edits["app/cart.py"]) == TEXT.replace("rounded", "to_cents", 2)
    assert (
        put_in(MONEY.partition("\n")[2], edits["shop/money.py"])
        == 'def to_cents(x):\n    return f"rounded {x}"\n'
    )
    assert answer.text == "(sandbox) Renamed `rounded` to `to_cents` in app/cart.py, shop/money.py."


def test_one_call_at_a_time_where_only_that_is_allowed() -> None:
    hits = HITS + "\ntill/desk.py:1: rounded(1)"
    desk = "till/desk.py, lines 1 to 1 of 1:\nrounded(1)\n"
    results = {**FOUND, "search_text rounded": hits, "read_file till/desk.py": desk}
    turns, answer = told(replace(asked(), parallel=False), results)
    assert turns == [["search_text rounded"], ["read_file shop/money.py"], ["read_file till/desk.py"]]
    assert list(by_file(answer)) == ["app/cart.py", "shop/money.py", "till/desk.py"]


@pytest.mark.parametrize(
    ("results", "why"),
    [
        (
            {"search_text rounded": f"{HITS}\n… cut here; a longer text finds less"},
            "the project was not shown",
        ),
        (
            {"search_text rounded": "".join(f"{n}.py:1: rounded\n" for n in range(9))},
            "the project was not shown",
        ),
        (
            {"read_file shop/money.py": "shop/money.py, lines 1 to 1 of 2:\ndef rounded(x):\n"},
            "money.py was not shown",
        ),
        ({"read_file shop/money.py": "Error: shop/money.py may not be read"}, "money.py was not shown"),
        ({"read_file shop/money.py": MONEY.replace("return", "return (")}, "money.py was not shown"),
        ({"read_file shop/money.py": MONEY.replace("x", "to_cents")}, "no free name in shop/money.py"),
    ],
)
def test_all_or_nothing(results: dict[str, str], why: str) -> None:
    _, answer = told(asked(), {**FOUND, **results})
    assert by_file(answer) == {}
    assert why in answer.text


def test_where_it_may_not_call_any_more_it_changes_nothing() -> None:
    turns, answer = told(replace(asked(), may_call=False))
    assert (turns, by_file(answer)) == ([], {})


@pytest.mark.parametrize(
    ("text", "wish"),
    [(TEXT, "Rename `rounded` to `class`."), (TEXT, "Rename `rounded` to `größe`."), ("x = 1\n", WISH)],
)
def test_a_name_that_is_none_or_taken_or_not_there(text: str, wish: str) -> None:
    _, answer = told(asked(text, wish), {**FOUND, "search_text rounded": "Nothing was found."})
    assert by_file(answer) == {}


def test_without_the_tools_or_for_another_task_it_does_not_come_up() -> None:
    for request in (replace(asked(), offers=OFFERS[:1]), asked(kind="fix"), asked(wish="Use guard clauses.")):
        assert think_through(request).calls == ()
