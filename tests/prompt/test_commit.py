"""What is asked for a commit's message, and how a diff is cut to what may be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt import TooLarge, commit_message, estimate
from kimi_lsp.prompt.commit import fitted

DIFF = "diff --git a/größe.py b/größe.py\n@@ -1 +1 @@\n-x = 1\r\n+x = '€'\r\n"


def test_it_is_asked_in_this_form() -> None:
    prompt = commit_message(DIFF, ["Begin – „shop“", "Mend it"], " short ", budget=64_000, max_tokens=900)
    system, user = prompt.request.messages
    assert system.role == "system"
    assert user.text.startswith(
        f'<diff>\n{DIFF}</diff>\n\n<task kind="commitMessage" answer="text">\nWrite the '
    )
    assert user.text.endswith(
        "</task>\n\n<history>\nBegin – „shop“\nMend it\n</history>\n\n<instruction>\nshort\n</instruction>"
    )
    assert prompt.request.answer is None
    assert [one.name for one in prompt.shown] == ["diff", "task", "history", "instruction"]


def test_secrets_are_hidden() -> None:
    secret = "sk-live-" + "0123456789abcdefABCDEF0123456789"
    prompt = commit_message(f'{DIFF}+KEY = "{secret}"\n', [], "", budget=64_000, max_tokens=900)
    assert secret not in prompt.request.messages[1].text
    assert "KIMI_SECRET_1_" in prompt.request.messages[1].text


def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(TooLarge):
        commit_message(DIFF, [], "word " * 2000, budget=2_000, max_tokens=900)


LINES = st.lists(st.text("ab€\t+- ", max_size=30), max_size=30)


@given(st.lists(LINES, min_size=1, max_size=6), st.integers(0, 400))
def test_a_diff_is_cut_within_its_room_and_says_so(files: list[list[str]], room: int) -> None:
    parts = ["\n".join(["diff --git a/x b/x", *(f"+{line}" for line in lines), ""]) for lines in files]
    diff = "".join(parts)
    cut = fitted(diff, room)
    assert estimate(cut) <= room + len(files)
    if estimate(diff) <= room:
        assert cut == diff or "more lines are not shown" in cut
    kept = [line for line in cut.split("\n") if not line.startswith("(")]
    assert set(kept) <= {*diff.split("\n"), ""}


def test_a_large_file_leaves_room_for_the_small_ones() -> None:
    large = "diff --git a/lock b/lock\n" + "+ a long line of a lock file\n" * 5000
    cut = fitted(large + DIFF, 600)
    assert cut.endswith(DIFF)
    assert " more lines are not shown)\ndiff --git a/größe.py" in cut
