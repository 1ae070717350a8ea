"""A name that is half renamed is seen; one that is another function's is not meant."""

import pytest

from kimi_lsp.project.half_renamed import half_renamed

NAMES = {"x": "größe"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(größe):\r\n\treturn größe\r\n", None),
        ("def f(größe):\r\n\treturn größe + x\r\n", ("x", 2)),
        ("class A:\n    def f(self, x):\n        größe = 1\n        return größe\n", ("x", 2)),
        ("def f(größe):\n    return größe.x, 'x', dict(x=1)\n", None),
        ("def f(größe):\n    return größe\n\n\ndef g(x):\n    return x\n", None),
        ("def f(:\n", None),
    ],
)
def test_the_old_name_beside_the_new_one_is_seen(text: str, found: tuple[str, int] | None) -> None:
    assert half_renamed(text, NAMES) == found
