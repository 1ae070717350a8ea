"""Where secrets stand in a text. Each search is linear in the text, quick where nothing is found, and no span holds
a line break.

Patterns are anchored on what providers print into their keys; beside them stand values given to names that say
secret. Ordinary code must pass: what calls, names or fills in a secret is none.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

Spans = Iterator[tuple[int, int]]


def secrets(text: str) -> list[tuple[int, int]]:
    """Return where the secrets are: ascending, apart from each other, each within one line."""
    named = [
        span
        for start, end in _naming(text)
        for span in (*_quoted(text, start, end), *_bare(text, start, end))
    ]
    return merged([*_shaped(text), *named, *_keys(text)])


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that overlap; the result ascends."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


# First what each match holds, some of it at least: a text without is not searched, which spares most of the time that
# ordinary code would take. Where case does not count it is looked for in the folded text.
# The secret is the group, or the whole where there is none. What may repeat is either bounded or starts where a run
# of its characters starts, so that no text makes a search slow.
_SHAPES = tuple(
    (tuple(held.split()), re.compile(pattern))
    for held, pattern in (
        ("AKIA ASIA", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,255}"),
        ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
        ("glpat-", r"\bglpat-[A-Za-z0-9_-]{20,64}"),
        ("xox", r"\bxox[abeposr]-[A-Za-z0-9-]{10,250}"),
        ("xapp-", r"\bxapp-[A-Za-z0-9-]{10,250}"),
        ("sk-", r"\bsk-(?=[A-Za-z_-]{0,64}[0-9])[A-Za-z0-9_-]{20,250}"),
        ("k_live_ k_test_", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}"),
        ("AIza", r"\bAIza[0-9A-Za-z_-]{35}"),
        ("ya29.", r"\bya29\.[0-9A-Za-z_-]{20,250}"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("pypi-", r"\bpypi-[A-Za-z0-9_-]{50,250}"),
        ("hf_", r"\bhf_[A-Za-z0-9]{30,100}"),
        ("SG.", r"\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
        ("eyJ", r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,1024}"),
        ("://", r"(?<=://)[A-Za-z0-9._~%+-]{1,64}:[^\s:/@'\"{}<>$]{3,128}(?=@)"),
        (
            "hooks.slack",
            r"\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{16,250})",
        ),
        ("/api/webhooks/", r"\bdiscord(?:app)?\.com/api/webhooks/([0-9]{5,30}/[A-Za-z0-9_-]{16,250})"),
        ("key=", r"(?i)\b(?:account|shared|sharedaccess)key=([a-z0-9+/]{16,512}={0,2})"),
        ("password= pwd=", r"(?i)[;\"'](?:password|pwd)=(?![{$%<])([^;\"'\s]{8,128})(?=[;\"'])"),
        (
            "author",
            r"(?i)\bauthorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?(?:bearer|basic|token|apikey)[ \t]{1,4}"
            r"(?=[a-z._~+/=-]{0,64}[0-9])([a-z0-9._~+/=-]{8,4096})",
        ),
        ("Bearer", r"\bBearer[ \t]{1,4}(?=[A-Za-z._~+/=-]{0,64}[0-9])([A-Za-z0-9._~+/=-]{20,4096})"),
    )
)


def _shaped(text: str) -> Spans:
    folded = text.casefold()
    for held, pattern in _SHAPES:
        if any(one in (folded if pattern.flags & re.IGNORECASE else text) for one in held):
            for match in pattern.finditer(text):
                yield match.span(pattern.groups)


# A name's word starts after no letter, or with a capital after a small one: password, DB_PASSWORD, dbPassword.
_WORD = (
    r"(?:(?<![A-Za-z])(?i:(?P<pass>pass(?:word|wd|phrase|(?![a-z]))|pwd|secret)|token|api_?-?key|access_?-?key|private_?-?key"
    r"|account_?-?key|auth|credentials?)"
    r"|(?<=[a-z0-9])(?:(?P<Pass>Pass(?:word|wd|phrase|(?![a-z]))|Pwd|Secret)|Token|Api_?Key|Access_?Key|Private_?Key|Auth))"
    r"[A-Za-z0-9_]{0,20}"
)
_QUOTED = re.compile(
    _WORD + r"[\"']?[ \t]{0,4}(?::[ \t]{0,4}(?:str|string)[ \t]{0,4})?(?:=>|[:=])[ \t]{0,4}[rb]?"
    r"(?P<quote>[\"'`])(?P<value>[^\s\"'`]{8,256})(?P=quote)"
)
_BARE = re.compile(
    r"(?:(?m:^)|(?<=\r))[ \t]*(?:-[ \t]+)?(?:export[ \t]+|ENV[ \t]+|ARG[ \t]+|set[ \t]+)?(?P<name>[\"']?[A-Za-z0-9_.-]{0,40}?"
    + _WORD
    + r"[\"']?)(?P<sign>[ \t]{0,8}[:=][ \t]{0,8})(?P<value>[^\s\"'`,;=:>({\[$<%&*][^\s\"'`]{7,255})[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)"
)
_NAMES = re.compile("pass|pwd|secret|token|key|auth|credential")
"""Of each name that says secret, some of it; in folded text, and without the patience that the names themselves ask for."""
_RANDOM_BITS = 3.3
"""Shannon entropy for each character; words stay below, random hexadecimal digits come to about 3.7."""
_TEMPLATE = re.compile(r"\$[({]|\{\{|[{<].*[}>]|%[({]|%[A-Z_]+%|^%s|\*{3}|\.{3}|^x+$|^X+$|^\\")
_CODE = re.compile(r"[A-Za-z_][\w.]*[(\[.]|[A-Za-z_]\w*$|.*[,;({\[]$|.*(?:->|=>|&&|\|\|)")
_ELSEWHERE = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|[./~]|[a-z]:\\")
_SYMBOL = re.compile(r"[!@#$%^&*+?|~=]")


def _naming(text: str) -> Spans:
    """Yield where the lines begin and end that hold what may be such a name."""
    at = 0
    for line, folded in zip(text.split("\n"), text.casefold().split("\n"), strict=True):
        if _NAMES.search(folded):
            yield at, at + len(line)
        at += len(line) + 1


def _quoted(text: str, start: int, end: int) -> Spans:
    for match in _QUOTED.finditer(text, start, end):
        if _says_secret(match, match["value"]):
            yield match.span("value")


def _bare(text: str, start: int, end: int) -> Spans:
    for match in _BARE.finditer(text, start, end):
        value = match["value"]
        # NAME=value, in capitals and without blanks, is what shells and .env files have; all else may be code,
        # but for `name: word` with digits in the word, which is YAML.
        shell = match["sign"] == "=" and match["name"].isupper()
        yaml = match["sign"].strip() == ":" and value.isalnum() and value.islower()
        if (shell or yaml or _CODE.match(value) is None) and _says_secret(match, value):
            yield match.span("value")


def _says_secret(match: re.Match[str], value: str) -> bool:
    if _TEMPLATE.search(value) or _ELSEWHERE.match(value):
        return False
    digit = any(char.isdigit() for char in value)
    if match["pass"] or match["Pass"]:
        return digit or _SYMBOL.search(value) is not None
    return digit and len(value) >= 12 and _entropy(value) >= _RANDOM_BITS


def _entropy(value: str) -> float:
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


_MARKER = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LENGTH = 32_768
"""Characters between the two markers of a key; the longest in use come to half of that."""
_RUN = re.compile(r"\\[nrt]|(?P<run>[A-Za-z0-9+/=]{16,})")
_LAST_RUN = re.compile(
    r"(?:(?<=\\[nr])|(?<![A-Za-z0-9+/=\\]))(?P<run>[A-Za-z0-9+/=]{4,})(?:\\[nr]|[^A-Za-z0-9+/=\\])*\Z"
)
_KEY_ROW = re.compile(r"[ \t>|*#/\"'+]{0,80}(?P<run>[A-Za-z0-9+/=]{40,})")
_ROW_END = re.compile(r"(?:\\[nr]){0,2}[\"', \t+]{0,80}(?:\r\n|\r|\n)")


def _keys(text: str) -> Spans:
    """Find what stands between the markers of a private key; line by line, so that the text keeps its lines."""
    markers = list(_MARKER.finditer(text))
    for number, marker in enumerate(markers):
        if marker[1] != "BEGIN":
            continue
        after = markers[number + 1] if number + 1 < len(markers) else None
        if after and after[1] == "END" and after.start() - marker.end() <= _KEY_LENGTH:
            yield from _body(text, marker.end(), after.start())
        else:
            yield from _cut(text, marker.end())


def _body(text: str, start: int, end: int) -> Spans:
    for run in _RUN.finditer(text, start, end):
        if run["run"]:
            yield run.span("run")
    # The last row of a key is as short as it happens to be.
    tail = max(start, end - 200)
    if (last := _LAST_RUN.search(text[tail:end])) is not None:
        yield tail + last.start("run"), tail + last.end("run")


def _cut(text: str, at: int) -> Spans:
    """Find the rows of a key whose end is missing."""
    begun = _ROW_END.match(text, at)
    while begun is not None and (row := _KEY_ROW.match(text, begun.end())) is not None:
        yield row.span("run")
        begun = _ROW_END.match(text, row.end())
