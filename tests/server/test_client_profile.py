"""What real clients said of whole files in their `initialize` request, and what becomes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.server.capabilities import ENCODINGS, initialize_result
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.client_profile import profile as read
from tests.support.editor import profile

NAMES = (
    "capabilities", "general", "positionEncodings", "workspace", "workspaceEdit", "resourceOperations", "window",
    "showDocument", "textDocument", "codeAction", "tagSupport", "valueSet", "initializationOptions", "clientCommands",
    "clientInfo", "name", "ui", "commands",
)  # fmt: skip
EVERY = frozenset(("create", "rename", "delete"))


def saying(**edit: Any) -> ClientProfile:
    capabilities = {"workspace": {"applyEdit": True, "workspaceEdit": edit}}
    return read({"processId": None, "rootUri": None, "capabilities": capabilities})


@pytest.mark.parametrize(
    ("client", "operations"),
    [
        ("vscode-1.100.3", EVERY),
        ("vscode-languageclient-11", EVERY),
        # It takes them among versioned edits, which it does not advertise either.
        ("neovim-0.11.4", EVERY),
        ("emacs-28.2-eglot-1.9", frozenset()),
    ],
)
def test_what_real_clients_do_with_files(client: str, operations: frozenset[str]) -> None:
    found = read(profile(client))
    assert found.resource_operations == operations
    # "textOnlyTransactional" and silence both leave half an edit behind where files are in it.
    assert not found.takes_back
    assert found.ends_new_files == (found.name == "Neovim")


def test_operations_without_versioned_edits_are_nothing() -> None:
    assert saying(resourceOperations=["create"]).resource_operations == frozenset()
    assert saying(documentChanges=True, resourceOperations=["create", "x"]).resource_operations == {
        "create",
        "x",
    }


@pytest.mark.parametrize(
    ("handling", "takes_back"),
    [
        ("transactional", True),
        ("undo", True),
        ("abort", False),
        ("textOnlyTransactional", False),
        ("odd", False),
    ],
)
def test_who_leaves_nothing_behind(handling: str, *, takes_back: bool) -> None:
    assert saying(documentChanges=True, failureHandling=handling).takes_back is takes_back


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
    )
)
def test_whatever_a_client_says_of_itself_is_read(said: Any) -> None:
    params = said if isinstance(said, dict) else {"capabilities": said}
    assert isinstance(read(params), ClientProfile)
    assert initialize_result(params)["capabilities"]["positionEncoding"] in ENCODINGS
