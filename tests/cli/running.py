"""`kimi-lsp` as a process of its own, and what it left behind."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import warm
from tests.support.sandboxed import Sandbox

ROOT = Path(__file__).parent.parent.parent
KEY = "sk-empiriolabs-not-the-key-of-this-sandbox"

CART = '''\
"""The cart."""


def total(lines: list[int]) -> str:
    return json.dumps({"€": sum(lines)})
'''
FIXED = CART.replace('"""The cart."""\n', '"""The cart."""\n\nimport json\n')
FIX = ("--line", "5", "--message", "Undefined name `json`")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


async def start(
    *arguments: str, environ: Mapping[str, str], cwd: Path = ROOT, cold: bool = False
) -> asyncio.subprocess.Process:
    environ = {**environ, "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(
        *(warm.COLD if cold else warm.command(environ)), *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ,
        cwd=cwd,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> Ran:
    """Wait for the end; whatever was asked for, there is no traceback and no warning of Python's."""
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    ran = Ran(process.returncode, (out or b"").decode(), (err or b"").decode())
    assert "Traceback" not in ran.out + ran.err, ran.err
    assert "Warning" not in ran.err, ran.err
    return ran


async def run(*arguments: str, environ: Mapping[str, str], cwd: Path = ROOT) -> Ran:
    ran = await ended(await start(*arguments, environ=environ, cwd=cwd))
    key = environ.get("KIMI_LSP_API_KEY", "")
    assert not key or key not in ran.out + ran.err
    return ran


def nowhere(**more: str) -> dict[str, str]:
    """Return an environment of which nothing is the machine's own; the address in it answers nobody."""
    sandbox = Sandbox("http://127.0.0.1:9", KEY, None)  # type: ignore[arg-type]
    return {**sandbox.environ, **more}


def keyless(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name != "KIMI_LSP_API_KEY"}


def put(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def one_sentence(ran: Ran) -> str:
    """Check that a failure is exactly one line on stderr, and nothing is on stdout."""
    assert ran.out == ""
    assert ran.err.startswith("kimi-lsp: ")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("\n")
    return ran.err.removeprefix("kimi-lsp: ").strip()
