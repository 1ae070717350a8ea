"""A small project for all endpoints alike, and one thing to be asked of it for each feature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kimi_lsp import features
from kimi_lsp.conversation import Model
from kimi_lsp.edits import CreateFile
from kimi_lsp.features import Asking, Edited, Explained, Phase, Reviewed, Source, Wanted
from kimi_lsp.project.own_actions import OwnAction
from kimi_lsp.project.settings import Settings
from kimi_lsp.prompt import Kind
from kimi_lsp.text import Diagnostic, Snapshot, Span
from tests.support import pictures

Protocol = Literal["chat", "responses", "messages"]
PROTOCOLS: tuple[Protocol, ...] = ("chat", "responses", "messages")

CART = '''\
"""The cart, in €."""


def total(prices: list[float]) -> str:
    return json.dumps(rounded(sum(prices)))


def checked(order: dict[str, int] | None) -> int:
    if order is not None:
        if order:
            return len(order)
    return 0


# kimi: give it a docstring, as `rounded` has one
def size(order: dict[str, int]) -> int:
    n = len(order)
    return n


# kimi: build the form in `form.png`
def form() -> str:
    ...
'''
MONEY = '''\
"""Money."""


def rounded(value: float) -> float:
    """Round to whole cents."""
    return round(value, 2)
'''
FIXED = CART.replace('"""The cart, in €."""\n', '"""The cart, in €."""\n\nimport json\n')
"""After the plain fix."""
TOTAL = CART[CART.index("def total") : CART.index("\n\n\ndef checked")]
CHECKED = CART[CART.index("def checked") : CART.index("\n\n\n# kimi: give")]
FORM = CART[CART.index("# kimi: build") :]
SIZE = CART[CART.index("# kimi: give") : CART.index("\n\n\n# kimi: build")]
FILE = "shop/cart.py"
GUARDED = "Use guard clauses, and keep in step with `rounded`."


OWN = OwnAction(name="guards", title="Guards", prompt="Use guard clauses in {selection} of {file}.")


@dataclass(frozen=True)
class Thing:
    """What is asked of a feature, where, and whether the sandbox looks up names for it where it may."""

    part: str
    instruction: str = ""
    looks: bool = False
    is_fix: bool = False


THINGS: Mapping[Kind, Thing] = {
    "explain": Thing(TOTAL, looks=True),
    "refactor": Thing(CHECKED, GUARDED, looks=True),
    "fix": Thing("", looks=True, is_fix=True),
    "fixAll": Thing("", looks=True, is_fix=True),
    "implement": Thing(FORM),
    "document": Thing(TOTAL),
    "ask": Thing(TOTAL, "What does this do?", looks=True),
    "doComment": Thing(SIZE, looks=True),
    "renameBetter": Thing(SIZE, "`n` to `größe`"),
    "writeTests": Thing(TOTAL),
    "action": Thing(CHECKED),
    "review": Thing(CHECKED),
}
"""One for each feature of the table."""


@dataclass(frozen=True)
class Way:
    """What is allowed beside asking, and the name that the fix is about."""

    tools: bool = False
    search: bool = False

    @property
    def undefined(self) -> str:
        """The sandbox knows the standard library; anything else it has to look up."""
        return "rounded" if self.tools else "json"


PLAIN, TOOLS, SEARCH = Way(), Way(tools=True), Way(search=True)
WAYS = {"plain": PLAIN, "tools": TOOLS, "search": SEARCH}


Layout = Callable[[str], str]
"""Writes the cart in another way; what is asked about is a part of it all the same."""


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def with_tabs(text: str) -> str:
    return text.replace("    ", "\t")


def opened(root: Path, layout: Layout = str) -> Path:
    """Write the project and return the file that all is asked about."""
    (root / ".git").mkdir(parents=True)
    (root / "shop").mkdir()
    (root / "form.png").write_bytes(pictures.PNG)
    (root / "shop" / "money.py").write_bytes(MONEY.encode())
    (root / "shop" / "cart.py").write_bytes(layout(CART).encode())
    return root / "shop" / "cart.py"


def span(part: str, cart: str = CART) -> Span:
    start = cart.index(part)
    return Span(start, start + len(part))


def problem(name: str, cart: str = CART) -> Diagnostic:
    return Diagnostic(span(name, cart), f"Undefined name `{name}`", code="F821", source="ruff")


def ignored(_phase: Phase) -> None:
    return None


async def ask(
    model: Model,
    file: Path,
    kind: Kind,
    way: Way,
    settings: Settings | None = None,
    layout: Layout = str,
) -> Explained | Edited | Reviewed:
    """Ask for one thing, as the server and the terminal do."""
    given, cart = settings or Settings(), layout(CART)
    root = file.parent.parent
    source = Source(
        Snapshot(file.as_uri(), 1, "python", cart),
        file,
        (root,),
        context_tokens=given.context_tokens,
        max_tokens=given.max_tokens,
        web_search=way.search,
    )
    one = THINGS[kind]
    problems = (problem(way.undefined, cart),) if one.is_fix else ()
    part = span(way.undefined, cart) if one.is_fix else span(layout(one.part), cart)
    operations = frozenset(("create", "rename", "delete"))
    wish = features.wished(kind, Asking(source, part, one.instruction, (), problems, operations, action=OWN))
    assert [media.path for media in wish.media] == (["form.png"] if one.part == FORM else [])
    tools = features.toolbox(source) if way.tools else None
    wanted = Wanted(kind, wish, tools)
    if kind == "review":
        return await features.review(model, wanted, ignored)
    return await features.perform(model, wanted, ignored)


def came_to(result: Explained | Edited | Reviewed) -> str:
    """Return what the user gets: the explanation, or the document as it is afterwards, and files that come."""
    if isinstance(result, Explained):
        return result.markdown
    if isinstance(result, Reviewed):
        return "\n".join(f"{one.reason}\n{one.plan.apply()}" for one in result.suggestions)
    new = [f"{one.path}\n{one.text}" for one in result.files if isinstance(one, CreateFile)]
    return "\n".join([result.plan.apply(), *new])
