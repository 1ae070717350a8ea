"""Where the key comes from, and which sentence says that it came from nowhere."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.kimi import Key, KeyCommandFailed, NoKey, UnusableKey, find_key

PRINTS = (sys.executable, "-c", "print('  from-command ')")


def prints(program: str) -> tuple[str, str, str]:
    return (sys.executable, "-c", program)


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"EMPIRIOLABS_API_KEY": "one", "KIMI_LSP_API_KEY": "two"}, "one"),
        ({"EMPIRIOLABS_API_KEY": " ", "KIMI_LSP_API_KEY": " two\n"}, "two"),
        ({}, "from-command"),
    ],
)
def test_the_environment_comes_before_the_command(environ: dict[str, str], found: str) -> None:
    assert find_key(environ, PRINTS, keyring=False).reveal() == found


def test_the_command_sees_the_given_environment_and_no_input_of_ours() -> None:
    program = "import os, sys; print(os.environ['VAULT'] + sys.stdin.read())"
    assert find_key({"VAULT": "v"}, prints(program), keyring=False).reveal() == "v"


def test_without_any_key_the_sentence_says_what_to_set() -> None:
    with pytest.raises(NoKey) as caught:
        find_key({}, (), keyring=False)
    assert type(caught.value) is NoKey
    for name in (
        "EMPIRIOLABS_API_KEY",
        "KIMI_LSP_API_KEY",
        "api_key_command",
        "keyring set kimi-lsp api-key",
    ):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (prints("import sys; print('secret'); sys.exit(3)"), "ended with 3"),
        (prints("import sys; print('secret', file=sys.stderr)"), "printed nothing"),
        (("no-such-program-anywhere", "secret"), "no-such-program-anywhere could not be started"),
    ],
)
def test_a_command_that_fails_is_said_without_its_output(command: tuple[str, ...], says: str) -> None:
    with pytest.raises(KeyCommandFailed, match=says) as caught:
        find_key({}, command, keyring=False)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kimi_lsp.kimi.credentials._COMMAND_SECONDS", 0.05)
    with pytest.raises(KeyCommandFailed, match=r"did not end within 0\.05 s"):
        find_key({}, prints("import time; time.sleep(1000)"), keyring=False)


@pytest.mark.parametrize("value", ["two words", "two\nlines", "ключ", "a\x00b", "a\x7f"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(UnusableKey, match="KIMI_LSP_API_KEY") as caught:
        find_key({"KIMI_LSP_API_KEY": value}, keyring=False)
    assert value not in str(caught.value)


class FakeKeyringError(Exception):
    pass


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring in memory; a locked one where it holds nothing under `locked`."""
    stored: dict[tuple[str, str], str] = {}

    def get_password(service: str, user: str) -> str | None:
        if ("locked", "") in stored:
            raise FakeKeyringError
        return stored.get((service, user))

    errors = ModuleType("keyring.errors")
    vars(errors)["KeyringError"] = FakeKeyringError
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return stored


def test_the_keyring_comes_last(keyring: dict[tuple[str, str], str]) -> None:
    keyring["kimi-lsp", "api-key"] = "from-keyring"
    assert find_key({}).reveal() == "from-keyring"
    assert find_key({}, PRINTS).reveal() == "from-command"


def test_a_locked_keyring_is_no_key(keyring: dict[tuple[str, str], str]) -> None:
    keyring["locked", ""] = ""
    with pytest.raises(NoKey):
        find_key({})


def test_without_the_extra_there_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NoKey):
        find_key({})


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8), st.text(), st.text())
def test_no_text_keeps_the_key(secret: str, before: str, after: str) -> None:
    hidden = Key(secret).hide(f"{before}{secret}{after}")
    assert secret.lower() not in hidden.lower() or secret in "***"


def test_a_harmless_text_stays_as_it_is() -> None:
    said = "Ask support@empiriolabs.ai about sk- keys (task-force, risk-free)."
    assert Key("sk-empiriolabs-abcdef123").hide(said) == said


def test_the_room_needs_no_network_library_for_a_key(tmp_path: Path) -> None:
    import subprocess

    program = "import sys, kimi_lsp.kimi; print({'httpx', 'stamina', 'truststore'} & set(sys.modules))"
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"
