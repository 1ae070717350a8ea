"""The menu's manners: few entries, named first, nothing on a bare cursor, nothing where it was not asked for."""

from typing import Any

import pytest
from lsprotocol import types

from tests.support.editor import Editor
from tests.support.sandboxed import Sandbox

SOURCE = "def one() -> int:\n    return two\n"
AUTOMATIC = types.CodeActionTriggerKind.Automatic


def diagnostic(ed: Editor, uri: str, severity: types.DiagnosticSeverity | None) -> types.Diagnostic:
    return types.Diagnostic(ed.range_of(uri, "two"), "Undefined name `two`", severity=severity)


def bare(line: int = 0) -> types.Range:
    return types.Range(types.Position(line, 0), types.Position(line, 0))


async def titles(ed: Editor, uri: str, range_: types.Range, *args: object, **more: object) -> list[str]:
    return [action.title for action in await ed.menu(uri, range_, *args, **more)]  # type: ignore[arg-type]


async def test_a_selection_gets_refactor_and_explain(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    assert await titles(ed, uri, ed.range_of(uri, "return two")) == [
        "Kimi: Refactor selection",
        "Kimi: Explain",
    ]


async def test_a_diagnostic_gets_a_fix_first(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    found = diagnostic(ed, uri, types.DiagnosticSeverity.Error)
    menu = await ed.menu(uri, found.range, [found])
    assert menu[0].title == "Kimi: Fix “Undefined name `two`”"
    assert menu[0].diagnostics == (found,)
    assert len(menu) <= 3


@pytest.mark.parametrize(
    ("severity", "offered"),
    [
        (types.DiagnosticSeverity.Error, True),
        (types.DiagnosticSeverity.Warning, True),
        (None, True),
        (types.DiagnosticSeverity.Information, False),
        (types.DiagnosticSeverity.Hint, False),
    ],
)
async def test_automatic_menus_hold_fixes_of_errors_and_warnings_only(
    severity: types.DiagnosticSeverity | None, offered: bool, ed: Editor
) -> None:
    uri = ed.open("a.py", SOURCE)
    found = diagnostic(ed, uri, severity)
    assert await titles(ed, uri, ed.range_of(uri, "return two"), [found], AUTOMATIC) == (
        ["Kimi: Fix “Undefined name `two`”"] if offered else []
    )


async def test_a_bare_cursor_gets_nothing_by_itself(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    assert await titles(ed, uri, bare(), [], AUTOMATIC) == []
    assert await titles(ed, uri, bare(), [], None) == []
    assert await titles(ed, uri, bare()) == [
        "Kimi: Refactor this function",
        "Kimi: Document",
        "Kimi: Explain",
    ]


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["source"], []),
        (["source.fixAll"], []),
        (["refactor.move"], []),
        (["notebook"], []),
        (["quickfix"], ["quickfix.kimi"]),
        (["refactor"], ["refactor.rewrite.kimi"]),
        (["refactor.rewrite"], ["refactor.rewrite.kimi"]),
        (["kimi"], ["kimi.explain"]),
        ([""], ["quickfix.kimi", "refactor.rewrite.kimi", "kimi.explain"]),
        (["refactor.rewrite.kimi.more"], []),
    ],
)
async def test_only_is_honoured(only: list[str], kinds: list[str], ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    found = diagnostic(ed, uri, types.DiagnosticSeverity.Error)
    menu = await ed.menu(uri, ed.range_of(uri, "return two"), [found], only=only)
    assert [action.kind for action in menu] == kinds


async def test_nothing_is_preferred_resolved_or_sent(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("a.py", SOURCE)
    found = diagnostic(ed, uri, types.DiagnosticSeverity.Error)
    for action in await ed.menu(uri, found.range, [found]):
        assert action.is_preferred is None
        assert action.edit is None
        assert action.data is None
        assert action.command is not None
        assert action.title.startswith("Kimi: ")
        assert action.tags == (types.CodeActionTag.LlmGenerated,)
    provider = ed.capabilities.code_action_provider
    assert isinstance(provider, types.CodeActionOptions)
    assert not provider.resolve_provider
    assert await kimi.requests() == []


async def test_the_menu_can_be_switched_off_at_once(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    await ed.run("kimi.cancel", {})
    ed.client.set_configuration({"kimi": {"codeActions": "off"}})
    ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings={}))
    for _ in range(100):
        if not await titles(ed, uri, ed.range_of(uri, "return two")):
            return
    pytest.fail("the menu is still there")


@pytest.mark.parametrize(
    ("text", "language", "at", "offered"),
    [
        ("def f(\r\n    a,\r\n):\r\n    return a\r\n", "python", "def", True),
        ('class Größe:\n\n    """Said."""\n', "python", "class", False),
        ("class A:\n\tclass B:\n\t\tdef c(self): return 1\n", "python", "class B", True),
        ("x = 1\n", "python", "x", False),
        ("/** Said. */\nexport function f() {\n}\n", "javascript", "export", False),
        ("\texport async function f() {\n\t}\n", "typescript", "export", True),
        ("// F adds.\nfunc (c *Cart) F() {\n}\n", "go", "func", False),
        ("#[inline]\npub(crate) fn f() {}\n", "rust", "pub", True),
        ("/// Said.\n#[inline]\npub fn f() {}\n", "rust", "pub", False),
    ],
)
async def test_documenting_is_offered_on_a_header_about_which_nothing_is_said(
    text: str, language: str, at: str, offered: bool, ed: Editor
) -> None:
    uri = ed.open("a.txt", text, language)
    menu = await ed.menu(uri, ed.range_of(uri, at))
    assert ("kimi.generate.docs" in [action.kind for action in menu]) is offered
    assert len(menu) <= 3
    asked_for = await ed.menu(uri, ed.range_of(uri, at), only=["kimi.generate.docs"])
    assert [action.title for action in asked_for] == ["Kimi: Document"]


async def test_fixing_all_is_offered_where_its_kind_is_asked_for(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    found = diagnostic(ed, uri, types.DiagnosticSeverity.Error)
    (action,) = await ed.menu(uri, ed.range_of(uri, "return two"), [found], only=["quickfix.kimi.all"])
    assert action.command is not None
    assert action.command.command == "kimi.fixAll"
    assert action.command.arguments
    argument: Any = action.command.arguments[0]
    assert len(argument["diagnostics"]) == 1


async def test_a_comment_about_code_that_is_there_is_done_and_one_above_a_stub_implemented(
    ed: Editor,
) -> None:
    uri = ed.open(
        "a.py", "# kimi: use guard clauses – „€“\ndef f(x):\n    return x\n\n\n# kimi: add\ndef g(): ...\n"
    )
    assert (await titles(ed, uri, ed.range_of(uri, "kimi: use")))[0] == "Kimi: Do “use guard clauses – „€“”"
    assert (await titles(ed, uri, ed.range_of(uri, "def g")))[0] == "Kimi: Implement"


async def test_what_is_rarely_meant_is_offered_where_its_kind_is_asked_for(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    place = ed.range_of(uri, "return two")
    found = [action.title for action in await ed.menu(uri, place, only=["kimi.generate"])]
    assert found == ["Kimi: Document", "Kimi: Write tests"]
    (names,) = await ed.menu(uri, place, only=["refactor.rewrite.kimi.names"])
    assert names.title == "Kimi: Better names"
    (ask,) = await ed.menu(uri, place, only=["kimi.ask"])
    assert ask.title == "Kimi: Ask"
