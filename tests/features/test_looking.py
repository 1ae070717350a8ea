"""Features whose model looks into the project before it answers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kimi_lsp import features
from kimi_lsp.edits import EditFile
from kimi_lsp.features import FEATURES, Asking, EndlessReading, NothingProposed, Phase, Refused, Source
from kimi_lsp.features.tools import toolbox
from kimi_lsp.prompt import Target
from kimi_lsp.text import Diagnostic, Snapshot, Span
from tests.support.calling import USED, Calling, call

TOKEN = "ghp_" + "a1B2" * 9
MAIN = "from cart import total\n\nprint(total([]))\n"
CART = f'KEY = "{TOKEN}"\n\n\ndef total(items):\n    return sum(items)\n'
LOOK = (call("read_file", "functions.read_file:0", path="shop/cart.py"),)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cart.py").write_text(CART)
    (tmp_path / "main.py").write_text(MAIN)
    snapshot = Snapshot((tmp_path / "main.py").as_uri(), 1, "python", MAIN)
    return Source(snapshot, tmp_path / "main.py", (tmp_path,))


def answer(*edits: tuple[str, str, str]) -> str:
    told = [{"file": file, "search": old, "replace": new, "line": None} for file, old, new in edits]
    return json.dumps({"summary": "Done.", "edits": told, "files": []})


BOTH = answer(
    ("main.py", "print(total([]))\n", "print(whole([]))\n"),
    ("shop/cart.py", 'KEY = "KIMI_SECRET_1_"\n', 'KEY = "KIMI_SECRET_1_"  # rotate\n'),
    ("shop/cart.py", "def total(items):\n", "def whole(items):\n"),
)


async def refactor(model: Calling, source: Source) -> features.Edited:
    scope = features.file_scope(source)
    meant = features.target(source, Span(0, 0))
    return await features.refactor(model, meant, "do it", ignored, scope, tools=toolbox(source))


def ignored(_phase: Phase) -> None:
    return None


async def test_a_file_that_the_model_read_may_be_edited(source: Source) -> None:
    edited = await refactor(Calling(LOOK, BOTH), source)
    texts = {step.path: step.plan.apply() for step in edited.files if isinstance(step, EditFile)}
    assert texts == {
        "main.py": MAIN.replace("print(total", "print(whole"),
        "shop/cart.py": CART.replace("def total", "def whole").replace(f'"{TOKEN}"', f'"{TOKEN}"  # rotate'),
    }
    assert edited.usage == USED + USED


async def test_a_file_of_another_folder_of_the_workspace_may_be_edited_too(
    source: Source, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "shop").mkdir()
    (other / "shop" / "tax.py").write_text("def tax(items):\n    return 0\n")
    # The document's own folder wins where both have a path.
    (other / "shop" / "cart.py").write_text("nothing of it\n")
    look = (call("read_file", "a", path="shop/tax.py"), call("read_file", "b", path="shop/cart.py"))
    changes = answer(
        ("shop/tax.py", "    return 0\n", "    return 1\n"),
        ("shop/cart.py", "def total(items):\n", "def whole(items):\n"),
    )
    edited = await refactor(Calling(look, changes), replace(source, roots=(*source.roots, other)))
    assert source.path is not None
    assert [edited.place(step.path) for step in edited.files] == [
        other / "shop" / "tax.py",
        source.path.parent / "shop" / "cart.py",
    ]


@pytest.mark.parametrize(("operations", "form"), [((), "edits of files"), (("create",), "edits and files")])
def test_what_the_answer_may_be_hangs_on_what_the_editor_can(
    operations: tuple[str, ...], form: str, source: Source
) -> None:
    """An editor that makes no files for a server edits several all the same; one that cannot edits its document."""
    asking = Asking(source, Span(0, 0), "do it", operations=frozenset(operations), several=True)
    wish = FEATURES["refactor"].wish(asking)
    assert wish.scope is not None
    assert (wish.form, wish.scope.operations) == (form, frozenset(operations))
    alone = FEATURES["refactor"].wish(Asking(source, Span(0, 0), "do it"))
    assert (alone.form, alone.scope) == (None, None)


async def test_a_file_that_the_model_did_not_read_is_not_edited(source: Source) -> None:
    with pytest.raises(Refused, match="not shown"):
        await refactor(Calling(BOTH), source)
    look_elsewhere = (call("search_text", "functions.search_text:0", text="total", folder=None),)
    with pytest.raises(Refused, match="not shown"):
        await refactor(Calling(look_elsewhere, BOTH), source)


async def test_a_fix_looks_but_edits_its_own_document_only(source: Source) -> None:
    meant = features.target(source, Span(0, 0))
    problem = Diagnostic(Span(0, 4), "Import could not be resolved")
    own = answer(("main.py", "from cart import total\n", "from shop.cart import total\n"))
    edited = await features.fix(Calling(LOOK, own), meant, [problem], ignored, toolbox(source))
    assert edited.plan.apply() == MAIN.replace("from cart", "from shop.cart")
    with pytest.raises(Refused, match=r"edit shop/cart\.py, and here only the document may change"):
        await features.fix(Calling(LOOK, BOTH), meant, [problem], ignored, toolbox(source))


async def test_a_repair_says_the_whole_conversation_again(source: Source) -> None:
    wrong = answer(("main.py", "print(total(None))\n", "print(1)\n"))
    model = Calling(LOOK, wrong, LOOK, BOTH)
    edited = await refactor(model, source)
    assert [step.path for step in edited.files if isinstance(step, EditFile)] == ["main.py", "shop/cart.py"]
    first, _, third, last = model.asked
    roles = [message.role for message in last.messages]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user", "assistant", "tool"]
    assert last.messages[: len(third.messages)] == third.messages
    assert last.messages[:2] == first.messages
    thoughts = [message.reasoning.text for message in last.messages if message.reasoning]
    assert thoughts == ["thought 1", "thought 2", "thought 3"]
    assert "<refused>" in last.messages[5].text
    assert edited.usage == USED + USED + USED + USED


async def test_an_explanation_tells_what_was_read_with_its_secrets(source: Source) -> None:
    meant = features.target(source, Span(0, 0))
    model = Calling(LOOK, " It uses `KIMI_SECRET_1_`.\n")
    explained = await features.explain(model, meant, ignored, tools=toolbox(source))
    assert explained.markdown == f"It uses `{TOKEN}`."
    assert explained.usage == USED + USED
    assert TOKEN not in str(model.asked)


async def test_a_loop_without_end_is_a_failure_of_the_feature(source: Source) -> None:
    meant = features.target(source, Span(0, 0))
    with pytest.raises(EndlessReading) as endless:
        await features.explain(Calling(LOOK), meant, ignored, tools=toolbox(source))
    assert endless.value.usage.prompt_tokens == 9 * USED.prompt_tokens


async def test_no_tool_is_offered_without_a_toolbox_or_without_room(source: Source) -> None:
    meant = features.target(source, Span(0, 0))
    small = Target(meant.snapshot, meant.span, meant.path, 2_000)
    for target, tools in ((meant, None), (small, toolbox(source))):
        model = Calling(answer())
        with pytest.raises(NothingProposed):
            await features.refactor(model, target, "do it", ignored, tools=tools)
        assert model.asked[0].tools == ()
