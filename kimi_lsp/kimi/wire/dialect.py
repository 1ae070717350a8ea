"""Which optional fields a server takes. Each is sent until a server names it in a rejection, then never again."""

import re
from dataclasses import dataclass, replace
from typing import Literal

Answer = Literal["json_schema", "json_object", "none"]

_SHAPE = re.compile(
    r"response_format|json_schema|json_object|output_(?:config|format)|text\.format|body\.text\b|[(\"'`]text[)\"'`]"
)
"""The names under which the endpoints take an answer's shape, as a rejection spells them."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The optional fields that are sent."""

    disable_formatting: bool = True
    """The gateway's own field: the model's text comes back unchanged."""
    stream_options: bool = True
    """Asks for the usage at the end of a stream; only chat has it."""
    answers: tuple[Answer, ...] = ("json_schema", "json_object", "none")
    """The ways to ask for an answer's shape that are left, best first; its reader validates it in any case."""

    @property
    def answer(self) -> Answer:
        """How the shape of an answer is asked for."""
        return self.answers[0]

    def without(self, said: str, *, structured: bool) -> "Dialect | None":
        """Return the next poorer dialect after a rejection, or None where it names nothing that was sent.

        `said` is the server's message; `structured` tells whether the request asked for a shape.
        """
        said = said.lower()
        if self.disable_formatting and "disable_formatting" in said:
            return replace(self, disable_formatting=False)
        if self.stream_options and ("stream_options" in said or "include_usage" in said):
            return replace(self, stream_options=False)
        if structured and len(self.answers) > 1 and _SHAPE.search(said):
            return replace(self, answers=self.answers[1:])
        return None
