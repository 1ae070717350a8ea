"""Rules of absence: what may not happen in which room. Imports inside functions count like any other."""

import ast
from collections.abc import Collection, Iterable
from pathlib import Path

from tests.house.modules import Module, is_or_is_in, modules

PURE_ROOMS = ("text", "edits", "prompt", "conversation")
"""Values in, values out."""

IMPURE = (
    "asyncio",
    "datetime",
    "httpx",
    "io",
    "logging",
    "lsprotocol",
    "os",
    "pathlib",
    "pygls",
    "random",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
)

ONLY_IN = {
    "pygls": ("server",),
    "lsprotocol": ("server",),
    "httpx": ("kimi",),
    "httpx_sse": ("kimi",),
    "truststore": ("kimi",),
    "starlette": ("sandbox",),
    "uvicorn": ("sandbox",),
}
"""A dependency, and the rooms that may import it."""

OPENING_ROOMS = ("project", "kimi")
DOCUMENT_ROOMS = ("text", "edits", "prompt", "features", "server", "sandbox")
SOCKETS = ("ftplib", "http.client", "httpx", "requests", "smtplib", "socket", "ssl", "urllib.request")
CONNECTS = {"create_connection", "create_unix_connection", "open_connection", "open_unix_connection"}
OPENS = {
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "NamedTemporaryFile",
    "TemporaryFile",
}
OPENS |= {"copyfile", "copytree", "mkdir", "mkstemp", "read_bytes", "read_text", "rmtree", "touch", "unlink"}
OPENS |= {"write_bytes", "write_text"}
OPENERS = {"bz2", "codecs", "gzip", "io", "lzma", "os", "tarfile", "zipfile"}


def pure_rooms_stay_pure(root: Path) -> list[str]:
    """The pure rooms import nothing that reaches a disk, a clock, a socket, a process or the protocol."""
    return _foreign(_rooms(root, PURE_ROOMS), IMPURE)


def only_some_rooms_import(root: Path) -> list[str]:
    """A heavy or outward-looking dependency has one owner."""
    return [
        sentence
        for package, rooms in ONLY_IN.items()
        for sentence in _foreign(_other_rooms(root, rooms), (package,))
    ]


def sockets_are_opened_by_kimi_alone(root: Path) -> list[str]:
    """Nothing else connects anywhere. The sandbox only listens, on loopback, and imports nothing of the house."""
    others = _other_rooms(root, ("kimi", "sandbox"))
    return _foreign(others, SOCKETS) + [
        _at(module, call, f"calls {_name(call.func)}")
        for module in others
        for call in module.calls
        if _name(call.func) in CONNECTS
    ]


def files_are_opened_in_their_rooms(root: Path) -> list[str]:
    """Files are read and written in `project` and in `kimi` only; others call what those rooms offer."""
    return [
        _at(module, call, f"calls {_name(call.func)}")
        for module in _other_rooms(root, OPENING_ROOMS)
        for call in module.calls
        if (_name(call.func) in OPENS and not _is_ours(module, call.func)) or _opens(call)
    ]


def only_the_command_line_prints(root: Path) -> list[str]:
    """Standard output is the wire. `server/stdio.py` may take the stream itself, and still never prints."""
    found = []
    for module in _other_rooms(root, ("cli",)):
        found += [_at(module, call, "prints") for call in module.calls if _name(call.func) == "print"]
        if module.path == "kimi_lsp/server/stdio.py":
            continue
        found += [
            _at(module, node, f"takes sys.{node.attr}")
            for node in module.attributes
            if node.attr in {"stdout", "__stdout__"} and _name(node.value) == "sys"
        ]
        found += _foreign([module], ("sys.stdout", "sys.__stdout__"))
    return found


def splitlines_is_not_used_on_documents(root: Path) -> list[str]:
    r"""`str.splitlines` breaks at \f, U+2028 and six more, where no editor has a line; `text.split` does not."""
    return [
        _at(module, node, "uses splitlines")
        for module in _rooms(root, DOCUMENT_ROOMS)
        for node in module.attributes
        if node.attr == "splitlines"
    ]


def _rooms(root: Path, rooms: Collection[str]) -> list[Module]:
    return [module for module in modules(root) if module.room in rooms]


def _other_rooms(root: Path, rooms: Collection[str]) -> list[Module]:
    return [module for module in modules(root) if module.room not in rooms]


def _foreign(where: Iterable[Module], packages: Collection[str]) -> list[str]:
    return [
        f"{module.path}:{line} imports {name}"
        for module in where
        for name, line in module.imports
        if any(is_or_is_in(name, package) for package in packages)
    ]


def _opens(call: ast.Call) -> bool:
    """Tell `open(...)`, `os.open(...)`, `path.open()` and `path.open("r")` from the `open` of an object of ours."""
    match call.func:
        case ast.Name("open"):
            return True
        case ast.Attribute(value=ast.Name(name), attr="open") if name in OPENERS:
            return True
        case ast.Attribute(attr="open"):
            return all(_is_mode(argument) for argument in call.args) and {
                keyword.arg for keyword in call.keywords
            } <= {"mode", "buffering", "encoding", "errors", "newline"}
        case _:
            return False


def _is_mode(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and set(node.value) <= set("rwxabt+")
    )


def _is_ours(module: Module, function: ast.expr) -> bool:
    """Tell whether a call goes to this package, as `files.read_text(path)` does, and not to a Path."""
    match function:
        case ast.Name(name) | ast.Attribute(value=ast.Name(name)):
            return any(
                is_or_is_in(full, "kimi_lsp") and full.rsplit(".", 1)[-1] == name
                for full, _ in module.imports
            )
        case _:
            return False


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _at(module: Module, node: ast.expr, what: str) -> str:
    return f"{module.path}:{node.lineno} {what}"
