"""Where the tests of a file are, or would be by the conventions of its language. The disk is only looked at."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_SCRIPT = (
    "{dir}/{stem}.test{suffix}",
    "{dir}/{stem}.spec{suffix}",
    "{dir}/__tests__/{stem}.test{suffix}",
    "test/{inner}/{stem}.test{suffix}",
    "tests/{inner}/{stem}.test{suffix}",
    "test/{stem}.test{suffix}",
    "tests/{stem}.test{suffix}",
    "{dir}/{stem}.test{suffix}",
)
_C = (
    "{dir}/test_{stem}{suffix}",
    "tests/test_{stem}{suffix}",
    "test/test_{stem}{suffix}",
    "tests/test_{stem}{suffix}",
)
_PLACES: Mapping[str, Sequence[str]] = {
    "c": _C,
    "cpp": _C,
    "csharp": ("tests/{inner}/{stem}Tests.cs", "{dir}/{stem}Tests.cs", "tests/{stem}Tests.cs"),
    "dart": ("test/{inner}/{stem}_test.dart", "test/{stem}_test.dart"),
    "elixir": ("test/{inner}/{stem}_test.exs", "test/{stem}_test.exs"),
    "go": ("{dir}/{stem}_test.go",),
    "java": ("{main}/{stem}Test.java",),
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
    "kotlin": ("{main}/{stem}Test.kt",),
    "php": ("tests/{inner}/{stem}Test.php", "tests/{stem}Test.php"),
    "python": (
        "tests/{inner}/test_{stem}.py",
        "tests/{dir}/test_{stem}.py",
        "tests/test_{stem}.py",
        "test/test_{stem}.py",
        "{dir}/tests/test_{stem}.py",
        "{dir}/test_{stem}.py",
        "{dir}/{stem}_test.py",
        "tests/test_{stem}.py",
    ),
    "ruby": ("spec/{inner}/{stem}_spec.rb", "test/{inner}/{stem}_test.rb", "test/{stem}_test.rb"),
    "rust": ("{dir}/{stem}.rs",),
    "swift": ("Tests/{inner}/{stem}Tests.swift", "Tests/{stem}Tests.swift"),
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
}
"""For each language the places, the more usual first; the last is where a project's first tests go."""
_TEST_FILE = re.compile(
    r"(?:test_.*|.*_test|.*[.-](?:test|spec)|.*_spec|.*(?<=[a-z0-9])Tests?)\Z",
)
_SOURCES = ("src", "lib", "app", "source")
_MOST_NAMES = 2_000
"""Entries of a folder that are looked at for the way in which its tests are named."""


@dataclass(frozen=True, slots=True)
class PlaceForTests:
    """Where tests go."""

    path: str
    """From the folder that the document's own path counts from, with `/`."""
    exists: bool
    example: str = ""
    """Another file of tests that is named in the same way, where this one is new; empty where there is none."""


def tests_of(root: Path, path: str, language: str) -> PlaceForTests | None:
    """Return where the tests of a file are or would be, or None for a language whose conventions nobody knows here.

    `path` is the file's from the root, with `/`. What holds tests itself is its own place.
    """
    if language not in _PLACES:
        return None
    file = PurePosixPath(path)
    if _TEST_FILE.match(file.stem):
        return PlaceForTests(path, exists=True)
    places = list(dict.fromkeys(_named(place, file, file.stem) for place in _PLACES[language]))
    found = next((one for one in places if root.joinpath(one).is_file()), None)
    if found is not None:
        return PlaceForTests(found, exists=True)
    for one in places:
        like = next(_alike(root, PurePosixPath(one), file), None)
        if like is not None:
            return PlaceForTests(one, exists=False, example=like)
    own = root / file.parent
    away = (one for one in places if (folder := root.joinpath(one).parent).is_dir() and folder != own)
    return PlaceForTests(next(away, _named(_PLACES[language][-1], file, file.stem)), exists=False)


def _named(place: str, file: PurePosixPath, stem: str) -> str:
    folders = file.parent.parts
    inner = folders[1:] if folders and folders[0] in _SOURCES else folders
    # `src/shop/cart.py` and `shop/cart.py` are mirrored without the package's own folder.
    mirrored = "/".join(inner[1:]) if file.suffix == ".py" else "/".join(inner)
    main = "/".join("test" if part == "main" else part for part in folders)
    path = place.format(dir=file.parent, inner=mirrored, main=main, stem=stem, suffix=file.suffix)
    return PurePosixPath(path).as_posix()


def _alike(root: Path, place: PurePosixPath, file: PurePosixPath) -> Iterator[str]:
    """Yield the files beside a place that are named as it is."""
    before, _, after = place.name.partition(file.stem)
    folder = root / place.parent
    try:
        names = sorted(one.name for one, _ in zip(folder.iterdir(), range(_MOST_NAMES), strict=False))
    except OSError:
        return
    for name in names:
        if name.startswith(before) and name.endswith(after) and name not in (file.name, "__init__.py"):
            yield (place.parent / name).as_posix()
