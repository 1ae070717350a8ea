"""Secrets out of what is sent, and back into what is answered.

What a secret looks like is said in `secrets`. Whole files of secrets are never sent: that is `project.ignore`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from kimi_lsp.prompt.secrets import merged, secrets

_PREFIX = "KIMI_SECRET"
_LEAST = 6
"""Characters of a secret that is looked for also where nothing says that it is one; less is part of any word."""
_MOST = 100
"""Secrets that are looked for in that way in a document, so that the time stays linear in its length."""


@dataclass(frozen=True)
class Redaction:
    """Texts without their secrets, and the way back."""

    text: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets by the placeholder that stands for each; none holds a line break."""
    more: tuple[str, ...] = ()
    """The further texts that were given, without their secrets."""
    prefix: str = _PREFIX
    """What every placeholder begins with."""

    def restore(self, text: str) -> str:
        """Return a text with each placeholder replaced by what it stands for."""
        if not self.secrets:
            return text
        return re.sub(f"{self.prefix}_[0-9]+_", lambda match: self.secrets.get(match[0], match[0]), text)

    def further(self, text: str) -> tuple["Redaction", str]:
        """Return this redaction grown by the secrets of one more text, and that text without them.

        A secret that is known keeps its placeholder, and `restore` then works for all texts together.
        """
        own = dict.fromkeys(text[start:end] for start, end in secrets(text))
        known = (*islice(own, _MOST), *islice(self.secrets.values(), _MOST))
        # What reads like a placeholder already stands for itself, so that it comes back as it was.
        alike = [match.span() for match in re.finditer(f"{self.prefix}_[0-9]+_", text)]
        spans = merged([*_spans(text, known), *alike])
        names = {secret: name for name, secret in self.secrets.items()}
        for start, end in spans:
            names.setdefault(text[start:end], f"{self.prefix}_{len(names) + 1}_")
        grown = replace(self, secrets={name: secret for secret, name in names.items()})
        return grown, _replaced(text, spans, names)

    def hide(self, text: str) -> str:
        """Return a text that quotes a redacted one, without its secrets; a new secret in it has no way back."""
        names = {secret: name for name, secret in self.secrets.items()}
        spans = _spans(text, names)
        for start, end in spans:
            names.setdefault(text[start:end], _PREFIX)
        return _replaced(text, spans, names)


def redact(text: str, *more: str) -> Redaction:
    """Replace what looks like a secret, the same one always by the same placeholder, which occurs nowhere else.

    Lines stay lines: what is replaced holds no line break.
    """
    texts = (text, *more)
    known = dict.fromkeys(one[start:end] for one in texts for start, end in secrets(one))
    prefix = _unused(texts)
    if not known:
        return Redaction(text, {}, more, prefix)
    spans = [_spans(one, islice(known, _MOST)) for one in texts]
    names: dict[str, str] = {}
    for one, found in zip(texts, spans, strict=True):
        for start, end in found:
            names.setdefault(one[start:end], f"{prefix}_{len(names) + 1}_")
    clean = [_replaced(one, found, names) for one, found in zip(texts, spans, strict=True)]
    found_names = {name: secret for secret, name in names.items()}
    return Redaction(clean[0], found_names, tuple(clean[1:]), prefix)


def _spans(text: str, known: Iterable[str]) -> list[tuple[int, int]]:
    """Return where secrets stand: by their looks, and those that are known from elsewhere."""
    spans = secrets(text)
    for secret in known:
        at = text.find(secret) if len(secret) >= _LEAST else -1
        while at >= 0:
            spans.append((at, at + len(secret)))
            at = text.find(secret, at + len(secret))
    return merged(spans)


def _replaced(text: str, spans: Iterable[tuple[int, int]], names: Mapping[str, str]) -> str:
    out, at = list[str](), 0
    for start, end in spans:
        out += [text[at:start], names[text[start:end]]]
        at = end
    return "".join((*out, text[at:]))


def _unused(texts: Iterable[str]) -> str:
    """Return a prefix that occurs in none of the texts: longer by one than the longest of its kind."""
    taken = [len(match[0]) for text in texts for match in re.finditer(f"{_PREFIX}_*", text)]
    return _PREFIX + "_" * (max(taken) - len(_PREFIX) + 1 if taken else 0)
