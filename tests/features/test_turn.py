"""The one loop, against a scripted model."""

import json
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp import features
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import NothingProposed, NotSent, NotUnderstood, Phase, Refused, Source
from kimi_lsp.text import Diagnostic, Snapshot, Span
from tests.support.scripted import USED, Scripted

TEXT = "def one():\n    return 1\n\n\ndef two():\n    return one() + 1\n"


def answer(*edits: tuple[str, str], file: str = "a.py", summary: str = "Done.") -> str:
    told: list[dict[str, Any]] = [
        {"file": file, "search": old, "replace": new, "line": None} for old, new in edits
    ]
    return json.dumps({"summary": summary, "edits": told})


def target(tmp_path: Path, text: str = TEXT, name: str = "a.py") -> features.Source:
    return Source(Snapshot((tmp_path / name).as_uri(), 1, "python", text), tmp_path / name, (tmp_path,))


async def refactor(model: Scripted, source: Source, report: Any = lambda _phase: None) -> features.Edited:
    return await features.refactor(model, features.target(source, Span(0, 0)), "do it", report)


async def test_an_answer_that_fits_becomes_a_plan(tmp_path: Path) -> None:
    model = Scripted([answer(("    return 1\n", "    return 2\n"))])
    phases: list[Phase] = []
    edited = await refactor(model, target(tmp_path), phases.append)
    assert edited.plan.apply() == TEXT.replace("return 1", "return 2")
    assert edited.summary == "Done."
    assert edited.usage == USED
    assert edited.syntax == ()
    names = [phase.name for phase in phases]
    assert names == sorted(names, key=["waiting", "thinking", "writing", "checking"].index)
    assert set(names) == {"waiting", "thinking", "writing", "checking"}
    assert any("1 edit so far" in phase.sentence() for phase in phases)


async def test_an_answer_that_does_not_fit_is_sent_back_once_with_the_reason(tmp_path: Path) -> None:
    wrong = answer(("def one():\n    return 7\n", "def one():\n    return 2\n"))
    right = answer(("    return 1\n", "    return 2\n"))
    model = Scripted([wrong, right])
    edited = await refactor(model, target(tmp_path))
    assert edited.plan.apply() == TEXT.replace("return 1", "return 2")
    assert edited.usage == USED + USED
    first, second = model.asked
    assert second.messages[: len(first.messages)] == first.messages
    turn, told = second.messages[len(first.messages) :]
    assert turn.text == wrong
    assert turn.reasoning is not None
    assert turn.reasoning.text == "hm, "
    assert told.role == "user"
    assert "<refused>" in told.text
    assert "return 1" in told.text


async def test_a_second_misfit_is_refused_with_the_reason_and_the_cost(tmp_path: Path) -> None:
    wrong = answer(("    return 7\n", "    return 2\n"))
    with pytest.raises(Refused, match=r"^Nothing was changed: ") as refused:
        await refactor(Scripted([wrong, wrong]), target(tmp_path))
    assert refused.value.usage == USED + USED


async def test_all_or_nothing(tmp_path: Path) -> None:
    half = answer(("    return 1\n", "    return 2\n"), ("    return 7\n", "    return 8\n"))
    with pytest.raises(Refused):
        await refactor(Scripted([half, half]), target(tmp_path))


@pytest.mark.parametrize("said", ["I will not.", '{"summary": "x", "edits": [', "{}", "[]", ""])
async def test_an_answer_in_the_wrong_form_is_repaired_or_a_failure(said: str, tmp_path: Path) -> None:
    right = answer(("    return 1\n", "    return 2\n"))
    assert (await refactor(Scripted([said, right]), target(tmp_path))).plan.apply() != TEXT
    with pytest.raises(NotUnderstood):
        await refactor(Scripted([said, said]), target(tmp_path))


async def test_another_file_is_not_edited(tmp_path: Path) -> None:
    other = answer(("    return 1\n", "    return 2\n"), file="../etc/passwd")
    with pytest.raises(Refused, match=r"edit \.\./etc/passwd, and here only the document may change"):
        await refactor(Scripted([other, other]), target(tmp_path))


async def test_no_edit_is_the_models_own_sentence(tmp_path: Path) -> None:
    with pytest.raises(NothingProposed, match=r"^It is fine\.$"):
        await refactor(Scripted([answer(summary="It is fine.")]), target(tmp_path))


async def test_new_syntax_errors_are_found_and_old_ones_are_not_counted(tmp_path: Path) -> None:
    broken = await refactor(Scripted([answer(("    return 1\n", "    return (\n"))]), target(tmp_path))
    assert len(broken.syntax) == 1
    text = "def one(:\n    return 1\n"
    fine = await refactor(Scripted([answer(("    return 1\n", "    return 2\n"))]), target(tmp_path, text))
    assert fine.syntax == ()


async def test_a_model_failure_passes_through(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no power"):
        await refactor(Scripted([ModelError("no power")]), target(tmp_path))


async def test_nothing_to_fix_asks_nobody(tmp_path: Path) -> None:
    model = Scripted([])
    with pytest.raises(NothingProposed):
        await features.fix(model, features.target(target(tmp_path), Span(0, 0)), [], lambda _phase: None)
    assert model.asked == []


async def test_secrets_are_hidden_from_the_model_and_restored_in_its_edits(tmp_path: Path) -> None:
    key = "ghp_" + "a1B2" * 9
    text = f'TOKEN = "{key}"\nvalue = 1\n'
    source = target(tmp_path, text)

    class Copying(Scripted):
        async def stream(self, request: Any) -> Any:
            shown = request.messages[-1].text
            assert key not in shown
            line = next(row for row in shown.split("\n") if row.startswith("TOKEN"))
            self._answers = [answer((line + "\nvalue = 1\n", line + "\nvalue = 2\n"))]
            async for delta in super().stream(request):
                yield delta

    edited = await refactor(Copying([]), source)
    assert edited.plan.apply() == text.replace("1\n", "2\n")


async def test_an_ignored_file_is_not_even_a_target(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="Nothing was sent"):
        features.target(target(tmp_path, name=".env"), Span(0, 0))


async def test_a_bare_cursor_means_the_function_around_it(tmp_path: Path) -> None:
    chosen = features.target(target(tmp_path), Span(TEXT.index("one() +"), TEXT.index("one() +")))
    assert chosen.span.of(TEXT).rstrip() == "def two():\n    return one() + 1"


async def test_a_fix_names_its_problem(tmp_path: Path) -> None:
    model = Scripted([answer(("    return 1\n", "    return 2\n"))])
    found = Diagnostic(
        Span(15, 21), "Something\nrather long about this one particular return", source="lint", code="L1"
    )
    edited = await features.fix(
        model, features.target(target(tmp_path), Span(15, 21)), [found], lambda _phase: None
    )
    assert edited.label == "Kimi: Fix “Something rather long about this one pa…”"
    assert "line 2, column 5: Something rather long" in model.asked[0].messages[-1].text
