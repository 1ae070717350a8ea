"""What is the same edit, and what is another."""

from kimi_lsp.edits import Proposal, plan
from kimi_lsp.edits.sameness import digest


def name(text: str, search: str, new: str) -> str:
    return digest(plan(text, [Proposal(file="", search=search, replace=new, line=None)]))


def test_the_name_does_not_hang_on_where_it_stands() -> None:
    one = name("if a:\n    x = 'é'\n", "    x = 'é'", "    x = 2")
    assert one == name("\r\n\r\nx  = 'é'\r\n", "x  = 'é'", "x = 2")
    assert one != name("x = 'é'\n", "x = 'é'", "x = 3")
    assert one != name("x = 'e'\n", "x = 'e'", "x = 2")


def test_the_place_of_what_is_new_is_part_of_it() -> None:
    texts = ("a\nb\n", "b\na\n")
    names = {name(text, text.rstrip(), text.rstrip().replace("\n", "\nnew\n")) for text in texts}
    assert len(names) == 2
