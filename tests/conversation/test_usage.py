"""Usage as a person reads it, and added up."""

from kimi_lsp.conversation import Usage

USED = Usage(prompt_tokens=1204, completion_tokens=350, cost_usd=0.0025)


def test_the_sentence() -> None:
    assert USED.sentence() == "1,204 in, 350 out, $0.0025"


def test_what_there_is_more_of_is_told() -> None:
    used = Usage(1204, 350, 280, 1000, {"web_search": 1}, 0.0175, estimated=True)
    assert used.sentence() == "about 1,204 in (1,000 cached), 350 out (280 thinking), 1 web search, $0.0175"


def test_searches_are_told_and_added_and_other_tools_are_not() -> None:
    several = Usage(tool_usage={"web_search": 2, "code_runner": 4}) + Usage(tool_usage={"web_search": 1})
    assert several.searches == 3
    assert several.sentence() == "0 in, 0 out, 3 web searches, $0.0000"
    assert dict(several.tool_usage) == {"web_search": 3, "code_runner": 4}
