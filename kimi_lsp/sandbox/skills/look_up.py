"""Looking up names that the shown text does not define, with the tools that were offered: first where, then what.

Nothing is guessed: what no tool says is not known, and what one cannot do is told as it said it.
"""

import ast
import builtins
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kimi_lsp.sandbox.asked import Asked, Call
from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.json_schema import value_for
from kimi_lsp.sandbox.reader import Task

Wanted = tuple[str, dict[str, object]]
"""A tool's name and the arguments for it."""

_MOST = 2
"""Names that are looked up for one task."""
_LINES = 20
_PLACE = re.compile(r"(?P<path>[^\n]+?):(?P<line>\d+): ?(?P<text>[^\n]*)")
_HEADING = re.compile(r"[^\n]*, lines (\d+) to \d+ of \d+:\n")
_QUOTED = re.compile(r"`([A-Za-z_]\w*)`")
_DEFINES = re.compile(r"(?:async def|def|class) (?P<scope>\w+)|(?P<name>\w+)\s*(?::[^=]*)?=(?!=)")


@dataclass(frozen=True, slots=True)
class Found:
    """What the tools said of one name."""

    name: str
    path: str = ""
    line: int = 0
    text: str = ""
    """The line that defines it, with its indentation where it was read from the file."""
    about: str = ""
    """The first line of its docstring, or what the tool said instead of a place."""

    @property
    def module(self) -> str | None:
        """The Python module to import it from, where it is defined at the top of one."""
        match = _DEFINES.match(self.text)
        path = self.path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
        parts = path.split("/")
        if not match or self.name not in match.groups() or not self.path.endswith(".py"):
            return None
        return ".".join(parts) if all(part.isidentifier() for part in parts) else None

    def __str__(self) -> str:
        """Tell it as a sentence."""
        if not self.path:
            return f"`{self.name}` was looked up and not found (sandbox): {self.about}"
        about = f", “{self.about}”" if self.about else ""
        shown = f": `{self.text.strip()}`" if self.text.strip() else ""
        return f"`{self.name}` is defined in {self.path}, line {self.line} (sandbox){shown}{about}"


def look_up(names: Sequence[str], asked: Asked, task: Task) -> tuple[list[Wanted], list[Found]]:
    """Return the calls to make next, and what is found so far; without calls the search is over."""
    offered = {offer.name: offer.parameters for offer in asked.offers}
    if "definition" not in offered or not names:
        return [], []
    known = told(asked, task)
    missing: list[Wanted] = []
    found: list[Found] = []
    for name in names[:_MOST]:
        wanted = value_for(offered["definition"], {"name": name})
        result = known.get(key("definition", wanted))
        if result is None:
            missing.append(("definition", wanted))
            continue
        match = _PLACE.match(result)
        if match is None:
            found.append(Found(name, about=result.partition("\n")[0].strip() or "the tool gave no answer"))
            continue
        path, line = match["path"], int(match["line"])
        found.append(Found(name, path, line, match["text"]))
        if "read_file" in offered:
            span = {"path": path, "first_line": line, "last_line": line + _LINES - 1}
            wanted = value_for(offered["read_file"], span)
            content = known.get(key("read_file", wanted))
            if content is None:
                missing.append(("read_file", wanted))
            else:
                found[-1] = _read(found[-1], content)
    # Places are asked for before any file is read.
    first = [one for one in missing if one[0] == "definition"] or missing
    may = asked.may_call
    return (first if asked.parallel else first[:1]) if may else [], found


def told(asked: Asked, task: Task) -> dict[str, str]:
    """Return what each call since the task came back with."""
    calls: dict[str, Call] = {}
    known: dict[str, str] = {}
    for turn in asked.turns[task.at :]:
        calls |= {call.id: call for call in turn.calls}
        if turn.role == "tool" and turn.answers in calls:
            call = calls[turn.answers]
            known[key(call.name, json.loads(call.arguments))] = turn.text
    return known


def key(name: str, arguments: object) -> str:
    """Return by what the result of a call is known."""
    return f"{name} {json.dumps(arguments, sort_keys=True)}"


def foreign_names(document: Document, selection: tuple[int, int] | None) -> list[str]:
    """Return the names that the selection calls or imports and the document does not define, in their order."""
    if document.tree is None:
        return []
    scopes = document.scopes_at(selection) if selection else []
    imported = dict(_imported(document.tree))
    known = {*_bound(document.tree), *dir(builtins)} - imported.keys()
    names: dict[str, None] = {}
    nodes = [
        node
        for node in ast.walk(scopes[0] if scopes else document.tree)
        if isinstance(node, ast.expr | ast.stmt)
    ]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in known:
            names[imported.get(node.func.id, node.func.id)] = None
        elif isinstance(node, ast.Name) and node.id in imported:
            names[imported[node.id]] = None
        elif isinstance(node, ast.ImportFrom):
            names |= dict.fromkeys(alias.name for alias in node.names if alias.name in imported.values())
    return list(names)


def named_names(document: Document, instruction: str) -> list[str]:
    """Return the names that an instruction quotes in backticks and the document does not define."""
    known = set(_bound(document.tree)) if document.tree else set()
    return [name for name in dict.fromkeys(_QUOTED.findall(instruction)) if name not in known]


def _read(found: Found, content: str) -> Found:
    heading = _HEADING.match(content)
    if heading is None:
        return found
    lines = content[heading.end() :].split("\n")
    at = found.line - int(heading[1])
    if not 0 <= at < len(lines):
        return found
    about = ""
    for line in lines[at + 1 : at + 4]:
        if line.lstrip().startswith('"""'):
            about = line.strip().strip('"').strip()
            break
    return Found(found.name, found.path, found.line, lines[at].rstrip("\r"), about)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that come from outside the standard library: as they are used, and as they are defined."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            top = (node.module or "").partition(".")[0]
            if node.level or top not in sys.stdlib_module_names:
                yield from (
                    (alias.asname or alias.name, alias.name) for alias in node.names if alias.name != "*"
                )


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(name=str(name))
                | ast.AsyncFunctionDef(name=str(name))
                | ast.ClassDef(name=str(name))
            ):
                yield name
            case ast.Name(id=str(name), ctx=ast.Store() | ast.Del()) | ast.arg(arg=str(name)):
                yield name
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in aliases)
