"""README.md against the code: its tables, its exit codes, its paths and the demo's output are what they say."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from kimi_lsp.cli import exit_codes
from kimi_lsp.project.settings import describe
from kimi_lsp.server.app import COMMANDS
from tests.cli.running import nowhere, run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_settings_are_those_of_the_code() -> None:
    table = settings()
    assert between("settings").strip() == table, f"the right table is:\n\n{table}\n"


async def test_the_demo_is_its_own_output() -> None:
    ran = await run("demo", "--fast", environ=nowhere())
    assert ran.code == 0, ran.err
    block = cast(ran.out)
    shown = between("demo").strip()
    assert without_measures(shown) == without_measures(block), f"the right block is:\n\n{block}\n"


def test_the_commands_are_those_of_the_server() -> None:
    assert sorted(re.findall(r"(?m)^\| `(kimi\.\w+)`", README)) == sorted(COMMANDS)


def test_the_exit_codes_are_those_of_the_command_line() -> None:
    told = re.search(r"Exit codes: (.+?)\.\n", README, re.DOTALL)
    assert told
    assert {int(code): words for code, words in re.findall(r"(\d+) ([a-z ]+[a-z])", told[1])} == {
        exit_codes.OK: "done",
        exit_codes.FAILED: "failed",
        exit_codes.USAGE: "wrong use",
        exit_codes.REFUSED: "refused",
        exit_codes.INTERRUPTED: "interrupted",
    }
    constants = {name for name in vars(exit_codes) if name.isupper() and name != "EPILOG"}
    assert constants == {"OK", "FAILED", "USAGE", "REFUSED", "INTERRUPTED"}


def test_every_path_exists() -> None:
    links = {target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    quoted = {name for name in re.findall(r"`([\w.-]+/[\w./-]*)`", README) if name.split("/")[0] in folders}
    assert len(links) > 2
    assert len(quoted) > 2
    assert [path for path in sorted(links | quoted) if not (ROOT / path).exists()] == []


def test_every_heading_linked_to_exists() -> None:
    headings = {title.lower().replace(" ", "-") for title in re.findall(r"(?m)^##+ (.+)$", README)}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings


def test_the_rooms_are_those_of_the_house() -> None:
    house = between_headings("The house")
    rooms = {name for row in re.findall(r"(?m)^\| (`.+?) \|", house) for name in re.findall(r"`(\w+)`", row)}
    found = {path.name.removesuffix(".py") for path in (ROOT / "kimi_lsp").iterdir()}
    assert rooms == found - {"__init__", "__main__", "__pycache__", "py.typed"}


def test_every_make_target_exists() -> None:
    named = set(re.findall(r"(?m)(?:^\$ |`)make (\w+)", README))
    targets = set(re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text("utf-8")))
    assert {"demo", "test"} <= named
    assert named <= targets


async def test_every_command_line_is_understood() -> None:
    help_ = (await run("--help", environ=nowhere())).out
    commands = set(re.findall(r"(?m)^    ([\w-]+)", help_))
    named = set(re.findall(r"(?m)(?:^\$ |`)kimi-lsp (\w[\w-]*)", README))
    assert {"serve", "doctor", "fix"} <= named
    assert named <= commands
    for command, rest in re.findall(r"(?m)^\$ kimi-lsp (\w[\w-]*) (.*--.*)$", README):
        options = (await run(command, "--help", environ=nowhere())).out
        for option in re.findall(r"--\w+", rest):
            assert f" {option} " in options, f"{command} {option}"


def test_every_extra_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(re.findall(r"kimi-lsp\[(\w+)\]", README)) <= set(project["optional-dependencies"])


def settings() -> str:
    """Return the settings table as README.md holds it."""
    rows = [("setting", "default", "environment", "in a workspace", "meaning"), ("---",) * 5]
    rows += [
        (
            quoted(row.name),
            quoted(row.default),
            quoted(row.environment),
            row.workspace,
            row.meaning.replace("|", "\\|"),
        )
        for row in describe()
    ]
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|" for row in rows)


def quoted(text: str) -> str:
    return f"`{text}`" if text else ""


def cast(output: str) -> str:
    """Return the demo's output as README.md shows it: without the addresses, and `…` for what would only repeat."""
    return "\n".join(["```console", "$ make demo", *_shortened(output.strip().split("\n")), "```"])


def _shortened(lines: list[str]) -> Iterator[str]:
    section, indented, left_out = "", False, False
    for line in lines:
        if re.match(r"\d\. ", line):
            section = line[0]
        indented = line.startswith("    ") or (indented and not line)
        if indented and section in ("4", "5") and "###" not in line:
            if not left_out:
                yield "    …"
            left_out = True
        elif section or not line.startswith("  "):
            left_out = False
            yield line


def without_measures(block: str) -> str:
    """Leave out what is measured: milliseconds, reports of one phase, and the prompt's tokens with their price."""
    for measure in (
        r" · [\d.]+k?(?= · )",
        r"(?<=in )\d+ ms",
        r"[\d,]+ in(?: \([\d,]+ cached\))?(?=, )",
        r"\$[\d.]+",
    ):
        block = re.sub(measure, "", block)
    return block


def between(name: str) -> str:
    return README.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]


def between_headings(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
