"""Write the documentation that is missing: docstrings or comments, and never a line of code."""

from kimi_lsp.edits import Answer, Beyond
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.outcome import Edited
from kimi_lsp.features.target import target
from kimi_lsp.features.turn import Judge
from kimi_lsp.project.same_code import same_code
from kimi_lsp.prompt import usual


def documenting(asking: Asking) -> Wish:
    """Return what is to be documented: what is selected, else the function or class around. Raises NotSent."""
    snapshot = asking.source.snapshot
    meant = target(asking.source, asking.span)
    parts = (asking.instruction.strip(), usual.documentation(snapshot.language))
    wish = "\n\n".join(part for part in parts if part)
    return Wish(meant, wish, label="Kimi: Document", judge=_documents_only(snapshot.language))


def _documents_only(language: str) -> Judge:
    def judge(edited: Edited, _answer: Answer) -> None:
        if same_code(edited.plan.text, edited.plan.apply(), language) is False:
            raise Beyond(
                "the answer changes code, and only documentation was asked for.",
                "Your edits change code. Only docstrings and comments may be added or changed; every line of code "
                "stays as it is.",
            )

    return judge
