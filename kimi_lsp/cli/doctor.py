"""`kimi-lsp doctor`: looks at settings, key, connection and model in this order, and says what to do."""

import argparse
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from kimi_lsp import __version__
from kimi_lsp.cli.exit_codes import FAILED, OK
from kimi_lsp.connect import open_model
from kimi_lsp.conversation import ModelError
from kimi_lsp.kimi import BadSetting
from kimi_lsp.project import files
from kimi_lsp.project.settings import Settings, load
from kimi_lsp.text.harmless import visible

_MARKS = {"ok": "ok  ", "remark": "note", "wrong": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    state: Literal["ok", "remark", "wrong"]
    subject: str
    sentence: str


async def doctor(arguments: argparse.Namespace) -> int:
    """Print the findings; return 0 where nothing is wrong."""
    findings = await examine(os.environ, Path.cwd())
    wrong = any(finding.state == "wrong" for finding in findings)
    if arguments.json:
        status = "failed" if wrong else "ok"
        print(json.dumps({"status": status, "findings": [asdict(finding) for finding in findings]}))
    else:
        for finding in findings:
            print(f"{_MARKS[finding.state]}  {finding.subject}: {visible(finding.sentence)}")
    return FAILED if wrong else OK


async def examine(environ: Mapping[str, str], folder: Path) -> list[Finding]:
    """Look at everything that a request needs; what depends on a thing that is wrong is not looked at."""
    loaded = load(root=files.find_root(folder / "any"), environ=environ)
    settings = loaded.settings
    findings = [Finding("ok", "version", f"kimi-lsp {__version__}")]
    findings += [Finding("remark", "settings", remark) for remark in loaded.remarks]
    if not loaded.remarks:
        findings.append(Finding("ok", "settings", f"{settings.model} at {settings.base_url}"))
    return findings + await _service(settings, environ)


async def _service(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    try:
        model = await open_model(settings, environ)
    except ModelError as error:
        subject = "settings" if isinstance(error, BadSetting) else "key"
        return [Finding("wrong", subject, str(error))]
    findings = [Finding("ok", "key", "found")]
    try:
        entry = await model.catalog()
    except ModelError as error:
        return [*findings, Finding("wrong", "service", str(error))]
    finally:
        await model.close()
    price = f"${entry.input_usd:.2f} in and ${entry.output_usd:.2f} out for a million tokens"
    findings.append(Finding("ok", "service", f"{settings.base_url} answers"))
    if entry.source == "service":
        return [
            *findings,
            Finding("ok", "model", f"{settings.model}: {entry.context_tokens:,} tokens, {price}"),
        ]
    return [
        *findings,
        Finding(
            "remark",
            "model",
            f"the service does not describe {settings.model}; the model card's values are used: {price}",
        ),
    ]
