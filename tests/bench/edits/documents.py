"""Made-up documents in several languages, each line like what people write and many lines like each other.

The same seed gives the same documents on every machine; nothing is read from a disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

# fmt: off
_WORDS = (
    "account", "batch", "buffer", "cache", "chunk", "client", "config", "cursor", "digest", "driver",
    "entry", "event", "field", "filter", "frame", "handle", "header", "index", "input", "ledger", "limit",
    "member", "merge", "node", "offset", "order", "output", "packet", "parser", "payload", "phase", "pool",
    "prefix", "query", "queue", "range", "record", "region", "report", "request", "result", "route",
    "sample", "schema", "scope", "segment", "session", "signal", "socket", "source", "stage", "stream",
    "suffix", "table", "target", "ticket", "token", "total", "trace", "update", "value", "vector",
    "widget", "window", "worker",
)
# fmt: on
_PROSE = (
    "Keep the {x} until the {y} is closed, at most {n} of them",
    "The {x} may be older than the {y}; see section {n}",
    "Called once for each {x} of the {y}, {n} times a minute",
)


@dataclass(frozen=True)
class Language:
    """How a language looks: templates for lines, of which `{f}`, `{x}`, `{y}` and `{n}` are filled in."""

    name: str
    indent: str
    note: str
    """A comment; `{}` is its text."""
    head: Sequence[str]
    opens: str
    block: str
    closes: str
    """The line that ends what `opens` and `block` begin, or nothing."""
    lines: Sequence[str]
    common: Sequence[str]
    """Lines that stand at many places."""


_C_LINES = ("{x} = {y}({n});", "{f}({x}, '{y}', {n});", 'log("{x} {y}", {n});', "{x}.{y} += {n};")

LANGUAGES: Mapping[str, Language] = {
    language.name: language
    for language in (
        Language(
            "Python",
            "    ",
            "# {}",
            ("import {x}", "from {x} import {y}"),
            "def {f}({x}, {y}={n}):",
            "if {x} > {n} and {y}:",
            "",
            (
                "{x} = {y}({n})",
                "{f}({x}, '{y}', {n})",
                'log("{x} {y}", {n})',
                "{x}.{y} += {n}",
                "{x}['{y}'] = {n}",
            ),
            ("return None", "continue", "pass", "self.close()"),
        ),
        Language(
            "TypeScript",
            "  ",
            "// {}",
            ("import {{ {x} }} from './{y}'",),
            "export function {f}({x}: string, {y} = {n}): void {{",
            "if ({x} > {n} && {y}) {{",
            "}",
            (*_C_LINES, "const {x}{n} = await {f}(`${{{y}}}`);", "{x}?.{y}?.({n});"),
            ("return null;", "continue;", "this.close();", "break;"),
        ),
        Language(
            "Go",
            "\t",
            "// {}",
            ('import "{x}/{y}"',),
            "func {f}({x} int, {y} string) error {{",
            "if {x} > {n} && {y} != nil {{",
            "}",
            ("{x}{n} := {y}({n})", "{f}({x}, '{y}', {n})", 'log("{x} {y}", {n})', "{x}.{y} += {n}"),
            ("return nil", "continue", "defer c.Close()", "break"),
        ),
        Language(
            "Rust",
            "    ",
            "// {}",
            ("use crate::{x}::{y};",),
            "pub fn {f}({x}: u32, {y}: &str) -> Option<u32> {{",
            "if {x} > {n} && !{y}.is_empty() {{",
            "}",
            (*_C_LINES, "let mut {x} = {f}::<u{n}>(&{y})?;", "match {x} {{ {n} => {y}, _ => None }};"),
            ("return None;", "continue;", "drop(guard);", "break;"),
        ),
        Language(
            "Markdown",
            "  ",
            "<!-- {} -->",
            ("# {x} and {y}",),
            "## {f}, part {n}",
            '- {x}, {n} of them, for "{y}":',
            "",
            (
                "- the {x} - or its {y} - takes {n} ms",
                "* `{f}({x}, {n})` gives '{y}'",
                "Set the {x} to {n}, then {y}.",
            ),
            ("See below.", "---", "```", "```python"),
        ),
        Language(
            "YAML",
            "  ",
            "# {}",
            ("version: {n}",),
            "{f}:",
            "{x}_{n}:",
            "",
            ("{x}_{y}: {n}", "- name: '{x}-{y}-{n}'", '{x}: "{y} {n}"', "- {{ {x}: {n}, {y}: true }}"),
            ("enabled: true", "- default", "retries: 3"),
        ),
    )
}


def document(rng: Random, language: Language, size: int) -> list[str]:
    """Return at least so many lines: functions or sections with nested blocks, comments and blank lines."""
    made = [_filled(rng, rng.choice(language.head)) for _ in range(rng.randint(1, 5))]
    while len(made) < size:
        made += ["", *([""] if rng.random() < 0.4 else [])]
        if rng.random() < 0.15:
            made.append("\x0c")
        if rng.random() < 0.5:
            made.append(language.note.format(_filled(rng, rng.choice(_PROSE))))
        made.append(_filled(rng, language.opens))
        made += _body(rng, language, 1)
        if language.closes:
            made.append(language.closes)
    return made


def note(rng: Random, language: Language, depth: int) -> str:
    """Return a comment line."""
    return language.indent * depth + language.note.format(_filled(rng, rng.choice(_PROSE)))


def statement(rng: Random, language: Language) -> str:
    """Return a line without indentation."""
    return _filled(rng, rng.choice(language.lines))


def _body(rng: Random, language: Language, depth: int) -> list[str]:
    made = []
    for _ in range(rng.randint(2, 6)):
        pad, draw = language.indent * depth, rng.random()
        if draw < 0.2 and depth < 4:
            made += [pad + _filled(rng, language.block), *_body(rng, language, depth + 1)]
            if language.closes:
                made.append(pad + language.closes)
        elif draw < 0.3:
            made.append(note(rng, language, depth))
        elif draw < 0.38:
            made.append("")
        elif draw < 0.5:
            made.append(pad + rng.choice(language.common))
        else:
            made.append(pad + statement(rng, language))
    while made and not made[-1]:
        made.pop()
    return made or [language.indent * depth + statement(rng, language)]


def _filled(rng: Random, template: str) -> str:
    x, y = rng.sample(_WORDS, 2)
    return template.format(x=x, y=y, n=rng.randrange(2, 990), f=f"{rng.choice(_WORDS)}_{rng.choice(_WORDS)}")
