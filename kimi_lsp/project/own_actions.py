"""Actions that users define in their settings: what one is, and how a list of them is read. Pure.

A broken definition is one sentence for the user and leaves the others in force.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

PLACEHOLDERS = ("selection", "file", "language", "instruction", "line")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_KINDS = ("quickfix", "refactor", "kimi")
"""What a kind may begin with; `source` is left to what editors run by themselves."""
_MOST = 50
"""Actions of one list."""


class OwnAction(BaseModel):
    """One action of a user's own."""

    # Strict, so that `true` is no text; lists from TOML and JSON become tuples.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)

    name: str = Field(pattern=r"^[A-Za-z][\w-]{0,39}$")
    title: str = Field(min_length=1, max_length=60)
    prompt: str = Field(min_length=1, max_length=8_000)
    kinds: tuple[str, ...] = Field(default=("refactor.rewrite",), min_length=1, max_length=5, strict=False)
    languages: tuple[str, ...] = Field(default=(), strict=False)
    """LSP's identifiers; none means all."""
    context: Literal["selection", "file", "project"] = "selection"
    """What is meant: the selection or the function around, the file, or the file with leave to read others."""
    output: Literal["edit", "text"] = "edit"

    @field_validator("title")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a title is one line without invisible characters")
        return value

    @field_validator("kinds")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for kind in value:
            if kind.split(".")[0] not in _KINDS or not re.fullmatch(r"\w+(\.\w+)*", kind):
                raise ValueError(f"a kind begins with {', '.join(_KINDS[:-1])} or {_KINDS[-1]}")
        return value

    @field_validator("prompt")
    @classmethod
    def _with_known_placeholders(cls, value: str) -> str:
        unknown = [name for name in _PLACEHOLDER.findall(value) if name not in PLACEHOLDERS]
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise ValueError(f"there is no placeholder {{{unknown[0][:40]}}}; there are {known}")
        return value

    @property
    def wants_words(self) -> bool:
        """Whether its user is to be asked for some."""
        return "{instruction}" in self.prompt

    def fits(self, language: str) -> bool:
        """Tell whether it is for a language."""
        return not self.languages or language in self.languages

    def rendered(self, values: dict[str, str]) -> str:
        """Return its prompt with the placeholders filled in; what is filled in is not read for others again."""
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.prompt)


Where = Callable[[int, str], str]
"""From the number of an action, from 0, and a field's name to the place that a remark names, such as `line 4`."""


def read_actions(given: object, source: str, where: Where) -> tuple[tuple[OwnAction, ...], list[str]]:
    """Return the actions of a list that are sound, and a remark on each that is not."""
    if not isinstance(given, list | tuple):
        return (), [f"{source}: actions is not usable: it is a list of tables."]
    found, remarks = list[OwnAction](), list[str]()
    for number, one in enumerate(given[:_MOST]):
        try:
            action = OwnAction.model_validate(one)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            remarks.append(f"{source}: {where(number, name)} is not usable: {_told(name, first['msg'])}.")
            continue
        if any(action.name == other.name for other in found):
            remarks.append(
                f"{source}: {where(number, 'name')} is not usable: there is a {action.name} already."
            )
            continue
        found.append(action)
    if len(given) > _MOST:
        remarks.append(f"{source}: there are more than {_MOST} actions; the others are left out.")
    return tuple(found), remarks


def joined(below: Sequence[OwnAction], more: Sequence[OwnAction]) -> tuple[OwnAction, ...]:
    """Return the actions of two layers; one of the later layer takes the place of its namesake."""
    return tuple({one.name: one for one in (*below, *more)}.values())


def _told(name: str, words: str) -> str:
    said = words.removeprefix("Value error, ")
    return f"{name}: {said[:1].lower()}{said[1:]}" if name else f"{said[:1].lower()}{said[1:]}"
