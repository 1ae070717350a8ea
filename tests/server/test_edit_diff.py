"""An edit as a diff: every file that it touches is in it, and nothing in it is invisible."""

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, Proposal, RenameFile, plan
from kimi_lsp.features import Edited
from kimi_lsp.server.edit_diff import diff

TEXT = "one\ntwo\n"
PLAN = plan(TEXT, [Proposal(file="a.py", search="two\n", replace="two \u202e\n")])


def test_one_document() -> None:
    assert diff(Edited(PLAN, "Kimi", "", Usage())) == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\n-two\n+two \\u202e\n"
    )


def test_several_files() -> None:
    files = (
        EditFile("a.py", PLAN),
        CreateFile("b.py", "b\n"),
        RenameFile("c.py", "d.py"),
        DeleteFile("e.py"),
    )
    told = diff(Edited(PLAN, "Kimi", "", Usage(), files=files))
    assert told.startswith("--- a/a.py\n")
    assert told.endswith(
        "diff --git a/b.py b/b.py\nnew file\n--- a/b.py\n+++ b/b.py\n@@ -0,0 +1 @@\n+b\n"
        "diff --git a/c.py b/d.py\nrename from c.py\nrename to d.py\n"
        "diff --git a/e.py b/e.py\ndeleted file\n"
    )
