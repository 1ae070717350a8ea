"""Pictures and films: which are read, which are refused before they are opened, and the sentence that says why."""

import os
import sys
from pathlib import Path

import pytest

from kimi_lsp.conversation import Image, Media, Video
from kimi_lsp.conversation.media import readable
from kimi_lsp.project import media
from kimi_lsp.project.file_problem import (
    FileProblem,
    MediaTooLarge,
    Misnamed,
    Missing,
    NotAFile,
    NotMedia,
    OutsideRoots,
    TooMuchMedia,
    Withheld,
)
from kimi_lsp.project.media import find_media, read_media
from tests.support import pictures

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")


def put(path: Path, data: bytes = pictures.PNG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(path: Path, root: Path, *exclude: str) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        read_media([path], [root], exclude)
    assert str(caught.value).endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.png", pictures.PNG, "image/png"),
        ("A.PNG", pictures.PNG, "image/png"),
        ("a.jpg", pictures.JPEG, "image/jpeg"),
        ("a.jpeg", pictures.JPEG, "image/jpeg"),
        ("a.gif", pictures.GIF, "image/gif"),
        ("a.webp", pictures.WEBP, "image/webp"),
        ("a.mp4", pictures.MP4, "video/mp4"),
        ("a.m4v", pictures.MP4, "video/mp4"),
        ("a.mov", pictures.MOV, "video/quicktime"),
        ("a.mov", pictures.OLD_MOV, "video/quicktime"),
        ("a.mp4", pictures.MOV, "video/quicktime"),
        ("a.webm", pictures.WEBM, "video/webm"),
        ("a.mpg", pictures.MPEG, "video/mpeg"),
    ],
)
def test_the_formats_are_known_by_their_bytes(
    name: str, data: bytes, media_type: str, tmp_path: Path
) -> None:
    path = put(tmp_path / "shots" / name, data)
    (found,) = read_media([path], [tmp_path])
    kind = Image if media_type.startswith("image/") else Video
    assert found == Media(f"shots/{name}", kind(media_type, data))
    assert found.kind == media_type.partition("/")[0]
    assert found.size == len(data)
    assert found.sentence() == f"shots/{name} (1 KiB)"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", pictures.JPEG, "a.png has the name of a PNG picture, but its content is a JPEG picture"),
        ("a.jpg", pictures.MP4, "but its content is an MP4 film"),
        ("a.mp4", pictures.AVIF, "but its content is not"),
        ("a.webm", pictures.MATROSKA, "but its content is not"),
        ("a.webp", pictures.AVI, "but its content is not"),
        ("a.gif", b"", "but its content is not"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "but its content is not"),
        ("a.png", b"API_KEY=hunter2", "but its content is not"),
    ],
)
def test_a_name_that_lies_is_refused(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    problem = refused(put(tmp_path / name, data), tmp_path)
    assert isinstance(problem, Misnamed)
    assert said in str(problem)


@pytest.mark.parametrize("name", ["a.bmp", "a.txt", "a", "a.png.py", ".png"])
def test_other_formats_are_refused_with_those_that_are_taken(name: str, tmp_path: Path) -> None:
    problem = refused(put(tmp_path / name), tmp_path)
    assert isinstance(problem, NotMedia)
    assert "PNG, JPEG, WebP and GIF pictures" in str(problem)


def test_a_drawing_is_to_be_exported(tmp_path: Path) -> None:
    problem = refused(put(tmp_path / "form.svg", b"<svg/>"), tmp_path)
    assert isinstance(problem, NotMedia)
    assert "export this one as a PNG" in str(problem)


def test_ignored_pictures_are_withheld(tmp_path: Path) -> None:
    (tmp_path / ".kimiignore").write_text("private/\n", "utf-8")
    put(tmp_path / "private" / "a.png")
    problem = refused(tmp_path / "private" / "a.png", tmp_path)
    assert isinstance(problem, Withheld)
    assert str(problem) == "private/a.png is excluded by .kimiignore."
    assert isinstance(refused(put(tmp_path / "b.png"), tmp_path, "b.*"), Withheld)


def test_outside_of_the_roots_nothing_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root / "a.png")
    outside = put(tmp_path / "a.png")
    assert isinstance(refused(outside, root), OutsideRoots)
    assert isinstance(refused(root / ".." / "a.png", root), OutsideRoots)
    assert read_media([root / ".." / "root" / "a.png"], [root])[0].path == "a.png"


