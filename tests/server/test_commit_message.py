"""`kimi.commitMessage` in a real editor session: no document, one answer, and the same as is shown before."""

from pathlib import Path

import pytest

from tests.server.test_show_request import fenced
from tests.support.editor import Editor, editor
from tests.support.repository import ALONE, git, put, repository
from tests.support.sandboxed import Sandbox


async def test_the_message_is_in_the_answer_and_what_is_sent_was_shown(ed: Editor, kimi: Sandbox) -> None:
    root = repository(ed.root, {"größe.py": "x = 1\r\n", ".kimiignore": "*.lock\n"})
    put(root, {"größe.py": "x = 2\r\n", "a.lock": "secret\n"})
    git(root, "add", "--all")
    argument = {"uri": (root / "größe.py").as_uri(), "instruction": "in English"}
    shown = await ed.run("kimi.showRequest", {**argument, "kind": "commitMessage"})
    assert await kimi.requests() == []
    told = await ed.run("kimi.commitMessage", argument)
    assert told["status"] == "ok", told
    assert told["text"].startswith("Change größe.py (sandbox)\n\n1 lines come and 1 go.\n")
    assert told["message"].endswith(")") or "$" in told["message"]
    (request,) = await kimi.requests()
    sent = [message["content"] for message in request["body"]["messages"]]
    assert fenced(shown["markdown"]) == sent
    assert "secret" not in sent[1]
    assert "Begin – „shop“" in sent[1]
    assert "in English" in sent[1]


async def test_with_nothing_staged_nobody_is_asked(ed: Editor, kimi: Sandbox) -> None:
    repository(ed.root, {"a.py": "x = 1\n"})
    told = await ed.run("kimi.commitMessage", {})
    assert told == {
        "status": "refused",
        "message": "Nothing was sent to the model: nothing is staged that may be sent; stage it with git add.",
    }
    assert ed.messages == [f"Kimi: {told['message']}"]
    assert await kimi.requests() == []


async def test_what_is_no_folder_is_a_bad_parameter(ed: Editor) -> None:
    for uri in ("untitled:Untitled-1", (ed.root / "none" / "a.py").as_uri()):
        with pytest.raises(Exception, match="folder"):
            await ed.run("kimi.commitMessage", {"uri": uri})


@pytest.mark.parametrize("protocol", ["chat", "responses", "messages"])
async def test_it_is_the_same_over_all_endpoints(protocol: str, kimi: Sandbox, tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "x = 1\n"})
    put(root, {"a.py": "x = 2\n", "b.js": "y\n"})
    git(root, "add", "--all")
    async with editor({**kimi.environ, **ALONE, "KIMI_LSP_PROTOCOL": protocol}, root) as ed:
        told = await ed.run("kimi.commitMessage", {"uri": root.as_uri()})
    assert told["text"].split("\n")[:3] == ["Change a.py and 1 more (sandbox)", "", "2 lines come and 1 go."]
