"""Write a commit's message from what is staged. Nothing is committed."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.conversation import Model, Usage
from kimi_lsp.features.outcome import NotSent, NotUnderstood, Report
from kimi_lsp.features.reading import read
from kimi_lsp.project.git import GitFailed
from kimi_lsp.project.staged import staged
from kimi_lsp.prompt import Prompt
from kimi_lsp.prompt import commit_message as asked
from kimi_lsp.text.harmless import visible

_FENCED = re.compile(r"\A```[^\n]*\n(.*?)\n?```\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Repository:
    """Where it is asked for, and what holds there."""

    folder: Path
    """Any folder of the repository."""
    environ: Mapping[str, str]
    exclude: Sequence[str] = ()
    roots: Sequence[Path] = ()
    context_tokens: int = 64_000
    max_tokens: int = 16_384


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """A message as it can be given to `git commit --file`."""

    text: str
    usage: Usage


async def commit_prompt(repository: Repository, instruction: str = "") -> Prompt:
    """Return what would be sent. Raises NotSent where nothing is staged that may be, and prompt.PromptError."""
    try:
        found = await staged(repository.folder, repository.exclude, repository.environ, repository.roots)
    except GitFailed as failure:
        raise NotSent(str(failure)) from failure
    if not found.diff.strip():
        why = f": {'; '.join(found.withheld[:3])}" if found.withheld else "; stage it with git add"
        raise NotSent(f"Nothing was sent to the model: nothing is staged that may be sent{why}.")
    # A long diff takes longer than a menu may wait.
    return await asyncio.to_thread(
        asked,
        found.diff,
        found.subjects,
        instruction,
        budget=repository.context_tokens,
        max_tokens=repository.max_tokens,
    )


async def commit_message(model: Model, prompt: Prompt, report: Report) -> CommitMessage:
    """Ask for the message. Raises NotUnderstood and conversation.ModelError."""
    reply = await read(model, prompt.request, report)
    # What stands for a secret stays: a message goes where the whole world may read it.
    said = reply.message.text.strip()
    fenced = _FENCED.match(said)
    lines = [visible(line.rstrip()) for line in (fenced[1] if fenced else said).split("\n")]
    text = "\n".join(lines).strip()
    if not text:
        raise NotUnderstood("The model gave no message.", reply.usage)
    return CommitMessage(f"{text}\n", reply.usage)
