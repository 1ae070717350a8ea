"""Which optional fields a server takes. Each is sent until a server names it in a rejection, then never again."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dialect:
    """The optional fields that are sent."""

    disable_formatting: bool = True
    """The gateway's own field: the model's text comes back unchanged."""
    stream_options: bool = True
    """Asks for the usage at the end of a stream."""
    answer: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How the shape of an answer is asked for; whoever reads the answer validates it in any case."""

    def without(self, said: str, *, structured: bool) -> "Dialect | None":
        """Return the next poorer dialect after a rejection, or None where it names nothing that was sent.

        `said` is the server's message; `structured` tells whether the request asked for a shape.
        """
        said = said.lower()
        if self.disable_formatting and "disable_formatting" in said:
            return replace(self, disable_formatting=False)
        if self.stream_options and ("stream_options" in said or "include_usage" in said):
            return replace(self, stream_options=False)
        names_shape = any(word in said for word in ("response_format", "json_schema", "json_object"))
        if structured and self.answer != "none" and names_shape:
            return replace(self, answer="json_object" if self.answer == "json_schema" else "none")
        return None
