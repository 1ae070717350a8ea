"""Bodies of failures, in all the shapes that are met."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.kimi.wire.fault import Fault, read


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"error": {"message": "m", "type": "T", "code": "C"}}, Fault("m", ("c", "t"))),
        ({"error": {"message": "m", "type": "t", "code": 503}}, Fault("m", ("t",), 503)),
        ({"error": {"message": "m", "code": "429"}}, Fault("m", (), 429)),
        ({"error": {"message": "m", "param": "stop"}}, Fault("m (stop)")),
        ({"error": {"message": "stop is odd", "param": "stop"}}, Fault("stop is odd")),
        ({"type": "error", "error": {"type": "t", "message": "m"}, "request_id": "r"}, Fault("m", ("t",))),
        ({"error": "m"}, Fault("m")),
        ({"message": "m", "code": "c"}, Fault("m", ("c",))),
        ({"detail": "m"}, Fault("m")),
        ({"detail": {"message": "m"}}, Fault("m")),
        ({"error": {"message": "m", "type": "<nil>"}}, Fault("m")),
        ({"error": {"message": None}}, Fault()),
        ({"error": {}}, Fault()),
        ([], Fault()),
        (3, Fault("3")),
        ("m", Fault("m")),
    ],
)
def test_json_of_any_shape(body: object, fault: Fault) -> None:
    assert read(json.dumps(body)) == fault


def test_a_rejected_field_is_named_and_what_was_sent_is_not() -> None:
    detail = [{"loc": ["body", "stop", 0], "msg": "too long", "input": "the user's code"}, "also", 3]
    assert read(json.dumps({"detail": detail})).message == "body.stop.0: too long; also; "


def test_an_envelope_in_a_message_is_opened() -> None:
    inner = json.dumps({"error": {"message": "inner", "type": "content_filter", "code": 400}})
    outer = {"error": {"message": f"Upstream said: {inner}", "type": "upstream_error", "code": 502}}
    assert read(json.dumps(outer)) == Fault("inner", ("content_filter", "upstream_error"), 400)


def test_envelopes_within_envelopes_end_somewhere() -> None:
    body = json.dumps({"error": {"message": "core", "type": "inmost"}})
    for _ in range(3):
        body = json.dumps({"error": {"message": body}})
    assert read(body) == Fault("core", ("inmost",))
    for _ in range(30):
        body = json.dumps({"error": {"message": body[:5000]}})
    read(body)


def test_braces_in_a_message_are_not_an_envelope() -> None:
    assert read(json.dumps({"error": {"message": "use {name} here"}})).message == "use {name} here"
    assert read(json.dumps({"error": {"message": 'got {"a": 1}'}})).message == 'got {"a": 1}'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", ""),
        ("  try later\n", "try later"),
        ("{broken", "{broken"),
        ("[" * 100_000, "[" * 100_000),
        ("<html><head><title>502 Bad &amp; Gateway</title></head></html>", "502 Bad & Gateway"),
        ("<!DOCTYPE html><style>x{}</style><h1>Gone</h1>", "Gone"),
        ("<nil>", "<nil>"),
    ],
)
def test_text_and_pages(body: str, message: str) -> None:
    assert read(body) == Fault(message)


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_no_body_breaks_the_reader(body: str) -> None:
    assert isinstance(read(body).message, str)
