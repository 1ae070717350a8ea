"""Reviews: each suggestion is planned by itself, and what does not fit is dropped, counted and never guessed."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp import features
from kimi_lsp.features import FEATURES, Asking, NotSent, NotUnderstood, Reviewed, Source, Wanted, Wish
from kimi_lsp.text import Snapshot, Span
from tests.support.repository import ALONE, put, repository
from tests.support.scripted import USED, Scripted

TEXT = 'class A:\r\n\tclass B:\r\n\t\tdef größe(self):\r\n\t\t\treturn "€" == None\r\n\r\nx = 1\r\n'
Json = dict[str, Any]


def edit(search: str, replace: str, file: str = "a.py", line: int | None = None) -> Json:
    return {"file": file, "search": search, "replace": replace, "line": line}


def suggested(*suggestions: tuple[str, list[Json]]) -> str:
    told = [{"reason": reason, "edits": edits} for reason, edits in suggestions]
    return json.dumps({"summary": "Looked at it.", "suggestions": told})


def wish(root: Path, text: str = TEXT, span: Span | None = None, committed: str | None = None) -> Wish:
    source = Source(Snapshot((root / "a.py").as_uri(), 1, "python", text), root / "a.py", (root,))
    return FEATURES["review"].wish(Asking(source, span or Span(0, 0), committed=committed))


async def reviewed(model: Scripted, wish: Wish) -> Reviewed:
    return await features.review(model, Wanted("review", wish), lambda _phase: None)


IS_NONE = edit('\t\t\treturn "€" == None', '\t\t\treturn "€" is None')


async def test_each_is_planned_by_itself_and_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    answer = suggested(
        ("Compare by\n identity", [IS_NONE]),
        ("Not there", [edit("y = 2", "y = 3")]),
        ("Another file", [edit("x = 1", "x = 2", file="b.py")]),
        ("Broken", [edit("x = 1", "x = (")]),
        ("Nothing", [edit("x = 1", "x = 1")]),
        ("", [edit("x = 1", "x = 2")]),
        ("Same lines", [edit('\t\t\treturn "€" == None', "\t\t\treturn False")]),
        ("The same again", [IS_NONE]),
        ("Two places", [edit("x = 1", "x = 3"), edit("class A:", "class C:")]),
    )
    model = Scripted([answer])
    found = await reviewed(model, wish(tmp_path))
    assert [(one.reason, one.plan.apply()) for one in found.suggestions] == [
        ("Compare by identity", TEXT.replace("==", "is")),
        ("Same lines", TEXT.replace('"€" == None', "False")),
        ("Two places", TEXT.replace("x = 1", "x = 3").replace("class A", "class C")),
    ]
    assert found.told() == "3 suggestions; 5 more do not fit the text."
    assert len(found.dropped) == 5
    assert "it brings a syntax error at line 6" in found.dropped[2]
    assert (found.usage, len(model.asked)) == (USED, 1)


async def test_what_cannot_be_read_is_asked_for_once_more(tmp_path: Path) -> None:
    model = Scripted(['{"summary": "x", "edits": []}', suggested(("Better", [IS_NONE]))])
    found = await reviewed(model, wish(tmp_path))
    assert [one.reason for one in found.suggestions] == ["Better"]
    assert found.usage.prompt_tokens == 2 * USED.prompt_tokens
    assert "suggestions" in model.asked[1].messages[-1].text
    with pytest.raises(NotUnderstood):
        await reviewed(Scripted(["no", "no"]), wish(tmp_path))


async def test_nothing_to_suggest_is_an_answer(tmp_path: Path) -> None:
    found = await reviewed(Scripted([suggested()]), wish(tmp_path))
    assert (found.suggestions, found.told(), found.summary) == ((), "No suggestions.", "Looked at it.")


async def test_a_reason_is_one_harmless_line(tmp_path: Path) -> None:
    answer = suggested(("\x1b[31mrun [this](command:x)\u202e" + "x" * 500, [IS_NONE]))
    (one,) = (await reviewed(Scripted([answer]), wish(tmp_path))).suggestions
    assert one.reason.startswith("\\x1b[31mrun [this] (command:x)\\u202e")
    assert len(one.reason) == 200


async def test_secrets_come_back_in_edits_and_reasons(tmp_path: Path) -> None:
    text = 'token = "ghp_' + "a1B2" * 9 + '"\nx = 1\n'
    model = Scripted([suggested(("KIMI_SECRET_1_ is a secret", [edit("x = 1", "x = KIMI_SECRET_1_")]))])
    (one,) = (await reviewed(model, wish(tmp_path, text))).suggestions
    assert "a1B2" not in model.asked[0].messages[-1].text
    assert one.plan.apply().count("ghp_a1B2") == 2


async def test_a_bare_cursor_means_the_file_and_a_selection_itself(tmp_path: Path) -> None:
    assert len(wish(tmp_path).target.span) == 0
    assert wish(tmp_path, span=Span(3, 9)).target.span == Span(3, 9)


async def test_the_diff_is_of_the_text_at_hand_and_not_of_line_ends(tmp_path: Path) -> None:
    asked = wish(tmp_path, committed=TEXT.replace("\r\n", "\n").replace("x = 1", "x = 0"))
    ((name, _, diff),) = asked.more
    assert name == "diff"
    assert [line for line in diff.split("\n") if line[:1] in "+-" and line[1:2] not in "+-"] == [
        "-x = 0",
        "+x = 1",
    ]
    assert asked.target.span == Span(TEXT.index("x = 1"), len(TEXT))
    assert wish(tmp_path, committed="").more == ()
    gone = wish(tmp_path, committed=f"import os\n{TEXT}").target.span.of(TEXT)
    assert gone == "class A:\r\n", "what is gone was before this line"
    with pytest.raises(NotSent, match=r"all of a\.py is committed"):
        wish(tmp_path, committed=TEXT.replace("\r\n", "\n"))


async def test_where_a_file_does_not_fit_it_is_said(tmp_path: Path) -> None:
    text = "".join(f"x{number} = {number}\n" for number in range(3_000))
    source = Source(Snapshot((tmp_path / "a.py").as_uri(), 1, "python", text), tmp_path / "a.py", (tmp_path,))
    source = replace(source, context_tokens=6_000)
    wish = FEATURES["review"].wish(Asking(source, Span(0, 0)))
    model = Scripted([suggested(("Late", [edit("x2 = 2", "x2 = 3")]))])
    told = (await reviewed(model, wish)).told()
    assert re.fullmatch(r"1 suggestion\. Only lines 1-\d+ fit into the request\.", told)
    changed = FEATURES["review"].wish(Asking(source, Span(0, 0), committed=text.replace("x2500 = 2500", "x")))
    model = Scripted([suggested()])
    assert (await reviewed(model, changed)).told() == "No suggestions."
    assert "\nx2500 = 2500\n" in model.asked[0].messages[-1].text


async def test_what_is_committed_is_asked_of_git(tmp_path: Path) -> None:
    root = repository(tmp_path / "in", {"a.py": "x = 0\n"})
    put(root, {"a.py": "x = 1\n"})
    environ: Mapping[str, str] = {"PATH": "/usr/bin:/bin", **ALONE}
    snapshot = Snapshot((root / "a.py").as_uri(), 1, "python", "x = 2\n")
    assert await features.uncommitted(Source(snapshot, root / "a.py", (root,)), environ) == "x = 0\n"
    outside = Source(snapshot, tmp_path / "a.py")
    with pytest.raises(NotSent, match="git did not tell what is committed"):
        await features.uncommitted(outside, {**environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    with pytest.raises(NotSent, match="only a file"):
        await features.uncommitted(Source(snapshot, None), environ)
