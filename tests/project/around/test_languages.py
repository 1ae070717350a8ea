"""Definitions in languages other than Python: imports within the workspace, and what stands in the file itself."""

from pathlib import Path

import pytest

from tests.project.around.test_surroundings import found, names, text

TS_MONEY = (
    "/** Rounds. */\nexport function rounded(x: number): number {\n  return x;\n}\n\n"
    "export const LIMIT = 3;\nexport const twice = (x: number) => {\n  return 2 * x;\n};\n"
    "export interface Price {\n  cents: number;\n}\nexport default class Cart extends Base {\n  size = 0;\n"
    "  total(): number {\n    return this.size;\n  }\n  other() {}\n}\n"
)
GO_MONEY = (
    "package money\n\n// Rounded rounds.\nfunc Rounded(x float64) float64 {\n\treturn x\n}\n\n"
    "type Cart struct {\n\tn int\n}\n\nfunc (c *Cart) Total() int {\n\treturn c.n\n}\n\nfunc (c *Cart) Other() {}\n"
)
RS_MONEY = (
    "/// Rounds.\npub fn rounded(x: f64) -> f64 {\n    x\n}\n\npub struct Cart {\n    n: u8,\n}\n\nimpl Cart {\n"
    "    pub fn total(&self) -> u8 {\n        self.n\n    }\n\n    fn other(&self) {}\n}\n\npub mod deep {\n    pub fn x() {}\n}\n"
)
CARGO = {"Cargo.toml": '[package]\nname = "my-shop"\n', "src/lib.rs": "pub mod money;\npub mod cart;\n"}

# Each row: the other file, its text, the file in question, its import, a line that uses it, and what that is.
IMPORTS = [
    ("money.ts", TS_MONEY, "a.ts", 'import { rounded } from "./money";', "rounded(1);", "money.ts:rounded"),
    ("money.ts", TS_MONEY, "a.ts", 'import { rounded as r } from "./money.js";', "r(1);", "money.ts:rounded"),
    ("money.ts", TS_MONEY, "a.tsx", 'import * as m from "./money";', "m.LIMIT;", "money.ts:LIMIT"),
    ("money.ts", TS_MONEY, "a.ts", 'import C from "./money";', "new C();", "money.ts:Cart"),
    ("money.ts", TS_MONEY, "a.ts", 'import type { Price } from "./money";', "let p: Price;", "money.ts:Price"),
    ("money.ts", TS_MONEY, "a.ts", 'export { twice } from "./money";', "twice;", "money.ts:twice"),
    ("money.ts", TS_MONEY, "a.ts", 'export * from "./money";', "twice;", "money.ts:twice"),
    ("src/lib/money/index.ts", TS_MONEY, "src/a.ts", 'import { rounded } from "@/lib/money";', "rounded();", "src/lib/money/index.ts:rounded"),
    ("money.js", "function rounded() {}\n", "a.js", 'const { rounded: r } = require("./money");', "r();", "money.js:rounded"),
    ("money.js", "function rounded() {}\n", "a.js", 'const money = require("./money");', "money.rounded();", "money.js:rounded"),
    ("money.ts", TS_MONEY, "a.ts", 'import { rounded } from "react";', "rounded(1);", None),
    ("money.ts", TS_MONEY, "a.ts", 'import { rounded } from "../../money";', "rounded(1);", None),
    ("money/money.go", GO_MONEY, "cart/cart.go", 'package cart\nimport "example.org/shop/money"', "var x = money.Rounded(1)", "money/money.go:Rounded"),
    ("money/money.go", GO_MONEY, "cart/cart.go", 'package cart\nimport (\n\tm "example.org/shop/money"\n)', "var x m.Cart", "money/money.go:Cart"),
    ("cart/money.go", GO_MONEY, "cart/cart.go", "package money", "var x = Rounded(1)", "cart/money.go:Rounded"),
    ("money/money.go", GO_MONEY, "cart/cart.go", 'package cart\nimport "elsewhere.org/shop/money"', "var x = money.Rounded(1)", None),
    ("src/money.rs", RS_MONEY, "src/cart.rs", "use crate::money::rounded;", "fn f() { rounded(1.0); }", "src/money.rs:rounded"),
    ("src/money.rs", RS_MONEY, "src/cart.rs", "use super::money::{self, Cart as C};", "fn f(c: C) {}", "src/money.rs:Cart"),
    ("src/money.rs", RS_MONEY, "src/cart.rs", "use super::money::{self};", "fn f() { money::rounded(1.0) }", "src/money.rs:rounded"),
    ("src/money.rs", RS_MONEY, "src/cart.rs", "use crate::money::*;", "fn f() { rounded(1.0) }", "src/money.rs:rounded"),
    ("src/money.rs", RS_MONEY, "src/cart.rs", "", "fn f() { crate::money::rounded(1.0) }", "src/money.rs:rounded"),
    ("src/money/mod.rs", RS_MONEY, "src/lib.rs", "mod money;", "fn f() { money::rounded(1.0) }", "src/money/mod.rs:rounded"),
    ("src/money.rs", RS_MONEY, "tests/all.rs", "use my_shop::money::rounded;", "fn f() { rounded(1.0) }", "src/money.rs:rounded"),
    ("src/money.rs", RS_MONEY, "src/cart.rs", "use serde::rounded;", "fn f() { rounded(1.0) }", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "words", "at", "imported", "line", "expected"),
    IMPORTS,
    ids=[f"{row[2]} {row[3]} {row[4]}" for row in IMPORTS],
)
def test_imports_are_followed(
    other: str, words: str, at: str, imported: str, line: str, expected: str | None, tmp_path: Path
) -> None:
    rules = {"go.mod": "module example.org/shop\n\ngo 1.22\n"} if at.endswith(".go") else {}
    rules = CARGO if at.endswith(".rs") else rules
    files = {**rules, other: words, at: f"{imported}\n\n{line}\n"}
    assert names(found(tmp_path, files, at, line).used) == ([expected] if expected else [])


