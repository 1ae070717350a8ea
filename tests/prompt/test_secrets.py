"""What is taken for a secret and what is not."""

import re
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt import secrets as room
from kimi_lsp.prompt.secrets import secrets

RANDOM = "9f8Kq2LmZx7RtY4vBn6W"


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in secrets(text)]


# Each row: a text, and the secret in it. Written in pieces, so that no scanner takes this file for a leak.
SECRETS: tuple[tuple[str, str], ...] = (
    ("aws = AKIA" + "A1" * 8, "AKIA" + "A1" * 8),
    ("# ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
    ("sk-" + RANDOM + " in a comment", "sk-" + RANDOM),
    ("s" + "k_live_" + RANDOM, "s" + "k_live_" + RANDOM),
    ("x" + "oxb-123456789012-" + RANDOM, "x" + "oxb-123456789012-" + RANDOM),
    ("ey" + "J0eXAiOiJK.ey" + "J0eXAiOiJK.c2lnbmF0dXJl", "ey" + "J0eXAiOiJK.ey" + "J0eXAiOiJK.c2lnbmF0dXJl"),
    ("url = postgres://me:s3cret@db/app", "me:s3cret"),
    (
        'HOOK = "https://hooks.slack.com/services/' + "T0000/B0000/" + RANDOM + '"',
        "T0000/B0000/" + RANDOM,
    ),
    ("curl -H 'Authorization: Bearer " + RANDOM + "'", RANDOM),
    ('headers = {"Authorization": "Bearer ' + RANDOM + '"}', RANDOM),
    ("Authorization: Basic bWU6aHVudGVyMg==", "bWU6aHVudGVyMg=="),
    ("DefaultEndpointsProtocol=https;AccountName=me;AccountKey=" + RANDOM * 2 + "==;", RANDOM * 2 + "=="),
    ("'Server=db;Password=hunter2!;Encrypt=1'", "hunter2!"),
    ("api_key: " + RANDOM, RANDOM),
    ("  - token: " + RANDOM + "  # of the tests", RANDOM),
    ("password: hunter2abc", "hunter2abc"),
    ("PASSWORD=value-123", "value-123"),
    ("export DB_PASSWORD=hunter2abc", "hunter2abc"),
    ("API_KEY=" + RANDOM + "\r", RANDOM),
    ('password = "correct!horse"', "correct!horse"),
    ("password = 'p@ss{w0rd$1'", "p@ss{w0rd$1"),
    ('"dbPassword": "Tr0ub4dor"', "Tr0ub4dor"),
    ('client_secret: str = "abcd-1234"', "abcd-1234"),
    ("pwd => 'hunter22'", "hunter22"),
    ('api_key = "' + RANDOM + '"', RANDOM),
)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
@pytest.mark.parametrize("around", ["{}", "first line\n{}\nlast line", "first line\r\n{}\r\nlast line\r\n"])
def test_a_secret_is_seen(text: str, secret: str, around: str) -> None:
    assert found(around.replace("{}", text)) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "token = next_token()",
        "password = get_password()",
        'key="name"',
        "password = config.password2",
        "    password=password1,",
        "password: string",
        "secret: SecretKey2",
        "token: Optional[str2]",
        "token == expected_1",
        "token := next(tokens1)",
        'password = "Enter your password 2:"',
        'password = "password"',
        'password = f"{prefix}-{number}1"',
        'password = "${PASSWORD_1}"',
        'password = "{{ vault.password1 }}"',
        'password = "<your-password-1>"',
        'password_url = "https://example.com/reset1"',
        'password_file = "/run/secrets/db1"',
        'PASSWORD = "********1"',
        "PASSWORD=$(cat /run/secrets/db1)",
        "PASSWORD=${OTHER_1}",
        "max_tokens: 16384000",
        'token_type = "authorization_code"',
        'author = "Ann-1 Example"',
        "passenger_count = 'number-12345'",
        "Authorization: Bearer <token-1>",
        'headers["Authorization"] = f"Bearer {token1}"',
        "sk-folding-cube-container-large",
        "Token::value12345",
        'sha256 = "' + "0a1b2c3d" * 8 + '"',
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert found(text) == []


KEY = [
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
    "",
    "MIIEpAIBAAKCAQEA" + "b7Yq" * 12,
    "Zm9vYmFyYmF6cXV4" + "c8Zr" * 12,
    "Ab12==",
    "-----END RSA " + "PRIVATE KEY-----",
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("indent", ["", "    ", "# "])
def test_a_private_key_is_hidden_row_by_row(end: str, indent: str) -> None:
    text = end.join(["before", *(indent + row for row in KEY), "after"])
    assert found(text) == KEY[3:6]


def test_a_private_key_in_strings_is_hidden() -> None:
    for text in (
        "key = '" + "\\n".join(KEY) + "\\n'",
        "key = (\n" + "\n".join(f'    "{row}\\n"' for row in KEY) + "\n)",
    ):
        assert found(text) == KEY[3:6]


def test_a_private_key_without_its_end_is_hidden() -> None:
    assert found("\n".join([KEY[0], *KEY[3:5], "def after(): pass"])) == KEY[3:5]


def test_code_that_only_looks_for_keys_is_left_alone() -> None:
    assert found(f'if "{KEY[0]}" in text:\n    return\n' + "x = 1\n" * 9000 + f'assert "{KEY[-1]}"') == []


def test_the_standard_library_holds_next_to_no_secrets() -> None:
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(
        path
        for folder in ("", "email", "http", "json", "logging", "urllib", "xml/dom", "asyncio")
        for path in (root / folder).glob("*.py")
    )
    assert len(files) >= 200
    seen = [(path.name, one) for path in files for one in found(path.read_text("utf-8", errors="replace"))]
    assert len(seen) <= 3, seen


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*(text for text, _ in SECRETS), "key", "x = 1", "-----BEGIN PRIVATE KEY-----"]),
            st.sampled_from(
                [
                    str,
                    str.upper,
                    str.swapcase,
                    lambda text: text.replace("k", "\u212a").replace("s", "\u017f"),
                ]
            ),
            st.sampled_from(["\n", "\r\n", "\r", " ", "", "\u2028", "ß"]),
        )
    )
)
def test_what_is_not_searched_holds_no_secret(parts: list[Any]) -> None:
    text = "".join(change(part) + end for part, change, end in parts)
    quick = secrets(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(room, "_SHAPES", [(("",), pattern) for _, pattern in room._SHAPES])
        patched.setattr(room, "_NAMES", re.compile(""))
        assert quick == secrets(text)
