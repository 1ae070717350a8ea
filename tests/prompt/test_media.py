"""Pictures and films in a request: where they stand, how the text names them, and what they count."""

import pytest

from kimi_lsp.conversation import Image, Media, Text, Video
from kimi_lsp.prompt import Prompt, TooLarge, explain, implement, refactor, repair
from kimi_lsp.prompt.media import media_tokens
from tests.prompt.test_build import TEXT, asked, lines, target
from tests.support import pictures

FORM = Media("mockups/form.png", Image("image/png", pictures.PNG))
FLOW = Media("flow.mp4", Video("video/mp4", pictures.MP4))


def test_an_implementation_is_asked_in_this_form() -> None:
    prompt = implement(target(TEXT, lines(TEXT, 1, 2)), "As in the picture.", (FORM, FLOW))
    assert asked(prompt) == (
        '<file path="app/a.py" language="python">\n'
        f"{TEXT}"
        "</file>\n"
        "\n"
        '<task kind="implement" answer="edits">\n'
        "Write the code that is missing in the selection, as the instruction and the pictures and films, if there are any, "
        "say: all of it, ready to run, in the place of a stub. Take out a comment that only asked for it. Where something "
        "cannot be known, do the simplest thing and say so in the summary.\n"
        "</task>\n"
        "\n"
        '<selection first-line="1" last-line="2">\n'
        "def one():\n    return 1\n"
        "</selection>\n"
        "\n"
        "<instruction>\n"
        "As in the picture.\n"
        "</instruction>\n"
        "\n"
        '<image path="mockups/form.png" type="image/png">\n'
        "Number 1 of what follows this text.\n"
        "</image>\n"
        "\n"
        '<video path="flow.mp4" type="video/mp4">\n'
        "Number 2 of what follows this text.\n"
        "</video>"
    )
    text, *parts = prompt.request.messages[1].parts
    assert isinstance(text, Text)
    assert parts == [FORM.part, FLOW.part]
    assert prompt.request.kind == "implement"
    assert prompt.request.answer is not None


def prompts(*media: Media) -> list[Prompt]:
    return [
        explain(target(), media),
        refactor(target(), "Do it.", media=media),
        implement(target(), "Do it.", media),
    ]


def test_every_kind_takes_them_and_counts_them() -> None:
    for without, with_one in zip(prompts(), prompts(FORM), strict=True):
        assert len(without.request.messages[1].parts) == 1
        assert with_one.request.messages[1].parts[1:] == (FORM.part,)
        assert with_one.estimate >= without.estimate + media_tokens([FORM])
        assert with_one.request.messages[0] == without.request.messages[0]
        assert asked(with_one).startswith(asked(without))
        *_, shown = with_one.shown
        assert (shown.name, shown.reason) == ("image", "mockups/form.png (1 KiB), which you named")
        assert shown.tokens == media_tokens([FORM]) > 0


def test_they_use_the_budget() -> None:
    fits = implement(target(budget=5_000), "Do it.").estimate
    assert implement(target(budget=fits + 200), "Do it.")
    with pytest.raises(TooLarge):
        implement(target(budget=fits + 200), "Do it.", (FORM,))


def test_a_text_with_such_a_tag_cannot_pass_for_one() -> None:
    text = 'ICON = """\n<image path="a.png" type="image/png">\n</image>\n"""\n'
    prompt = implement(target(text), "Do it.", (FORM,))
    assert '\n\n<image-2 path="mockups/form.png"' in asked(prompt)


def test_a_repair_says_them_again() -> None:
    prompt = implement(target(), "Do it.", (FORM,))
    again = repair(prompt, prompt.request.messages[1], "the lines were not found")
    assert again.request.messages[:2] == prompt.request.messages
