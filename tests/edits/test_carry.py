"""Only the difference is carried, and only onto lines that are what the edit takes them for."""

import pytest

from kimi_lsp.edits import Refusal, apply


def made(text: str, search: str, replace: str) -> str:
    return apply(text, [{"search": search, "replace": replace}])


def refused(text: str, search: str, replace: str) -> str:
    with pytest.raises(Refusal) as caught:
        apply(text, [{"search": search, "replace": replace}])
    return caught.value.kind


def test_typographic_noise_in_the_replacement_alone_is_taken_back() -> None:
    text = "say('a')\nrun()\n"
    assert made(text, text, "say(‘a’)\nrun(1)\n") == "say('a')\nrun(1)\n"


def test_typographic_quotes_in_a_line_that_comes_next_to_the_plain_one_are_meant() -> None:
    text = "say('a')\nrun()\n"
    assert made(text, text, "say(‘a’)\nsay('a')\nrun()\n") == "say(‘a’)\nsay('a')\nrun()\n"


def test_a_change_of_quotes_that_is_the_whole_edit_is_made() -> None:
    assert made('He said "yes".\n', 'He said "yes".\n', "He said “yes”.\n") == "He said “yes”.\n"


def test_new_lines_lose_the_quotes_that_the_copy_got_wrong() -> None:
    text = "say('a')\nrun()\n"
    assert made(text, "say(‘a‘)\nrun()\n", "say(‘a‘)\nsay(‘b‘)\nrun()\n") == "say('a')\nsay('b')\nrun()\n"


def test_quotes_that_the_document_has_elsewhere_may_be_meant() -> None:
    text = "say('a')\nrun()\n# ‘quoted’\n"
    assert refused(text, "say(‘a‘)\nrun()\n", "say(‘a‘)\nsay(‘b‘)\nrun()\n") == "differs"


def test_an_accent_is_composed_as_in_the_document() -> None:
    text = "# café\nrun()\n"
    search = "# cafe\u0301\nrun()\n"
    assert made(text, search, search + "# the\u0301\n") == "# café\nrun()\n# thé\n"


def test_blanks_inside_a_changed_line_keep_their_width() -> None:
    assert made("print('a  b', x)\n", "print('a b', x)\n", "print('a b', y)\n") == "print('a  b', y)\n"


def test_blanks_that_differ_next_to_the_change_are_not_guessed() -> None:
    assert refused("a  b\n", "a b\n", "a new b\n") == "differs"


def test_a_line_that_stays_is_told_from_the_blank_lines_around_it() -> None:
    """Or what the copy did to it would come into the document."""
    text = "\nrun(1)\n\n\nstop(2)\n"
    search, new = "\nrun(1)  \n\n\nstop(2)\n", "two\nrun(1)  \ntwo\n\nstop(3)\n"
    assert made(text, search, new) == "two\nrun(1)\ntwo\n\nstop(3)\n"


def test_blanks_at_the_end_of_a_changed_line_stay() -> None:
    assert made("one  \ntwo\n", "one\ntwo\n", "1\ntwo\n") == "1  \ntwo\n"


def test_a_form_feed_is_not_deleted_as_a_blank_line() -> None:
    assert refused("a()\n\x0c\nb()\n", "a()\n\nb()\n", "a()\nb()\n") == "differs"
    assert made("a()\n\x0c\nb()\n", "a()\n\nb()\n", "a()\n\nc()\n") == "a()\n\x0c\nc()\n"


def test_blanks_before_a_form_feed_are_not_lost_when_the_block_is_copied_deeper() -> None:
    text = "a()\n  \x0c\nb()\n"
    assert (
        refused(text, "    a()\n  \x0c\n    b()\n", "    c()\n  \x0c\n    d()\n  \x0c\n    b()\n")
        == "indentation"
    )
    bare = text.replace("  ", "")
    assert (
        made(bare, "    a()\n\x0c\n    b()\n", "    a()\n\x0c\n    c()\n\x0c\n    b()\n")
        == "a()\n\x0c\nc()\n\x0c\nb()\n"
    )


@pytest.mark.parametrize(
    ("text", "search", "replace"),
    [
        ("f:\n\tx\n", "f:\n", "f:\n    y\n"),
        ("f:\n    x\n", "f:\n", "f:\n\ty\n"),
        ("f:\n    x\n", "f:\n", "f:\n\u00a0\u00a0y\n"),
    ],
    ids=["spaces into tabs", "tabs into spaces", "no-break spaces"],
)
def test_a_foreign_indentation_is_refused(text: str, search: str, replace: str) -> None:
    assert refused(text, search, replace) == "indentation"


@pytest.mark.parametrize("new", ["b\n", "b\n    c\n", "b(1)\nd\n"])
def test_a_replacement_that_lost_its_indentation_is_refused(new: str) -> None:
    assert refused("f:\n    a\n    d\n", "    a\n    d\n", new) == "indentation"


@pytest.mark.parametrize(
    ("search", "new"),
    [
        ("    a\n", "a\n"),
        ("    a\n", "#if A\n    b\n#endif\n"),
        ("    a\n", "    a\n\ndef g(): pass\n"),
        ("f:\n\n    a\n", "b\n"),
        ("\n    a\n", "b\n    c\n"),
    ],
    ids=["only that", "a directive", "below", "from the margin", "from a blank line"],
)
def test_a_replacement_may_begin_at_the_margin(search: str, new: str) -> None:
    text = "f:\n\n    a\n"
    assert made(text, search, new) == text.replace(search, new)


def test_an_indentation_that_the_matched_lines_have_is_not_foreign() -> None:
    assert made("f:\n\tx\n", "f:\n\tx\n", "f:\n\tx\n\ty\n") == "f:\n\tx\n\ty\n"


def test_the_last_line_may_go_and_the_text_still_ends_without_an_end() -> None:
    assert made("a\nb", "a\nb", "a") == "a"
    assert made("a\nb\n", "a\nb\n", "a\n") == "a\n"
    assert made("a", "a", "") == ""


def test_lone_ends_that_would_meet_stay_two() -> None:
    assert made("a\rb\n\nc\n", "b\n", "") == "a\r\n\nc\n"
