"""Stories: files that tell what is asked of a feature, what the model answers, and what comes of it.

`scenarios/README.md` says how they are written. Whoever tells one hands in the model; what happened is held against the
story's end here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kimi_lsp import features
from kimi_lsp.conversation import Model
from kimi_lsp.edits import CreateFile, EditFile, EditPlan
from kimi_lsp.features import (
    FEATURES,
    Asking,
    Edited,
    Explained,
    FeatureError,
    Refused,
    Reviewed,
    Source,
    Wanted,
)
from kimi_lsp.project.outline import outline
from kimi_lsp.project.own_actions import OwnAction
from kimi_lsp.prompt import Kind
from kimi_lsp.text import Diagnostic, Snapshot, Span, unified

FOLDER = Path(__file__).parent / "scenarios"
PATHS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
OPERATIONS = frozenset(("create", "rename", "delete"))
_BLOCK = re.compile(r"^~~~(\w+)([^\n]*)\n(.*?)^~~~$", re.MULTILINE | re.DOTALL)

Came = Explained | Edited | Reviewed | FeatureError


@dataclass(frozen=True)
class Story:
    """One file's blocks, by their kind: the words after it, and the text."""

    blocks: dict[str, list[tuple[str, str]]]

    @classmethod
    def read(cls, path: Path) -> "Story":
        blocks: dict[str, list[tuple[str, str]]] = {}
        for kind, words, body in _BLOCK.findall(path.read_text("utf-8")):
            blocks.setdefault(kind, []).append((words.strip(), body))
        return cls(blocks)

    def all(self, kind: str) -> list[str]:
        return [body for _, body in self.blocks.get(kind, [])]

    def one(self, kind: str) -> str:
        """Return the first block of a kind, or nothing."""
        return next(iter(self.all(kind)), "")

    @cached_property
    def kind(self) -> Kind:
        return next(kind for kind in FEATURES if kind in self.blocks)

    @cached_property
    def words(self) -> list[str]:
        return self.blocks["source"][0][0].split()

    @cached_property
    def language(self) -> str:
        return self.words[0]

    @cached_property
    def name(self) -> str:
        return next((word for word in self.words[1:] if "." in word), "shop.txt")

    @cached_property
    def placed(self) -> tuple[str, Span]:
        """The document, and what is selected in it."""
        source = self.one("source")
        if "crlf" in self.words:
            source = source.replace("\n", "\r\n")
        marks = [mark for mark in "«»‸" if mark in source]
        assert marks in (["«", "»"], ["‸"])
        start = source.index(marks[0])
        text = source.replace(marks[0], "", 1)
        end = text.index("»") if len(marks) == 2 else start
        return text.replace("»", "", 1), Span(start, end)

    @cached_property
    def hard(self) -> frozenset[str]:
        """What is hard about the document."""
        text, _ = self.placed
        classes = [one.span for one in outline(text, self.language) or () if one.kind == "class"]
        found = {
            "CRLF": "\r\n" in text,
            "tabs": re.search(r"^\t", text, re.MULTILINE) is not None,
            "not ASCII": not text.isascii(),
            "nested classes": any(
                one != two and one.start <= two.start and two.end <= one.end
                for one in classes
                for two in classes
            ),
        }
        return frozenset(name for name, is_so in found.items() if is_so)

    async def told(self, model: Model, folder: Path) -> Came:
        """Ask what the story asks; a failure of the feature's is an end, too."""
        text, span = self.placed
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        for name, body in self.blocks.get("beside", []):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(body, "utf-8")
        source = Source(Snapshot(path.as_uri(), 1, self.language, text), path, (folder,))
        words = self.one(self.kind).strip()
        found = [Diagnostic(span, line) for line in words.split("\n")] if self.kind.startswith("fix") else []
        action = OwnAction(name="own", title="Own", prompt=words) if self.kind == "action" else None
        said = "" if found or action else words
        try:
            asking = Asking(source, span, said, (), tuple(found), OPERATIONS, several=True, action=action)
            wish = features.wished(self.kind, asking)
            wanted = Wanted(self.kind, wish)
            if self.kind == "review":
                return await features.review(model, wanted, lambda _phase: None)
            return await features.perform(model, wanted, lambda _phase: None)
        except FeatureError as error:
            return error

    def ends_in(self, came: Came) -> None:
        """Hold what came of it against the story's end."""
        assert len({"diff", "sentence", "text", "suggestion"} & self.blocks.keys()) == 1
        match came:
            case Explained(markdown):
                assert markdown == self.one("text").strip()
            case Reviewed():
                told = [f"{one.reason}\n{_diff(self.name, one.plan)}" for one in came.suggestions]
                assert told == self.all("suggestion")
            case Edited():
                assert "diff" in self.blocks, came
                assert came.told() == self.one("files").strip()
                new = [(one.path, _shown(one.text)) for one in came.files if isinstance(one, CreateFile)]
                assert new == self.blocks.get("new", [])
                plans = {one.path: one.plan for one in came.files if isinstance(one, EditFile)}
                plans = plans if came.files else {self.name: came.plan}
                assert "".join(_diff(path, plan) for path, plan in plans.items()) == self.one("diff")
            case FeatureError():
                assert str(came) == self.one("sentence").strip()
                part = came.fitting if isinstance(came, Refused) else None
                offered = part.partial.sentence if part and part.partial else ""
                assert offered == self.one("offer").strip()

    def was_asked(self, messages: Sequence[str]) -> None:
        """Hold the user's messages, one for each time that the model was asked, against the story."""
        assert len(messages) == len(self.all("answer"))
        for shown in self.all("shown"):
            assert shown.strip() in messages[0]
        if "selection" in self.blocks:
            # The ends of its lines are the document's, which a story's block does not have.
            assert f">\n{self.one('selection')}</selection>" in messages[0].replace("\r\n", "\n")


def _diff(path: str, plan: EditPlan) -> str:
    return _shown(unified(plan.text, plan.apply(), path, context=1))


def _shown(text: str) -> str:
    return text.replace("\r", "␍")