def test_a_signature_has_the_words_above_it(tmp_path: Path) -> None:
    files = {
        "money.ts": TS_MONEY,
        "a.ts": 'import C, { rounded } from "./money";\nrounded(new C().total());\n',
    }
    around = found(tmp_path, files, "a.ts", "rounded(new")
    assert (
        text(around.used, "rounded", "brief")
        == "/** Rounds. */\nexport function rounded(x: number): number {\n"
    )
    assert text(around.used, "Cart", "least") == (
        "export default class Cart extends Base {\n  size = 0;\n  total(): number {\n"
    )


@pytest.mark.parametrize(
    ("at", "source", "part", "own"),
    [
        (
            "a.ts",
            "import x from 'y';\n\nclass Big {\n  one() {\n    return this.two();\n  }\n  two() {}\n  three() {}\n}\n",
            "return this.two();",
            {"imports": "import x from 'y';\n", "Big": "class Big {\n⋮\n  two() {}\n"},
        ),
        (
            "a.go",
            'package a\n\nimport "fmt"\n\ntype Cart struct {\n\tn int\n}\n\nfunc (c *Cart) one() { c.two() }\n\nfunc (c *Cart) two() {\n\tfmt.Println()\n}\n',
            "func (c *Cart) one() { c.two() }",
            {"imports": 'package a\n\nimport "fmt"\n', "Cart": "type Cart struct {\n\tn int\n}\n⋮\nfunc (c *Cart) two() {\n"},
        ),
        (
            "a.rs",
            "use std::fmt;\n\nstruct Cart {\n    n: u8,\n}\n\nimpl Cart {\n    fn one(&self) {\n        self.two()\n    }\n\n    fn two(&self) {\n    }\n}\n",
            "self.two()",
            {"imports": "use std::fmt;\n", "Cart": "struct Cart {\n    n: u8,\n}\n\nimpl Cart {\n⋮\n    fn two(&self) {\n"},
        ),
    ],
)  # fmt: skip
def test_what_a_part_uses_of_its_own_file(
    at: str, source: str, part: str, own: dict[str, str], tmp_path: Path
) -> None:
    around = found(tmp_path, {at: source}, at, part)
    lines = {one.whole.what: one.least for one in around.own}
    shown = {}
    for what, excerpt in lines.items():
        pieces = [
            excerpt.snapshot.text[excerpt.snapshot.lines.start(first) : excerpt.snapshot.lines.start(last)]
            for first, last in excerpt.rows
        ]
        shown[what] = "⋮\n".join(pieces)
    assert shown == own


def test_the_scopes_of_a_class(tmp_path: Path) -> None:
    source = "class Big {\n  one() {\n    return 1;\n  }\n}\n"
    around = found(tmp_path, {"a.ts": source}, "a.ts", "return 1")
    assert [one.of(source).split("\n")[0] for one in around.scopes] == ["  one() {", "class Big {"]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_do_not_matter(end: str, tmp_path: Path) -> None:
    files = {
        "money.ts": TS_MONEY.replace("\n", end),
        "a.ts": 'import { rounded } from "./money";' + end + "rounded(1);" + end,
    }
    used = found(tmp_path, files, "a.ts", "rounded(1)").used
    assert names(used) == ["money.ts:rounded"]
    assert text(used, "rounded").startswith("/** Rounds. */")
    assert text(used, "rounded").endswith("}" + end)


def test_without_a_grammar_there_is_nothing(tmp_path: Path) -> None:
    around = found(tmp_path, {"a.rb": "require_relative 'b'\nx\n", "b.rb": "def x; end\n"}, "a.rb", "x")
    assert (around.used, around.own, around.scopes) == ((), (), ())
