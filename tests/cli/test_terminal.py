"""`kimi-lsp explain | refactor | fix` as real processes against a sandbox: what goes where, and how they end."""

import json
import os
import signal
import stat
from pathlib import Path

import pytest

from kimi_lsp.cli import terminal
from tests.cli.running import CART, FIX, FIXED, KEY, ended, keyless, nowhere, one_sentence, put, run, start
from tests.support.sandboxed import Sandbox
from tests.support.scripted import Scripted

FIELDS = ["status", "message", "diff", "markdown", "usage"]


async def test_a_fix_is_shown_and_not_written(kimi: Sandbox, cart: Path) -> None:
    ran = await run("fix", str(cart), *FIX, environ=kimi.environ)
    assert ran.code == 0
    assert ran.out.startswith("--- a/cart.py\n+++ b/cart.py\n@@ ")
    assert "\n+import json\n" in ran.out
    assert ran.err.startswith("(sandbox) Added `import json`. (")
    assert ran.err.count("\n") == 1
    assert cart.read_text("utf-8") == CART


async def test_apply_writes(kimi: Sandbox, cart: Path) -> None:
    cart.chmod(0o640)
    before = cart.stat().st_ino
    ran = await run("fix", str(cart), *FIX, "--apply", environ=kimi.environ)
    assert ran.code == 0
    assert "cart.py was written." in ran.err
    assert cart.read_text("utf-8") == FIXED
    assert stat.S_IMODE(cart.stat().st_mode) == 0o640
    assert cart.stat().st_ino != before, "written in place, not in one step"
    assert os.listdir(cart.parent) == ["cart.py"]


async def test_what_was_changed_meanwhile_is_not_overwritten(kimi: Sandbox, cart: Path) -> None:
    await kimi.control(hold="before_content")
    process = await start("fix", str(cart), *FIX, "--apply", environ=kimi.environ)
    await kimi.wait("held")
    put(cart, CART + "# mine\n")
    await kimi.release()
    ran = await ended(process)
    assert ran.code == 1
    assert one_sentence(ran) == "cart.py was changed on disk meanwhile; it was not written."
    assert cart.read_text("utf-8") == CART + "# mine\n"


async def test_a_read_only_file_is_left_alone(kimi: Sandbox, cart: Path) -> None:
    cart.chmod(0o440)
    ran = await run("fix", str(cart), *FIX, "--apply", environ=kimi.environ)
    assert ran.code == 1
    assert one_sentence(ran) == "cart.py is read-only; it was not written."


async def test_refactor_takes_an_instruction(kimi: Sandbox, tmp_path: Path) -> None:
    file = put(
        tmp_path / "a.py", "def f(a, b):\n    if a:\n        if b:\n            return 1\n    return 0\n"
    )
    ran = await run(
        "refactor", str(file), "--lines", "1-5", "--instruction", "use guard clauses", environ=kimi.environ
    )
    assert ran.code == 0
    assert "+    if not a:\n+        return 0\n" in ran.out
    (request,) = await kimi.requests()
    assert "use guard clauses" in json.dumps(request["body"])


async def test_explain_prints_markdown(kimi: Sandbox, cart: Path) -> None:
    ran = await run("explain", str(cart), "--lines", "4-5", environ=kimi.environ)
    assert ran.code == 0
    assert ran.out.startswith("### `total(lines)` (sandbox)")
    assert ran.err.startswith("(")
    assert " thinking), $0.00" in ran.err


@pytest.mark.parametrize(
    ("command", "options", "code", "status"),
    [
        ("fix", FIX, 0, "ok"),
        ("explain", ("--lines", "4-5"), 0, "ok"),
        ("fix", ("--line", "99", "--message", "x"), 2, "failed"),
        ("fix", ("--line", "1", "--message", "something that the sandbox has never heard of"), 3, "refused"),
        ("fix", ("--line", "1"), 3, "refused"),
    ],
)
async def test_json_is_one_object(
    command: str, options: tuple[str, ...], code: int, status: str, kimi: Sandbox, cart: Path
) -> None:
    ran = await run(command, str(cart), *options, "--json", environ=kimi.environ)
    assert ran.code == code
    assert ran.err == ""
    told = json.loads(ran.out)
    assert list(told) == FIELDS
    assert told["status"] == status
    assert bool(told["diff"]) == (command == "fix" and code == 0)
    assert bool(told["markdown"]) == (command == "explain")
    assert ran.out.isascii(), "a control character could be in it"