@posix
def test_links_are_followed_within_the_roots_only(tmp_path: Path) -> None:
    root = tmp_path / "root"
    real = put(root / "d" / "real.png")
    outside = put(tmp_path / "out.png")
    (root / "in.png").symlink_to(real)
    (root / "out.png").symlink_to(outside)
    (root / "loop.png").symlink_to(root / "loop.png")
    (root / "gone.png").symlink_to(root / "nothing.png")
    (root / "folder").symlink_to(tmp_path)
    assert read_media([root / "in.png"], [root])[0].path == "in.png"
    assert isinstance(refused(root / "out.png", root), OutsideRoots)
    assert isinstance(refused(root / "folder" / "out.png", root), OutsideRoots)
    assert isinstance(refused(root / "loop.png", root), Missing)
    assert isinstance(refused(root / "gone.png", root), Missing)
    (root / ".kimiignore").write_text("d/\n", "utf-8")
    assert isinstance(refused(root / "in.png", root), Withheld)


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    assert isinstance(refused(tmp_path / "folder.png", tmp_path), NotAFile)
    assert isinstance(refused(tmp_path / "none.png", tmp_path), Missing)
    assert isinstance(refused(tmp_path / "a\0.png", tmp_path), Missing)


@posix
def test_a_pipe_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    opened: list[object] = []
    really = os.open

    def noted(path: Path, flags: int) -> int:
        opened.append(path)
        return really(path, flags)

    monkeypatch.setattr(os, "open", noted)
    assert isinstance(refused(tmp_path / "pipe.png", tmp_path), NotAFile)
    assert tmp_path / "pipe.png" not in opened
    read_media([put(tmp_path / "a.png")], [tmp_path])
    assert tmp_path.resolve() / "a.png" in opened


def sized(path: Path, size: int, head: bytes) -> Path:
    put(path, head)
    with path.open("r+b") as file:
        file.truncate(size)
    return path


def test_one_file_has_a_limit_that_depends_on_its_kind(tmp_path: Path) -> None:
    most = media.MOST_IMAGE_BYTES
    fits = sized(tmp_path / "fits.png", most, pictures.PNG)
    assert read_media([fits], [tmp_path])[0].size == most
    problem = refused(sized(tmp_path / "big.png", most + 1, pictures.PNG), tmp_path)
    assert isinstance(problem, MediaTooLarge)
    assert str(problem) == ("big.png has 10.0 MiB, and at most 10.0 MiB are sent of one; export it smaller.")
    assert read_media([sized(tmp_path / "a.mp4", most + 1, pictures.MP4)], [tmp_path])
    big = sized(tmp_path / "big.mp4", media.MOST_VIDEO_BYTES + 1, pictures.MP4)
    assert isinstance(refused(big, tmp_path), MediaTooLarge)


def test_all_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_BYTES_TOGETHER", 2 * len(pictures.PNG))
    paths = [put(tmp_path / f"{number}.png") for number in range(3)]
    assert len(read_media(paths[:2], [tmp_path])) == 2
    with pytest.raises(TooMuchMedia, match="name fewer"):
        read_media(paths, [tmp_path])
    # Named twice, it is sent once.
    assert len(read_media([paths[0], paths[1], paths[0]], [tmp_path])) == 2


def test_a_request_holds_eight(tmp_path: Path) -> None:
    paths = [put(tmp_path / f"{number}.png") for number in range(9)]
    assert [one.path for one in read_media(paths[:8], [tmp_path])] == [f"{n}.png" for n in range(8)]
    with pytest.raises(TooMuchMedia, match="at most 8 pictures and films"):
        read_media(paths, [tmp_path])


def test_a_body_with_all_of_them_is_below_a_hundred_megabytes() -> None:
    assert media.MOST_BYTES_TOGETHER * 4 / 3 < 100_000_000


def test_a_written_path_is_looked_for_in_each_folder(tmp_path: Path) -> None:
    near, far = put(tmp_path / "src" / "a.png"), put(tmp_path / "shots" / "b.png")
    folders = [tmp_path / "src", tmp_path]
    assert find_media("a.png", folders) == near
    assert find_media("shots/b.png", folders) == far
    assert find_media("/shots/b.png", folders) == far
    assert find_media("shots\\b.png", folders) == far
    assert find_media(str(far), folders) == far
    assert find_media("c.png", folders) is None
    assert find_media("c\0.png", folders) is None


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 KiB"), (1, "1 KiB"), (1025, "2 KiB"), (1024**2, "1.0 MiB"), (13_000_000, "12.4 MiB")],
)
def test_sizes_are_readable(size: int, said: str) -> None:
    assert readable(size) == said
