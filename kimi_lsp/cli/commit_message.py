"""`kimi-lsp commit-message`: a message for what is staged, on stdout. Nothing is committed."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from kimi_lsp import features
from kimi_lsp.cli.exit_codes import OK
from kimi_lsp.cli.terminal import Outcome, Waiting, finished, settings_at
from kimi_lsp.connect import open_model
from kimi_lsp.features import Repository
from kimi_lsp.project import files


async def commit_message(arguments: argparse.Namespace) -> int:
    """Print the message, and return the exit code."""
    return await finished(arguments, _outcome)


async def _outcome(arguments: argparse.Namespace, environ: Mapping[str, str], waiting: Waiting) -> Outcome:
    folder: Path = arguments.folder if arguments.folder.is_dir() else arguments.folder.parent
    settings = settings_at(files.find_root(folder / "any"), environ)
    at = Repository(folder, environ, settings.exclude, (), settings.context_tokens, settings.max_tokens)
    prompt = await features.commit_prompt(at, arguments.instruction)
    model = await open_model(settings, environ)
    try:
        written = await features.commit_message(model, prompt, waiting.report)
    finally:
        await model.close()
    return Outcome(OK, "ok", markdown=written.text, usage=written.usage)