async def test_json_tells_a_failure(cart: Path) -> None:
    ran = await run("explain", str(cart), "--lines", "4-5", "--json", environ=keyless(nowhere()))
    assert (ran.code, ran.err) == (1, "")
    told = json.loads(ran.out)
    assert list(told) == FIELDS
    assert told["status"] == "failed"
    assert told["message"].startswith("No API key for Kimi was found")
    assert told["usage"] is None


async def test_without_a_key(cart: Path) -> None:
    ran = await run("explain", str(cart), "--lines", "4-5", environ=keyless(nowhere()))
    assert ran.code == 1
    assert "EMPIRIOLABS_API_KEY" in one_sentence(ran)


async def test_with_a_wrong_key(kimi: Sandbox, cart: Path) -> None:
    environ = {**kimi.environ, "KIMI_LSP_API_KEY": KEY}
    ran = await run("explain", str(cart), "--lines", "4-5", environ=environ)
    assert ran.code == 1
    assert "did not accept the API key" in one_sentence(ran)


async def test_without_a_service(cart: Path) -> None:
    """It is tried again, and what the libraries log of that is kept off the terminal."""
    ran = await run("explain", str(cart), "--lines", "4-5", environ=nowhere())
    assert ran.code == 1
    assert one_sentence(ran).startswith("127.0.0.1:9 cannot be reached (connection refused)")


@pytest.mark.parametrize("fault", ["402", "500", "cut", "invalid-json", "empty-length"])
async def test_a_failing_service_is_one_sentence(fault: str, kimi: Sandbox, cart: Path) -> None:
    await kimi.control(fault=fault)
    environ = {**kimi.environ, "KIMI_LSP_LOG": str(cart.with_name("log"))}
    ran = await run("explain", str(cart), "--lines", "4-5", environ=environ)
    assert ran.code == 1
    one_sentence(ran)
    log = cart.with_name("log")
    assert kimi.api_key not in (log.read_text("utf-8") if log.exists() else "")


async def test_what_a_failed_answer_used_is_told(kimi: Sandbox, cart: Path) -> None:
    await kimi.control(fault="empty-length")
    ran = await run("explain", str(cart), "--lines", "4-5", "--json", environ=kimi.environ)
    assert ran.code == 1
    assert json.loads(ran.out)["usage"]["completion_tokens"] > 0


async def test_an_answer_in_the_wrong_form_is_a_failure(kimi: Sandbox, cart: Path) -> None:
    await kimi.control(fault="wrong-schema")
    ran = await run("fix", str(cart), *FIX, "--apply", environ=kimi.environ)
    assert ran.code == 1
    one_sentence(ran)
    assert cart.read_text("utf-8") == CART
    assert len(await kimi.requests()) == 2, "the model is told why, once"


async def test_a_missing_file(tmp_path: Path) -> None:
    ran = await run("explain", "none.py", "--lines", "1", environ=nowhere(), cwd=tmp_path)
    assert ran.code == 1
    assert one_sentence(ran) == f"There is no file {tmp_path / 'none.py'}."


async def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"name = '\xe9'\n")
    ran = await run("explain", "a.py", "--lines", "1", environ=nowhere(), cwd=tmp_path)
    assert ran.code == 1
    assert "is not UTF-8 text" in one_sentence(ran)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("a\nb\n", "3", "a.py has 2 lines; there is no line 3."),
        ("a\nb", "2-3", "a.py has 2 lines; there is no line 3."),
        ("a\n", "2", "a.py has 1 line; there is no line 2."),
        ("", "1", "a.py is empty; there is no line 1."),
    ],
)
async def test_a_line_past_the_end(text: str, line: str, sentence: str, tmp_path: Path) -> None:
    put(tmp_path / "a.py", text)
    ran = await run("explain", "a.py", "--lines", line, environ=nowhere(), cwd=tmp_path)
    assert ran.code == 2
    assert one_sentence(ran) == sentence


@pytest.mark.parametrize("lines", ["0", "3-2", "x", "1-", "-1", "²"])
async def test_what_is_no_line(lines: str, cart: Path) -> None:
    ran = await run("explain", str(cart), f"--lines={lines}", environ=nowhere())
    assert ran.code == 2
    assert "argument --lines: " in ran.err


