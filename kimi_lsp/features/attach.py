"""Pictures and films for a request: those that the user names, and those that his words refer to."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kimi_lsp.conversation import Media
from kimi_lsp.features.outcome import NotSent, Phase, Report
from kimi_lsp.features.target import Source
from kimi_lsp.project.file_problem import FileProblem
from kimi_lsp.project.media import find_media, read_media
from kimi_lsp.prompt import Mention


def attached(source: Source, given: Sequence[str], mentioned: Sequence[Mention] = ()) -> tuple[Media, ...]:
    """Read what is to be sent; this may take a second, so call it off the event loop.

    Paths count from the document's folder, else from the workspace's. Raises NotSent where a path that is surely
    meant cannot be sent; other mentions are then left out.
    """
    home = () if source.path is None else (source.path.parent,)
    roots = source.roots or home
    surely = dict[Path, bool]()
    for one in (*map(Mention, given), *mentioned):
        path = find_media(one.path, (*home, *roots))
        if path is not None:
            surely[path] = surely.get(path, False) or one.sure
        elif one.sure:
            raise NotSent(_missing(one.path, asked=one.path in given))
    doubtful = [path for path, sure in surely.items() if not sure]
    try:
        return read_media(tuple(surely), roots, source.exclude, doubtful)
    except FileProblem as problem:
        raise NotSent(f"{problem} Nothing was sent to the model.") from problem


def telling(report: Report, media: Sequence[Media]) -> Report:
    """Return a report that names what leaves the machine beside the text as long as nothing else is to be told."""
    if not media:
        return report
    note = f"sending {', '.join(one.sentence() for one in media)}"

    def told(phase: Phase) -> None:
        report(replace(phase, note=phase.note or note) if phase.name == "waiting" else phase)

    return told


def _missing(path: str, *, asked: bool) -> str:
    told = f"There is no file {path} in the workspace. Nothing was sent to the model"
    return f"{told}." if asked else f"{told}; a name that is no more than a name goes in backquotes."
