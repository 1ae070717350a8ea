"""`kimi-lsp implement`, and pictures and films on the command line, as real processes against a sandbox."""

import base64
import json
from pathlib import Path

import pytest

from tests.cli.running import put, run
from tests.support import pictures
from tests.support.sandboxed import Sandbox

PAGE = "import html\n\n# kimi: build the form in mockups/form.png\ndef form() -> str:\n    ...\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mockups").mkdir()
    (tmp_path / "mockups" / "form.png").write_bytes(pictures.PNG)
    (tmp_path / "flow.mp4").write_bytes(pictures.MP4)
    return put(tmp_path / "page.py", PAGE)


async def sent(kimi: Sandbox) -> list[str]:
    """Return the addresses of what was sent beside the text of the one request."""
    (request,) = await kimi.requests()
    content = request["body"]["messages"][-1]["content"]
    return [str(part[part["type"]]["url"]) for part in content if part["type"] != "text"]


def url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


async def test_implement_reads_the_comment_and_its_picture(kimi: Sandbox, page: Path) -> None:
    ran = await run("implement", str(page), "--lines", "4-5", "--apply", environ=kimi.environ)
    assert ran.code == 0, ran.err
    assert "an image, PNG, 2x2" in ran.err
    assert page.read_text("utf-8").startswith(PAGE)
    assert len(page.read_text("utf-8")) > len(PAGE)
    assert await sent(kimi) == [url("image/png", pictures.PNG)]


@pytest.mark.parametrize("command", ["explain", "refactor", "implement"])
async def test_pictures_are_given_by_option(command: str, kimi: Sandbox, page: Path) -> None:
    options = ("--image", "mockups/form.png", "--video", "flow.mp4")
    ran = await run(command, "page.py", "--lines", "1", *options, environ=kimi.environ, cwd=page.parent)
    assert ran.code in (0, 3), ran.err
    assert await sent(kimi) == [url("image/png", pictures.PNG), url("video/mp4", pictures.MP4)]


@pytest.mark.parametrize("command", ["explain", "refactor", "implement"])
async def test_a_picture_that_cannot_be_sent_is_a_refusal(command: str, kimi: Sandbox, page: Path) -> None:
    ran = await run(command, str(page), "--lines", "1", "--image", str(page), "--json", environ=kimi.environ)
    assert ran.code == 3
    told = json.loads(ran.out)
    assert told["status"] == "refused"
    assert told["message"].startswith("page.py cannot be shown to the model: it takes PNG")
    assert told["message"].endswith("Nothing was sent to the model.")
    assert await kimi.requests() == []