@pytest.mark.parametrize("name", ["cart.py", ".env"])
async def test_an_ignored_file_is_not_sent(name: str, kimi: Sandbox, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path / ".kimiignore", "cart.py\n")
    put(tmp_path / name, CART)
    ran = await run("explain", name, "--lines", "4-5", environ=kimi.environ, cwd=tmp_path)
    assert ran.code == 3
    assert one_sentence(ran).startswith("Nothing was sent to the model: ")
    assert await kimi.requests() == []


async def test_line_ends_and_the_missing_last_one_are_kept(kimi: Sandbox, tmp_path: Path) -> None:
    text = CART.removesuffix("\n").replace("\n", "\r\n")
    file = put(tmp_path / "cart.py", text)
    (tmp_path / "sub").mkdir()
    arguments = ("fix", "../cart.py", *FIX, "--apply")
    ran = await run(*arguments, environ=kimi.environ, cwd=tmp_path / "sub")
    assert ran.code == 0
    assert file.read_bytes().decode() == FIXED.removesuffix("\n").replace("\n", "\r\n")
    assert "--- a/cart.py\n" in ran.out
    assert "+import json\r\n" in ran.out
    assert ran.out.endswith("\\ No newline at end of file\n")


async def test_fix_without_a_message_asks_the_syntax_check(kimi: Sandbox, tmp_path: Path) -> None:
    file = put(tmp_path / "a.py", "def f()\n    return 1\n")
    ran = await run("fix", str(file), "--line", "1", "--apply", environ=kimi.environ)
    assert ran.code == 0
    assert file.read_text("utf-8") == "def f():\n    return 1\n"


@pytest.mark.parametrize(
    ("name", "text", "code", "sentence"),
    [
        (
            "a.py",
            CART,
            3,
            "The syntax check finds no error at line 2; say with --message what the problem is.",
        ),
        (
            "a.json",
            "[\n\n1,\n]\n",
            3,
            "The syntax check finds no error at line 2, the first one is at line ",
        ),
        (
            "a.txt",
            "one\ntwo\n",
            2,
            "There is no syntax check for a.txt; say with --message what the problem is.",
        ),
    ],
)
async def test_fix_where_the_syntax_check_says_nothing(
    name: str, text: str, code: int, sentence: str, tmp_path: Path
) -> None:
    file = put(tmp_path / name, text)
    ran = await run("fix", str(file), "--line", "2", environ=nowhere())
    assert ran.code == code
    assert one_sentence(ran).startswith(sentence)


async def test_a_remark_on_the_settings_comes_first(kimi: Sandbox, cart: Path) -> None:
    put(cart.with_name(".kimi-lsp.toml"), 'base_url = "https://elsewhere.example"\n')
    ran = await run("explain", str(cart), "--lines", "4-5", environ=kimi.environ)
    assert ran.code == 0
    assert ran.err.startswith("kimi-lsp: .kimi-lsp.toml: a workspace may not set base_url")
    assert len(await kimi.requests()) == 1


BREAKS = json.dumps(
    {
        "summary": "Broke it.",
        "edits": [
            {
                "file": "cart.py",
                "search": "def total(lines: list[int]) -> str:",
                "replace": "def total(lines:",
                "line": 4,
            }
        ],
    }
)


class Closing(Scripted):
    def ratio(self, _language: str) -> float:
        return 1.0

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("options", "code", "written"),
    [((), 0, False), (("--apply",), 3, False), (("--apply", "--force"), 0, True)],
    ids=["shown", "refused", "forced"],
)
def test_an_edit_that_breaks_the_syntax(
    options: tuple[str, ...],
    code: int,
    written: bool,
    cart: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    model = Closing([BREAKS])

    async def scripted(*_given: object) -> Closing:
        return model

    monkeypatch.setattr(terminal, "open_model", scripted)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(cart.parent / "none"))
    before = signal.getsignal(signal.SIGPIPE)
    try:
        from kimi_lsp.cli import main

        assert main(["refactor", str(cart), "--lines", "4-5", *options]) == code
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert model.closed
    out, err = capfd.readouterr()
    assert "+def total(lines:\n" in out
    assert "This edit brings a syntax error at line 4: " in err
    assert ("--force" in err) == (code == 3)
    assert (cart.read_text("utf-8") != CART) == written
