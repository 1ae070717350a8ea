"""The reader hands out closed edits only, whatever stands around the answer and wherever it is cut."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.edits import Answer, AnswerReader, FileChange, NotAnAnswer, Proposal, Unfinished

code = st.text(st.sampled_from('ab{}[]"\\\n\t/é😀<>,: '), max_size=20)
proposals = st.builds(Proposal, file=code, search=code, replace=code, line=st.none() | st.integers(1, 9))
file_changes = st.one_of(
    st.builds(FileChange, action=st.just("create"), path=code, text=code),
    st.builds(FileChange, action=st.just("rename"), path=code, new_path=code.filter(bool)),
    st.builds(FileChange, action=st.just("delete"), path=code),
)
answers = st.builds(
    Answer,
    summary=code,
    edits=st.lists(proposals, max_size=4).map(tuple),
    files=st.lists(file_changes, max_size=3).map(tuple),
)
BEFORE = (
    "",
    "```json\n",
    'Thinking...\n\nI change {this} and {"that": 1}.\n\n',
    '<think>{"summary": "a"</think>\n',
)
AFTER = ("", "\n```", "\n\nDone: {so} be it.")


def pieces(data: st.DataObject, text: str) -> list[str]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[one:two] for one, two in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(answers, st.sampled_from(BEFORE), st.sampled_from(AFTER), st.booleans(), st.data())
def test_an_answer_is_read_however_it_arrives(
    answer: Answer, before: str, after: str, ascii_only: bool, data: st.DataObject
) -> None:
    text = before + json.dumps(answer.model_dump(), ensure_ascii=ascii_only) + after
    reader = AnswerReader()
    found = [edit for piece in pieces(data, text) for edit in reader.feed(piece)]
    assert reader.finish() == answer
    assert tuple(found) == answer.edits


@given(answers, st.data())
def test_a_cut_answer_gives_closed_edits_and_no_end(answer: Answer, data: st.DataObject) -> None:
    text = json.dumps(answer.model_dump())
    cut = data.draw(st.integers(text.index("{") + len('{"summary":'), len(text) - 1))
    decoder, at, ends = json.JSONDecoder(), text.index('"edits": [') + len('"edits": ['), []
    for _ in answer.edits:
        _, at = decoder.raw_decode(text, at)
        ends.append(at)
        at += len(", ")
    reader = AnswerReader()
    found = [edit for piece in pieces(data, text[:cut]) for edit in reader.feed(piece)]
    assert found == [edit for edit, end in zip(answer.edits, ends, strict=True) if end <= cut]
    with pytest.raises(Unfinished):
        reader.finish()


def read(text: str) -> Answer:
    reader = AnswerReader()
    for char in text:
        reader.feed(char)
    return reader.finish()


ONE = '{"summary": "s", "edits": [{"file": "a", "search": "b", "replace": "c", "line": 3}]}'
OTHER = ONE.replace('"c"', '"d"')


def test_the_same_answer_twice_is_one_answer() -> None:
    assert read(f"{ONE}\n{ONE}") == read(ONE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I would rather not.", "there is no JSON object"),
        (f"{ONE}\n{OTHER}", "several answers that differ"),
        ('{"summary": "s"}', "edits: Field required"),
        ('{"edits": [{"file": "a"}], "summary": "s"}', "edits.0.search: Field required"),
        ('{"summary": "s", "edits": [,]}', "the JSON is not valid"),
        ('{"summary": "s", "edits": ' + "[" * 50_000 + "]" * 50_000 + "}", "nested too deeply"),
        ('{"summary": "\\ud83d", "edits": []}', "half of a surrogate pair"),
    ],
    ids=["prose", "two", "no edits", "no search", "not json", "deep", "half a pair"],
)
def test_what_is_no_answer_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(NotAnAnswer, match=r"^Nothing was changed: ") as caught:
        read(text)
    assert words in str(caught.value)
    assert caught.value.kind == "form"


@pytest.mark.parametrize("text", [ONE[:-1], ONE[:40], "<think>{", f"<think>{ONE}"])
def test_an_answer_that_stops_is_unfinished(text: str) -> None:
    with pytest.raises(Unfinished):
        read(text)


FILE = '{"action": "create", "path": "n.py", "new_path": null, "text": "x"}'


def with_files(*files: str) -> str:
    return f'{{"files": [{", ".join(files)}], "summary": "s", "edits": []}}'


def test_files_may_come_first_and_may_be_missing() -> None:
    assert read(with_files(FILE)).files == (FileChange(action="create", path="n.py", text="x"),)
    assert read(ONE).files == ()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FILE.replace('"x"', "null"), "create needs it"),
        (FILE.replace('"create"', '"delete"'), "text belongs to create"),
        (FILE.replace("null", '"m.py"'), "new_path belongs to rename"),
        (FILE.replace('"create"', '"rename"').replace('"x"', "null"), "rename needs it"),
        (FILE.replace('"create"', '"chmod"'), "files.0.action"),
        ('"n.py"', "files.0"),
    ],
)
def test_a_file_change_that_says_too_little_or_too_much_is_no_answer(file: str, words: str) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        read(with_files(file))
    assert words in str(caught.value)


def test_what_is_not_needed_may_be_an_empty_text() -> None:
    gone = FILE.replace('"create"', '"delete"').replace("null", '""').replace('"x"', '""')
    assert read(with_files(gone)).files[0].action == "delete"


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    answer = read('{"summary": "\\ud83d\\ude00", "edits": []}')
    assert answer.summary == "😀"


def test_raw_line_ends_inside_strings_are_read_as_they_stand() -> None:
    assert read(ONE.replace('"b"', '"b\n\tc"')).edits[0].search == "b\n\tc"


def test_objects_in_other_places_are_no_edits() -> None:
    reader = AnswerReader()
    edit = '{"file": "a", "search": "b", "replace": "c", "line": null}'
    assert reader.feed(f'{{"summary": "s", "drafts": [{edit}], "edits": [{edit}]}}') == [
        Proposal(file="a", search="b", replace="c")
    ]
    assert len(reader.finish().edits) == 1
