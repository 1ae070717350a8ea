"""The questions that are put to the user before something is changed, each in one message and each with a way out.

Where the editor itself can ask about an edit, it does, and nothing is asked here.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from kimi_lsp.features import Edited, Partial
from kimi_lsp.server import explanation
from kimi_lsp.server.edit_diff import diff
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import harmless

logger = logging.getLogger(__name__)

DECLINED = "The edit was declined; nothing was changed."
APPLY = "Apply"
LEAVE = "Leave it"
DISCARD = "Discard"
SHOW = "Show diff"
AGAIN = "Ask again"
DECIDED_WITHIN = 600.0
"""Seconds for a person to decide; a question that is not answered by then is a no, and keeps nothing waiting."""


Consent = Literal["none", "part", "seen"]
"""What the user has agreed to already: nothing, to have a part of an answer, or to this very edit in a preview."""


def editor_asks(server: KimiServer, edited: Edited, consent: Consent) -> bool:
    """Tell whether the editor asks its user before it makes the edit."""
    return is_wanted(server, edited, consent) and server.profile.needs_confirmation


def is_wanted(server: KimiServer, edited: Edited, consent: Consent) -> bool:
    """Tell whether the user is to be asked before an edit is made."""
    preview = server.settings.preview
    if consent == "seen":
        return False
    # Several files at once are worth a look where the look is a good one.
    many = server.profile.previews and len(edited.files) > 1
    doubtful = bool(edited.doubts) or (preview == "auto" and (bool(edited.syntax) or many))
    return preview == "always" or (doubtful and consent == "none")


async def declined(server: KimiServer, edited: Edited, consent: Consent, *, here: bool = False) -> str:
    """Ask, where it is needed and the editor cannot or shall not; return why nothing is to be changed, or nothing.

    `here` is for an edit about which the editor shall not ask.
    """
    by_editor = server.profile.needs_confirmation and not here
    if consent != "none" or by_editor or not is_wanted(server, edited, consent):
        return ""
    doubt = " ".join((*edited.doubts, *trouble(edited))) or edited.summary
    if not server.profile.apply_edit:
        # A client that does not answer requests cannot be asked.
        return f"{doubt} Nothing was changed, since this editor cannot ask you first."
    told = " ".join(part for part in (f"{edited.label}.", edited.told(), doubt) if part)
    chosen = await _chosen(server, edited, told, "Apply it?", APPLY, DISCARD)
    return "" if chosen == APPLY else DECLINED


def trouble(edited: Edited) -> tuple[str, ...]:
    """Return a sentence on the syntax error that an edit would bring, or nothing."""
    if not edited.syntax:
        return ()
    found = edited.syntax[0]
    return (f"This edit brings a syntax error at line {found.line}: {found.message}.",)


async def wants_part(server: KimiServer, label: str, edited: Edited, partial: Partial) -> bool:
    """Ask whether the edits of an answer that fit shall be made without the others."""
    told = " ".join((f"{label}: {partial.sentence}", *trouble(edited)))
    title = part_title(partial)
    return await _chosen(server, edited, told, "", title, LEAVE) == title


async def wants_again(server: KimiServer, edited: Edited, sentence: str) -> bool:
    """Tell the user that an edit is stale, and ask whether the model shall be asked about the text as it is now."""
    return await _chosen(server, edited, f"{edited.label}: {sentence}", "", AGAIN, DISCARD) == AGAIN


def part_title(partial: Partial) -> str:
    """Return the words on the button."""
    return f"Apply the {partial.count} that fit" if partial.count > 1 else "Apply the one that fits"


async def _chosen(server: KimiServer, edited: Edited, told: str, question: str, *titles: str) -> str | None:
    """Ask for one of some titles. The diff is shown as a document to who wants to see it, who is then asked again."""
    chosen = await _answer(server, (told, question), (titles[0], SHOW, *titles[1:]))
    if chosen == SHOW:
        elsewhere = await explanation.as_document(server, await asyncio.to_thread(diff, edited), "diff")
        chosen = await _answer(server, (told, elsewhere, question), titles)
    return chosen


async def _answer(server: KimiServer, sentences: Sequence[str], titles: Sequence[str]) -> str | None:
    question = types.ShowMessageRequestParams(
        type=types.MessageType.Warning,
        message=harmless.message(" ".join(filter(None, sentences))),
        actions=[types.MessageActionItem(title=title) for title in titles],
    )
    try:
        with server.jobs.aside():
            asking = server.window_show_message_request_async(question)
            answer = await asyncio.wait_for(asking, DECIDED_WITHIN)
    except (TimeoutError, JsonRpcException) as error:
        logger.info("a question was not answered: %s", str(error) or "it took too long")
        return None
    return answer.title if answer is not None else None
