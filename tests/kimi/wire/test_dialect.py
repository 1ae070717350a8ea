"""Optional fields are given up one at a time, only those that were sent, and only when they are named."""

import pytest

from kimi_lsp.kimi.wire.dialect import Dialect


@pytest.mark.parametrize(
    ("said", "poorer"),
    [
        ("Unknown parameter: Disable_Formatting", Dialect(disable_formatting=False)),
        ("stream_options is not allowed", Dialect(stream_options=False)),
        ("body.stream_options.include_usage: no", Dialect(stream_options=False)),
        ("response_format unavailable", Dialect(answers=("json_object", "none"))),
        ("json_schema is not supported", Dialect(answers=("json_object", "none"))),
        ("Unknown parameter: 'text'", Dialect(answers=("json_object", "none"))),
        ("text.format.schema is odd", Dialect(answers=("json_object", "none"))),
        ("body.text: extra inputs are not permitted", Dialect(answers=("json_object", "none"))),
        ("output_config: extra inputs are not permitted", Dialect(answers=("json_object", "none"))),
        ("messages must not be empty", None),
        ("the text is too odd", None),
    ],
)
def test_the_field_that_is_named_is_left_out(said: str, poorer: Dialect | None) -> None:
    assert Dialect().without(said, structured=True) == poorer


def test_the_shape_is_only_given_up_where_it_was_asked_for() -> None:
    assert Dialect().without("response_format", structured=False) is None


def test_nothing_is_given_up_twice() -> None:
    everything = "disable_formatting stream_options response_format"
    dialect: Dialect | None = Dialect()
    seen = []
    while dialect is not None:
        seen.append(dialect)
        dialect = dialect.without(everything, structured=True)
    assert len(seen) == 5
    assert seen[-1] == Dialect(disable_formatting=False, stream_options=False, answers=("none",))


def test_an_endpoint_without_a_step_skips_it() -> None:
    dialect = Dialect(answers=("json_schema", "none"))
    assert dialect.without("output_config", structured=True) == Dialect(answers=("none",))
    assert Dialect(answers=("none",)).without("output_config", structured=True) is None
