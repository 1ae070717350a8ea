"""`kimi.commitMessage`: answers with a message for what is staged. Nothing is committed, and no document is needed."""

from functools import partial
from pathlib import Path

import attrs
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp import features
from kimi_lsp.features import Report, Repository
from kimi_lsp.server import explanation, uris
from kimi_lsp.server.handlers.commands import Result, running
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Span, harmless


@attrs.frozen
class Staged:
    """A file or a folder of the repository; without one, the workspace's first folder is meant."""

    uri: str = ""
    instruction: str = ""


async def commit_message(server: KimiServer, place: Staged) -> Result:
    """Answer with the message as `text`, beside what it cost as `message`."""
    at = repository(server, place.uri)
    work = partial(_work, server, place)
    return await running(server, at.folder.as_uri(), "Kimi: Commit message", Span(0, 0), work)


def repository(server: KimiServer, uri: str) -> Repository:
    """Return where a URI is about. Raises JsonRpcInvalidParams where there is no such folder on a disk."""
    path = uris.path(uri) if uri else next(iter(server.roots), None)
    if path is None:
        raise JsonRpcInvalidParams(f"no file or folder on a disk: {uri}")
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        raise JsonRpcInvalidParams(f"there is no such folder: {uri}")
    settings = server.settings
    return Repository(
        Path(folder),
        server.environ,
        settings.exclude,
        server.roots,
        settings.context_tokens,
        settings.max_tokens,
    )


async def _work(server: KimiServer, place: Staged, _job: str, report: Report) -> Result:
    await server.asking.answered()
    # Git is asked before the key is looked for: with nothing staged, nobody is asked for a password.
    prompt = await features.commit_prompt(repository(server, place.uri), place.instruction)
    written = await features.commit_message(await server.model(), prompt, report)
    if server.profile.answers == "detached":
        # Such a client has its answer already; what ends the fence is Markdown.
        await explanation.show(server, harmless.markdown(f"```text\n{written.text}```\n"))
    return {"status": "ok", "message": written.usage.sentence(), "text": written.text}
