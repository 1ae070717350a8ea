"""What is usual in a language, in words for the model: how things are documented, and with what they are tested."""

from collections.abc import Mapping

_JSDOC = "JSDoc, /** … */, directly above the function, class or method"
_XML = "/// comments with XML tags, such as <summary>, directly above the member"

_DOCUMENTATION: Mapping[str, str] = {
    "c": "a comment of the form /* … */ directly above the function",
    "cpp": "a Doxygen comment, /** … */, directly above the function or class",
    "csharp": _XML,
    "elixir": "@doc, or @moduledoc in a module, with a heredoc",
    "fsharp": _XML,
    "go": "a comment of // lines directly above the declaration; its first sentence begins with the name",
    "haskell": "a Haddock comment that begins with -- | above the signature",
    "java": "Javadoc, /** … */, directly above the class or method",
    "javascript": _JSDOC,
    "javascriptreact": _JSDOC,
    "julia": "a string in triple quotes directly above the definition",
    "kotlin": "KDoc, /** … */, directly above the class or function",
    "lua": "comments of --- lines directly above the function",
    "php": "PHPDoc, /** … */, directly above the class or function",
    "python": "a docstring as PEP 257 has it, the first statement of the function, class or module",
    "r": "roxygen2, comments of #' lines directly above the function",
    "ruby": "a comment of # lines directly above the class or method",
    "rust": "/// comments in Markdown directly above the item and its attributes",
    "scala": "Scaladoc, /** … */, directly above the class or method",
    "shellscript": "a comment of # lines directly above the function",
    "swift": "/// comments in Markdown directly above the declaration",
    "typescript": _JSDOC,
    "typescriptreact": _JSDOC,
}
_TESTS: Mapping[str, str] = {
    "c": "the assert macro, in a main function",
    "cpp": "GoogleTest",
    "csharp": "xUnit",
    "dart": "package:test",
    "elixir": "ExUnit",
    "go": "the package testing, with a table of cases",
    "java": "JUnit 5",
    "javascript": "the test runner that package.json names, else node:test",
    "javascriptreact": "the test runner that package.json names, else node:test",
    "kotlin": "kotlin.test",
    "php": "PHPUnit",
    "python": "pytest",
    "ruby": "Minitest",
    "rust": "the attribute #[test]",
    "swift": "XCTest",
    "typescript": "the test runner that package.json names, else node:test",
    "typescriptreact": "the test runner that package.json names, else node:test",
}


def documentation(language: str) -> str:
    """Return how things are documented in a language, by LSP's identifier."""
    way = _DOCUMENTATION.get(language, "a comment directly above what it is about")
    return f"Usual in this language: {way}."


def tests(language: str) -> str:
    """Return with what things are tested in a language, by LSP's identifier."""
    way = _TESTS.get(language, "the language's own means")
    return f"Usual in this language: {way}."
