"""Changes are exact: what they replay is what the editor did, and a carried span spans the same characters."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kimi_lsp.text import Change, ChangeLog, Span, carry, grown

texts = st.text(st.sampled_from("ab\r\né😀"), max_size=20)


@st.composite
def spans(draw: st.DrawFn, length: int) -> Span:
    start = draw(st.integers(0, length))
    return Span(start, draw(st.integers(start, length)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[Change], str]:
    """A text, changes made to it one after the other, and what they lead to."""
    text = before = draw(texts)
    changes = []
    for _ in range(draw(st.integers(0, 6))):
        change = Change(draw(spans(len(text))), draw(texts))
        changes.append(change)
        text = change.apply(text)
    return before, changes, text


@given(texts, texts)
def test_the_change_between_two_texts_leads_from_one_to_the_other(before: str, after: str) -> None:
    change = Change.between(before, after)
    assert change.apply(before) == after
    removed, added = change.span.of(before), change.text
    assert not removed or not added or (removed[0] != added[0] and removed[-1] != added[-1])
    if before == after:
        assert not removed
        assert not added


@given(histories(), st.data())
def test_a_carried_span_holds_the_same_characters(
    history: tuple[str, list[Change], str], data: st.DataObject
) -> None:
    before, changes, after = history
    span = data.draw(spans(len(before)))
    carried = carry(span, changes)
    if carried is not None:
        assert carried.of(after) == span.of(before)


@given(histories(), st.data())
def test_a_span_is_lost_only_where_its_inside_was_touched(
    history: tuple[str, list[Change], str], data: st.DataObject
) -> None:
    before, changes, _ = history
    assume(changes)
    span, first = data.draw(spans(len(before))), changes[0].span
    apart = first.end <= span.start or first.start >= span.end
    assert (carry(span, changes[:1]) is not None) == apart


def test_text_at_the_edge_of_a_span_stays_outside() -> None:
    assert carry(Span(2, 4), [Change(Span(2, 2), "xyz")]) == Span(5, 7)
    assert carry(Span(2, 4), [Change(Span(4, 4), "xyz")]) == Span(2, 4)
    assert carry(Span(2, 2), [Change(Span(2, 2), "xyz")]) == Span(2, 2)


@given(histories(), st.integers(1, 4), st.data())
def test_the_log_replays_from_any_version_it_reaches(
    history: tuple[str, list[Change], str], limit: int, data: st.DataObject
) -> None:
    text, changes, last = history
    log = ChangeLog(limit)
    log.start(0)
    versions = {0: text}
    version = 0
    for change in changes:
        version += data.draw(st.integers(0, 2)) if version else 1
        log.add(version, change)
        text = change.apply(text)
        versions[version] = text
    for known, then in versions.items():
        since = log.since(known)
        if since is None:
            assert len(changes) > limit
            continue
        replayed = then
        for change in since:
            replayed = change.apply(replayed)
        assert replayed == last


def test_a_log_that_began_later_does_not_reach_back() -> None:
    log = ChangeLog()
    assert log.since(1) is None
    log.start(5)
    assert log.since(None) is None
    assert log.since(4) is None
    assert log.since(5) == ()
    log.add(6, Change(Span(0, 0), "x"))
    log.start(7)
    assert log.since(6) is None


@given(histories(), st.data())
def test_a_grown_span_takes_in_what_touched_it_and_is_else_the_carried_one(
    history: tuple[str, list[Change], str], data: st.DataObject
) -> None:
    before, changes, after = history
    span = data.draw(spans(len(before)))
    found = grown(span, changes)
    assert 0 <= found.start <= found.end <= len(after)
    carried = carry(span, changes)
    assert carried in (None, found)


@given(texts, st.data())
def test_around_a_grown_span_a_change_that_touched_it_left_the_text_alone(
    before: str, data: st.DataObject
) -> None:
    span, change = data.draw(spans(len(before))), Change(data.draw(spans(len(before))), data.draw(texts))
    found, after = grown(span, [change]), change.apply(before)
    if carry(span, [change]) is None:
        tail = len(after) - found.end
        assert after[: found.start] == before[: found.start]
        assert after[found.end :] == before[len(before) - tail :]
        assert found.start <= span.start
