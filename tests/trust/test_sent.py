"""What the service gets from a real server: no ignored file, no secret, and nothing at another address."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.kimi.server import Server, answers
from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

# In pieces, so that no scanner takes this file for a leak.
TOKEN, PASSWORD, OTHER = "ghp_" + "a1B2" * 9, "hunter2" + "!x9", "glpat-" + "x7Y8z9" * 4
SOURCE = f'TOKEN = "{TOKEN}"\n\n\ndef total(lines):\n    return json.dumps(lines)\n# kimi: use {PASSWORD}\n'
COMMANDS = ("explain", "refactor", "implement", "fix", "showRequest")


def argument(ed: Editor, command: str, uri: str, **more: Any) -> dict[str, Any]:
    if command == "implement":
        return ed.place(uri, "# kimi:", **more)
    if command == "fix":
        words = f"Undefined name `json` in {TOKEN} of {OTHER}"
        return ed.place(uri, "json", diagnostics=[ed.diagnostic(uri, "json", words, code="F821")], **more)
    return ed.place(uri, "def total", **more)


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("cart.py", {".gitignore": "cart.py\n"}),
        ("cart.py", {".kimiignore": "*.py\n"}),
        ("cart.py", {".aiignore": "/cart.py\n"}),
        ("deep/cart.py", {"deep/.gitignore": "*\n"}),
        ("cart.py", {".kimi-lsp.toml": "exclude = ['cart.py']\n"}),
        ("prod.env", {}),
        ("server.key", {}),
        (".git/hook.py", {}),
    ],
)
async def test_a_file_that_is_kept_back_is_sent_by_no_command(
    name: str, rules: dict[str, str], kimi: Sandbox, tmp_path: Path
) -> None:
    for file, text in rules.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    async with editor(kimi.environ, tmp_path, ui={"markdown": True}) as ed:
        uri = ed.put(name, SOURCE)
        for command in COMMANDS:
            told = await ed.run(f"kimi.{command}", argument(ed, command, uri))
            assert told["status"] == "refused", (command, told)
            assert told["message"].startswith("Nothing was sent to the model: ")
            assert TOKEN not in str(told)
    assert await kimi.requests() == []


@pytest.mark.parametrize("command", COMMANDS[:-1])
async def test_no_secret_is_sent_and_the_answer_has_them_back(
    command: str, kimi: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "other.py").write_text(f'KEY = "{OTHER}"\nTOKEN = "{TOKEN}"\n\n\ndef total():\n    pass\n')
    wish = f'use the password = "{PASSWORD}" and {OTHER}'
    async with editor(kimi.environ, tmp_path, tools=True, ui={"markdown": True}, preview="never") as ed:
        uri = ed.put("cart.py", SOURCE)
        more = {"instruction": wish} if command in ("refactor", "implement") else {}
        shown = await ed.run("kimi.showRequest", argument(ed, command, uri, kind=command, **more))
        told = await ed.run(f"kimi.{command}", argument(ed, command, uri, **more))
        requests = await kimi.requests()
        assert requests
        for secret in (TOKEN, OTHER):
            assert secret not in json.dumps([request["body"] for request in requests])
            assert secret not in shown["markdown"]
        assert "KIMI_SECRET_1_" in json.dumps(requests[0]["body"])
        assert "KIMI_SECRET_1_" not in ed.buffers[uri]
        if command == "fix":
            assert told["status"] == "ok"
            assert TOKEN in ed.buffers[uri]


async def test_a_workspace_leads_the_key_nowhere(kimi: Sandbox, tmp_path: Path) -> None:
    evil = Server([answers("401 Unauthorized", {"error": {"message": "no"}})])
    ran = tmp_path.parent / f"{tmp_path.name}-ran"
    async with evil.listening():
        (tmp_path / ".kimi-lsp.toml").write_text(
            f"base_url = '{evil.url}'\nproxy = '{evil.url}'\nheaders = {{X-Key = 'x'}}\nca_file = 'evil.pem'\n"
            f"api_key_command = ['touch', '{ran}']\ncheckers = ['{ran}']\nlog_file = '{ran}'\n"
            "budget_day = 100\nmax_tokens = 100000\nrequests_per_minute = 1000\n",
            "utf-8",
        )
        async with editor(kimi.environ, tmp_path, ui={"markdown": True}, budget_day=1.0) as ed:
            uri = ed.put("cart.py", SOURCE)
            assert (await ed.run("kimi.explain", argument(ed, "explain", uri)))["status"] == "ok"
            said = " ".join(ed.messages)
    assert evil.requests == []
    assert not ran.exists()
    assert len(await kimi.requests()) == 1
    for name in (
        "base_url",
        "proxy",
        "ca_file",
        "api_key_command",
        "checkers",
        "log_file",
        "requests_per_minute",
    ):
        assert f"a workspace may not set {name}; it was not obeyed" in said
    for name in ("budget_day", "max_tokens"):
        assert f"a workspace may set {name} only lower; it was not obeyed" in said
    assert "there is no setting 'headers'" in said


async def test_an_address_that_is_not_usable_leads_nowhere(kimi: Sandbox, tmp_path: Path) -> None:
    """Not to the one of the layer below either."""
    async with editor(kimi.environ, tmp_path, ui={"markdown": True}, baseUrl="http://kimi.example") as ed:
        uri = ed.put("cart.py", SOURCE)
        told = await ed.run("kimi.explain", argument(ed, "explain", uri))
        assert told["status"] == "failed"
        assert "base_url is not usable, so nothing was sent" in told["message"]
        assert await ed.run("kimi.showRequest", argument(ed, "explain", uri)) == told
        # What is to be said of the settings waits for the editor's own, and may come after the answer.
        async with asyncio.timeout(30):
            while not any("base_url is not usable: http would show" in one for one in ed.messages):
                await ed.run("kimi.cancel", {})
    assert await kimi.requests() == []


@pytest.mark.parametrize(
    "limit", [{"budgetDay": "5"}, {"budgetRequest": float("inf")}, {"exclude": "*.py"}, {"proxy": 8080}]
)
async def test_a_limit_that_cannot_be_read_lets_nothing_out(
    limit: dict[str, object], kimi: Sandbox, tmp_path: Path
) -> None:
    """Also where it is given while the server runs, and was good before."""
    async with editor(kimi.environ, tmp_path, ui={"markdown": True}) as ed:
        uri = ed.put("cart.py", SOURCE)
        assert (await ed.run("kimi.explain", argument(ed, "explain", uri)))["status"] == "ok"
        sent = len(await kimi.requests())
        ed.client.set_configuration({"kimi": limit})
        ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings={}))
        await ed.client.wait_for_notification("window/showMessage")
        for command in COMMANDS:
            told = await ed.run(f"kimi.{command}", argument(ed, command, uri))
            assert told["status"] == "failed", told
            assert told["message"].startswith(
                "Nothing was sent, because a limit in the settings cannot be read"
            )
    assert len(await kimi.requests()) == sent


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_the_key_nowhere(code: int, kimi: Sandbox, tmp_path: Path) -> None:
    evil = Server([answers("200 OK", {})])
    async with evil.listening():
        here = Server([answers(f"{code} Moved", b"", f"Location: {evil.url}/v1/chat/completions")])
        async with here.listening():
            environ = {**kimi.environ, "KIMI_LSP_BASE_URL": here.url}
            async with editor(environ, tmp_path) as ed:
                uri = ed.put("cart.py", SOURCE)
                told = await ed.run("kimi.explain", argument(ed, "explain", uri))
    assert told["status"] == "failed"
    assert "redirects are not followed" in told["message"]
    assert evil.requests == []
