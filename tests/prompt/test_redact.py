"""Secrets go out of texts and come back, exactly."""

from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt import redact
from kimi_lsp.text import Lines
from tests.prompt.test_secrets import KEY, RANDOM, SECRETS

PIECES = st.one_of(
    st.sampled_from([text for text, _ in SECRETS]),
    st.sampled_from([secret for _, secret in SECRETS]),
    st.sampled_from(
        ["\n".join(KEY), KEY[3], "\n", "\r\n", "\r", "KIMI_SECRET", "_1_", "__", "KIMI_SECRET_1_", "1"]
    ),
    st.text(max_size=12),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(TEXTS)
def test_what_is_restored_is_what_was_there(text: str) -> None:
    redaction = redact(text)
    assert redaction.restore(redaction.text) == text


@given(TEXTS, TEXTS)
def test_all_texts_come_back(text: str, other: str) -> None:
    redaction = redact(text, other)
    assert redaction.restore(redaction.text) == text
    assert tuple(map(redaction.restore, redaction.more)) == (other,)


@given(TEXTS)
def test_lines_stay_lines(text: str) -> None:
    redacted = redact(text).text
    assert len(Lines.of(redacted)) == len(Lines.of(text))
    assert [one for one in redacted if one in "\r\n"] == [one for one in text if one in "\r\n"]


@given(TEXTS)
def test_nothing_known_is_left(text: str) -> None:
    redaction = redact(text)
    hidden = redaction.hide(text)
    assert not [one for one in redaction.secrets.values() if len(one) >= 6 and one in hidden]


def test_the_same_secret_has_the_same_placeholder_wherever_it_stands() -> None:
    text = f'password = "hunter2!x"\n# remember: hunter2!x\napi_key = "{RANDOM}"\n'
    redaction = redact(text, "use hunter2!x here")
    assert redaction.text == (
        'password = "KIMI_SECRET_1_"\n# remember: KIMI_SECRET_1_\napi_key = "KIMI_SECRET_2_"\n'
    )
    assert redaction.more == ("use KIMI_SECRET_1_ here",)
    assert redaction.secrets == {"KIMI_SECRET_1_": "hunter2!x", "KIMI_SECRET_2_": RANDOM}


def test_a_placeholder_is_never_a_word_of_the_text() -> None:
    redaction = redact('password = "hunter2!x"  # KIMI_SECRET_1_ KIMI_SECRET__')
    assert redaction.text == 'password = "KIMI_SECRET____1_"  # KIMI_SECRET_1_ KIMI_SECRET__'


def test_a_text_without_secrets_is_itself() -> None:
    redaction = redact("KIMI_SECRET_1_\n", "x")
    assert (redaction.text, redaction.more) == ("KIMI_SECRET_1_\n", ("x",))
    assert redaction.restore("KIMI_SECRET_1_") == "KIMI_SECRET_1_"


def test_one_row_of_a_key_is_hidden_where_it_is_quoted() -> None:
    redaction = redact("\n".join(KEY))
    for row in KEY[3:6]:
        told = redaction.hide(f"The nearest line is:\n```\n{row}\n```")
        assert row not in told
        assert redaction.restore(told) == f"The nearest line is:\n```\n{row}\n```"


def test_a_secret_that_is_new_is_hidden_for_good() -> None:
    redaction = redact("x = 1\n")
    assert redaction.hide('password = "hunter2!x"') == 'password = "KIMI_SECRET"'
    assert redaction.restore('password = "KIMI_SECRET"') == 'password = "KIMI_SECRET"'


def test_a_redaction_does_not_show_its_secrets() -> None:
    assert "hunter2" not in repr(redact('password = "hunter2!x"'))


@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_further_texts_come_back_by_the_last_redaction(text: str, others: list[str]) -> None:
    redaction = redact(text)
    told = [redaction.text]
    for other in others:
        redaction, clean = redaction.further(other)
        told.append(clean)
        assert len(Lines.of(clean)) == len(Lines.of(other))
    assert [redaction.restore(one) for one in told] == [text, *others]


@given(TEXTS, TEXTS)
def test_a_further_text_holds_no_secret_of_the_first(text: str, other: str) -> None:
    redaction = redact(text)
    _, clean = redaction.further(f"{text}\n{other}")
    assert not [one for one in redaction.secrets.values() if len(one) >= 6 and one in clean]


def test_a_known_secret_keeps_its_placeholder_in_a_further_text() -> None:
    redaction, clean = redact('password = "hunter2!x"').further(f"hunter2!x\napi_key = '{RANDOM}' {RANDOM}")
    assert clean == "KIMI_SECRET_1_\napi_key = 'KIMI_SECRET_2_' KIMI_SECRET_2_"
    assert redaction.secrets == {"KIMI_SECRET_1_": "hunter2!x", "KIMI_SECRET_2_": RANDOM}


def test_a_placeholder_that_a_further_text_contains_is_not_taken_for_a_secret() -> None:
    redaction, clean = redact('password = "hunter2!x"').further("write KIMI_SECRET_1_ here")
    assert "hunter2!x" not in redaction.restore(clean)
    assert redaction.restore(clean) == "write KIMI_SECRET_1_ here"


def test_a_secret_that_comes_later_takes_no_word_of_the_first_text() -> None:
    redaction, _ = redact("write KIMI_SECRET_1_ here").further('password = "hunter2!x"')
    assert redaction.restore("write KIMI_SECRET_1_ here") == "write KIMI_SECRET_1_ here"
