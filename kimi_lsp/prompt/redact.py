"""Secrets out of what is sent, and back into what is answered.

Patterns are anchored on what providers print into their keys; beside them, long random-looking values assigned to
names that say secret. Each pattern is linear in the text. Whole files of secrets are never sent: that is `project.ignore`.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{0,8192}-----END [A-Z ]{0,30}PRIVATE KEY-----",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b",
        r"\bglpat-[A-Za-z0-9_-]{20,64}\b",
        r"\bxox[abposr]-[A-Za-z0-9-]{10,250}\b",
        r"\bsk-[A-Za-z0-9_-]{20,250}\b",
        r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}\b",
        r"\bAIza[0-9A-Za-z_-]{35}\b",
        r"\bya29\.[0-9A-Za-z_-]{20,250}\b",
        r"\bnpm_[A-Za-z0-9]{36}\b",
        r"\bpypi-[A-Za-z0-9_-]{50,250}\b",
        r"\bhf_[A-Za-z0-9]{30,100}\b",
        r"\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}\b",
        r"\beyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,1024}\b",
        r"(?<=://)[A-Za-z0-9._~%+-]{1,64}:[^\s:/@'\"{}<>$]{3,128}(?=@)",
    )
)
_ASSIGNED = re.compile(
    r"(?i)(?<![a-z])(?:pass(?:word|wd|phrase)?|secret|token|api_?-?key|access_?-?key|private_?-?key|auth|credentials?)"
    r"[a-z0-9_]{0,20}[\"']?\s{0,4}(?::\s{0,4}str\s{0,4})?[:=]\s{0,4}[\"']([^\s\"'{}<>$]{12,256})[\"']"
)
_RANDOM_BITS = 3.3
"""Shannon entropy for each character; words stay below, random hexadecimal digits come to about 3.7."""


@dataclass(frozen=True)
class Redaction:
    """A text without its secrets, and the way back."""

    text: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets by the placeholder that stands for each."""

    def restore(self, text: str) -> str:
        """Return a text with each placeholder replaced by what it stands for."""
        if not self.secrets:
            return text
        names = re.compile("|".join(map(re.escape, sorted(self.secrets, key=len, reverse=True))))
        return names.sub(lambda match: self.secrets[match[0]], text)


def redact(text: str) -> Redaction:
    """Replace what looks like a secret, the same one always by the same placeholder, which occurs nowhere else."""
    prefix = "KIMI_SECRET"
    while prefix in text:
        prefix += "_"
    out, at, names = [], 0, dict[str, str]()
    for start, end in _merged(_found(text)):
        name = names.setdefault(text[start:end], f"{prefix}_{len(names) + 1}_")
        out += [text[at:start], name]
        at = end
    return Redaction("".join((*out, text[at:])), {name: secret for secret, name in names.items()})


def _found(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _PATTERNS:
        yield from (match.span() for match in pattern.finditer(text))
    for match in _ASSIGNED.finditer(text):
        if _entropy(match[1]) >= _RANDOM_BITS and any(char.isdigit() for char in match[1]):
            yield match.span(1)


def _merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    at: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if at is None or start >= at[1]:
            if at is not None:
                yield at
            at = (start, end)
        else:
            at = (at[0], max(at[1], end))
    if at is not None:
        yield at


def _entropy(value: str) -> float:
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
