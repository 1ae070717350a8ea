"""Lines that a model copied badly, while what it wants is plain: the edit shall be made, the copy's faults not."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from random import Random

from tests.bench.edits.documents import note
from tests.bench.edits.drafts import Case, Draft, draft, indent, renamed, shifted

Kind = Callable[[Random, str], Case]
Drift = Callable[[Random, str], str]

_ACCENTS = " café naïve Ångström"
_WORD = re.compile(r"[a-z]{5,}")


def is_prose(line: str) -> bool:
    return line.lstrip().startswith(("# ", "// ", "<!--"))


def has(*parts: str) -> Callable[[str], bool]:
    return lambda line: any(part in line.strip() for part in parts)


def in_copy(
    drift: Drift, like: Callable[[str], bool] = lambda line: bool(line.strip()), **more: bool
) -> Kind:
    """Some lines that stay are copied otherwise, in search and replacement alike."""

    def kind(rng: Random, name: str) -> Case:
        made = draft(rng, like=lambda found: bool(found.still(like=like)))
        copy = list(made.block)
        for at in rng.sample(made.still(like=like), 1):
            copy[at] = drift(rng, copy[at])
        return made.case(name, made.edit(copy), may_refuse=more.get("may_refuse", False))

    return kind


def in_document(drift: Drift, like: Callable[[str], bool] = lambda line: bool(line.strip())) -> Kind:
    """The document has something special in lines that stay, and the copy does not."""

    def kind(rng: Random, name: str) -> Case:
        made = draft(rng, like=lambda found: bool(found.still(like=like)))
        plain = list(made.block)
        for at in made.still(like=like)[:2]:
            made = made.with_line(at, drift(rng, plain[at]))
        return made.case(name, made.edit(plain))

    return kind


def composed(form: str) -> Kind:
    """The document has accents in one form, the copy in the other."""

    def kind(rng: Random, name: str) -> Case:
        made = draft(rng, like=lambda found: bool(found.still()))
        at = rng.choice(made.still())
        line = made.block[at] + _ACCENTS
        other = "NFD" if form == "NFC" else "NFC"
        made = made.with_line(at, unicodedata.normalize(other, line))  # type: ignore[arg-type]
        copy = list(made.block)
        copy[at] = unicodedata.normalize(form, line)  # type: ignore[arg-type]
        return made.case(name, made.edit(copy))

    return kind


def verbatim(rng: Random, name: str) -> Case:
    made = draft(rng)
    return made.case(name, made.edit())


def comment_lost(rng: Random, name: str) -> Case:
    def notes(found: Draft) -> list[int]:
        return [at for at in found.still(2, is_prose) if 0 < at < len(found.block) - 1]

    made = draft(rng, size=(6, 11), like=lambda found: bool(notes(found)))
    at = rng.choice(notes(made))
    copy = [*made.block[:at], *made.block[at + 1 :]]
    return made.case(name, made.edit(copy, shifted(made.hunks, at, -1)), may_refuse=True)


def comment_invented(rng: Random, name: str) -> Case:
    def gaps(found: Draft) -> list[int]:
        inner = range(2, len(found.block) - 1)
        return [at for at in inner if not found.changed(at, 2) and not found.changed(at - 1, 2)]

    made = draft(rng, size=(7, 11), like=lambda found: bool(gaps(found)))
    at = rng.choice(gaps(made))
    copy = [*made.block[:at], indent(made.block[at]) + note(rng, made.language, 0), *made.block[at:]]
    return made.case(name, made.edit(copy, shifted(made.hunks, at - 1, 1)), may_refuse=True)


def long_copy(rng: Random, name: str) -> Case:
    """Many lines, and slips in two of those that stay."""
    made = draft(rng, size=(40, 60), length=200, like=lambda found: len(found.still(1)) > 20)
    copy = list(made.block)
    for at in rng.sample(made.still(1), 2):
        copy[at] = typo(rng, copy[at])
    return made.case(name, made.edit(copy), may_refuse=True)


def noise_in_replacement(rng: Random, name: str) -> Case:
    """The search is copied well; lines that stay have typographic quotes in the replacement alone."""
    quoted = has('"', "'")
    made = draft(rng, like=lambda found: bool(found.still(like=quoted)))
    edit = made.edit()
    stays = {made.block[at] for at in made.still(like=quoted)}
    new = [_curled(rng, line) if line in stays else line for line in edit["replace"].split("\n")]
    return made.case(name, {**edit, "replace": "\n".join(new)})


def cut_short(rng: Random, name: str) -> Case:
    """The last quoted line stops between two words, in search and replacement alike."""

    def cut(line: str) -> str:
        return line[: line.rfind(" ", len(indent(line)) + 4)]

    def fits(found: Draft) -> bool:
        last = found.block[-1]
        at = last.rfind(" ", len(indent(last)) + 4)
        return at > 0 and not found.changed(len(found.block) - 1, 1) and bool(last[:at].strip())

    made = draft(rng, like=fits)
    edit = made.edit((*made.block[:-1], cut(made.block[-1])))
    return made.case(name, {key: text.removesuffix("\n") for key, text in edit.items()}, may_refuse=True)


def piece_of_a_line(rng: Random, name: str) -> Case:
    """Some words of one line, and what they become."""
    while True:
        made = draft(rng, size=(1, 2))
        words = made.block[0].split()
        if len(words) < 4:
            continue
        piece = " ".join(words[1:3])
        new = renamed(rng, piece)
        if len(piece) < 8 or piece == new or made.text.count(piece) != 1 or not piece[-1].isalnum():
            continue
        wanted = made.text.replace(piece, new)
        return Case(name, made.text, ({"search": piece, "replace": new},), wanted, may_refuse=True)


def left_out_in_both(rng: Random, name: str) -> Case:
    """The middle of the block is `...` in search and replacement."""

    def fits(found: Draft) -> bool:
        said = [at for at, line in enumerate(found.block) if any(map(str.isalnum, line))]
        inner = range(3, len(found.block) - 3)
        return {0, 1, 2, len(found.block) - 1} <= set(said) and not any(found.changed(at, 1) for at in inner)

    made = draft(rng, size=(10, 18), length=160, like=fits)
    mark = indent(made.block[3]) + rng.choice(("...", made.language.note.format("... existing code ...")))
    middle = len(made.block) - 6
    copy = [*made.block[:3], mark, *made.block[-3:]]
    return made.case(name, made.edit(copy, shifted(made.hunks, 3, 1 - middle)), may_refuse=True)


def typo(rng: Random, line: str) -> str:
    """Return a line with one letter of a longer word left out."""
    words = list(_WORD.finditer(line))
    if not words:
        return line + "x"
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 2)
    return line[:at] + line[at + 1 :] if line[at] != line[at + 1] else line[:at] + "q" + line[at:]


def _curled(_rng: Random, line: str) -> str:
    for mark, pair in (('"', "“”"), ("'", "‘’")):
        while mark in line:
            line = line.replace(mark, pair[0], 1).replace(mark, pair[1], 1)
    return line


def _after_indent(line: str, change: Callable[[str], str]) -> str:
    return indent(line) + change(line[len(indent(line)) :])


_spaces = has(" ")

KINDS: Mapping[str, Kind] = {
    "verbatim": verbatim,
    "trailing blanks in the copy": in_copy(lambda rng, line: line + rng.choice((" ", "  ", "\t"))),
    "trailing blanks in the document": in_document(lambda rng, line: line + rng.choice((" ", "  ", "\t"))),
    "accents decomposed": composed("NFD"),
    "accents composed": composed("NFC"),
    "typographic quotes in the copy": in_copy(_curled, has('"', "'")),
    "typographic quotes in the replacement": noise_in_replacement,
    "typographic quotes in the document": in_document(_curled, has('"', "'")),
    "typographic dash in the document": in_document(lambda _, line: line.replace(" - ", " — "), has(" - ")),
    "no-break blank in the copy": in_copy(
        lambda _, line: _after_indent(line, lambda body: body.replace(" ", "\u00a0", 1)), _spaces
    ),
    "invisible character in the document": in_document(
        lambda _, line: _after_indent(line, lambda body: body.replace(" ", " \u200b", 1)), _spaces
    ),
    "blanks inside doubled": in_copy(
        lambda _, line: _after_indent(line, lambda body: body.replace(" ", "  ", 1)), _spaces
    ),
    "form feed in the document": in_document(
        lambda _, line: "\x0c" + line, lambda line: line[:1].strip() != ""
    ),
    "typo in a comment": in_copy(typo, is_prose, may_refuse=True),
    "typo in code that stays": in_copy(
        typo, lambda line: not is_prose(line) and bool(line.strip()), may_refuse=True
    ),
    "long copy with two typos": long_copy,
    "comment left out": comment_lost,
    "comment invented": comment_invented,
    "last line cut short": cut_short,
    "piece of a line": piece_of_a_line,
    "middle left out on both sides": left_out_in_both,
}
"""What each kind is called, and how a case of it is made."""
