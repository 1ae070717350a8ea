"""Where the tests of a file are, by the conventions of languages, and by what a project has already."""

from pathlib import Path

import pytest

from kimi_lsp.project import tests_of as places
from kimi_lsp.project.tests_of import PlaceForTests


def project(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            (root / name).write_text("", "utf-8")
        else:
            (root / name).mkdir(exist_ok=True)
    return root


@pytest.mark.parametrize(
    ("there", "path", "language", "found"),
    [
        ((), "shop/cart.py", "python", PlaceForTests("tests/test_cart.py", exists=False)),
        (("tests/",), "cart.py", "python", PlaceForTests("tests/test_cart.py", exists=False)),
        (("tests/till/",), "src/shop/till/cart.py", "python", PlaceForTests("tests/till/test_cart.py", exists=False)),
        (("tests/test_cart.py",), "src/shop/till/cart.py", "python", PlaceForTests("tests/test_cart.py", exists=True)),
        (("shop/cart_test.py",), "shop/cart.py", "python", PlaceForTests("shop/cart_test.py", exists=True)),
        (("shop/test_price.py",), "shop/cart.py", "python", PlaceForTests("shop/test_cart.py", exists=False, example="shop/test_price.py")),
        ((), "tests/test_größe.py", "python", PlaceForTests("tests/test_größe.py", exists=True)),
        ((), "shop/größe.go", "go", PlaceForTests("shop/größe_test.go", exists=False)),
        (("shop/a_test.go",), "shop/b.go", "go", PlaceForTests("shop/b_test.go", exists=False, example="shop/a_test.go")),
        ((), "src/a.ts", "typescript", PlaceForTests("src/a.test.ts", exists=False)),
        (("src/b.spec.ts",), "src/a.ts", "typescript", PlaceForTests("src/a.spec.ts", exists=False, example="src/b.spec.ts")),
        (("src/__tests__/",), "src/a.tsx", "typescriptreact", PlaceForTests("src/__tests__/a.test.tsx", exists=False)),
        (("src/a.spec.js",), "src/a.js", "javascript", PlaceForTests("src/a.spec.js", exists=True)),
        (("src/cart.rs",), "src/cart.rs", "rust", PlaceForTests("src/cart.rs", exists=True)),
        ((), "src/main/java/org/Cart.java", "java", PlaceForTests("src/test/java/org/CartTest.java", exists=False)),
        ((), "src/test/java/org/CartTest.java", "java", PlaceForTests("src/test/java/org/CartTest.java", exists=True)),
        (("spec/till/",), "lib/till/cart.rb", "ruby", PlaceForTests("spec/till/cart_spec.rb", exists=False)),
        ((), "Contest.cs", "csharp", PlaceForTests("tests/ContestTests.cs", exists=False)),
    ],
)  # fmt: skip
def test_the_place_is_the_usual_one(
    there: tuple[str, ...], path: str, language: str, found: PlaceForTests, tmp_path: Path
) -> None:
    assert places.tests_of(project(tmp_path, *there), path, language) == found


def test_of_an_unknown_language_nobody_guesses(tmp_path: Path) -> None:
    assert places.tests_of(tmp_path, "a.hs", "haskell") is None
