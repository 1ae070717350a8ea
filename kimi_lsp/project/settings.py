"""Settings, in layers: defaults, the user's file, the environment, the editor, the workspace's file. Later wins.

A workspace comes from strangers. Its file may only make things quieter or smaller; whatever could send the key or
the code elsewhere, run something or cost more is reported and not obeyed.
"""

import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

CARD_BASE_URL = "https://api.empiriolabs.ai"
CARD_MODEL = "kimi-k2-7-code"
"""Both from the model card."""

ENVIRONMENT = {
    "base_url": "KIMI_LSP_BASE_URL",
    "model": "KIMI_LSP_MODEL",
    "protocol": "KIMI_LSP_PROTOCOL",
    "log_file": "KIMI_LSP_LOG",
}
_LARGEST = 256 * 1024
"""Bytes of a settings file."""


class Settings(BaseModel):
    """All settings, with their defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    base_url: str = Field(
        CARD_BASE_URL, description="The service, with or without `/v1`; https, or http to this machine"
    )
    model: str = Field(CARD_MODEL, min_length=1, description="The model's identifier")
    protocol: Literal["chat"] = Field(
        "chat", description="The endpoint's family; `chat` is what there is so far"
    )
    max_tokens: int = Field(
        16_384, ge=1, le=131_072, description="Most tokens of one answer, thinking included"
    )
    context_tokens: int = Field(
        64_000, ge=500, le=240_000, description="Most tokens of your code in one request"
    )
    code_actions: Literal["off", "invoked", "diagnosticsAndSelection"] = Field(
        "diagnosticsAndSelection",
        description="When the menu has entries: never, when you ask for it, also on diagnostics",
    )
    preview: Literal["auto", "always", "never"] = Field(
        "auto",
        description="When the editor asks before an edit: on new syntax errors (`auto`), `always`, `never`",
    )
    exclude: tuple[str, ...] = Field((), description="Files that are never sent, as in a `.gitignore`")
    api_key_command: tuple[str, ...] = Field((), description="A command, word by word, that prints the key")
    proxy: str | None = Field(None, description="A proxy's URL; else the environment's")
    ca_file: str | None = Field(None, description="Certificates (PEM) to trust instead of the system's")
    connect_timeout: float = Field(10, gt=0, le=900, description="Seconds for a connection")
    first_data_timeout: float = Field(120, gt=0, le=900, description="Seconds until the first word")
    idle_timeout: float = Field(90, gt=0, le=900, description="Seconds of silence within an answer")
    total_timeout: float = Field(900, gt=0, le=3600, description="Seconds for one answer")
    disable_formatting: bool = Field(True, description="Ask the service for the model's answer verbatim")
    log_file: str | None = Field(
        None, description="A log file; without one, warnings go to stderr (read from `KIMI_LSP_LOG`)"
    )

    @field_validator("base_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
        ):
            raise ValueError("it must be a plain URL such as https://api.example.com")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ValueError(
                "http would show the key to everybody on the way; only https, or http to this machine, is used"
            )
        return value.rstrip("/")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and what is to be said about how they came about."""

    settings: Settings
    remarks: tuple[str, ...] = ()
    """One sentence each, for the user."""


@dataclass(frozen=True, slots=True)
class Row:
    """One setting, for people."""

    name: str
    default: str
    environment: str
    workspace: str
    meaning: str


def load(
    *,
    editor: Mapping[str, object] | None = None,
    root: Path | None = None,
    environ: Mapping[str, str] | None = None,
    user_file: Path | None = None,
) -> Loaded:
    """Read all layers. Never raises: a value that is wrong is reported and the layer below stays in force."""
    environ = environ or {}
    settings, remarks = Settings(), list[str]()
    user = user_file or user_config_path("kimi-lsp") / "config.toml"
    given, said = _file(user, ())
    remarks += said
    settings = _layer(settings, given, user.name, remarks)
    from_environment = {
        name: environ[variable] for name, variable in ENVIRONMENT.items() if environ.get(variable)
    }
    settings = _layer(settings, from_environment, "the environment", remarks, ENVIRONMENT)
    settings = _layer(settings, _of_editor(editor or {}), "the editor's settings", remarks)
    for file, table in _workspace_files(root):
        given, said = _file(file, table)
        remarks += said
        settings = _layer(settings, _harmless(settings, given, file.name, remarks), file.name, remarks)
    return Loaded(settings, tuple(remarks))


def describe() -> list[Row]:
    """Return the rows of the settings table."""
    return [
        Row(
            name,
            _shown(field.default),
            ENVIRONMENT.get(name, ""),
            _WORKSPACE_SAYS.get(name, "no"),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


_WORKSPACE: Mapping[str, Callable[[Any, Any], bool]] = {
    "max_tokens": lambda old, new: new <= old,
    "context_tokens": lambda old, new: new <= old,
    "code_actions": lambda old, new: _LOUDNESS.index(new) <= _LOUDNESS.index(old),
    "preview": lambda old, new: new == "always" or new == old,
    "exclude": lambda old, new: True,
}
_WORKSPACE_SAYS = {
    "max_tokens": "lower",
    "context_tokens": "lower",
    "code_actions": "quieter",
    "preview": "`always`",
    "exclude": "more",
}
_LOUDNESS = ("off", "invoked", "diagnosticsAndSelection")


def _layer(
    below: Settings,
    given: Mapping[str, object],
    source: str,
    remarks: list[str],
    names: Mapping[str, str] | None = None,
) -> Settings:
    settings = below
    for name, value in given.items():
        known = (names or {}).get(name, name)
        if name not in Settings.model_fields:
            remarks.append(f"{source}: there is no setting {name!r}.")
            continue
        try:
            settings = Settings.model_validate({**settings.model_dump(), name: value})
        except ValidationError as error:
            told = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
            remarks.append(f"{source}: {known} is not usable: {told.removeprefix('Value error, ')}.")
    return settings


def _harmless(
    settings: Settings, given: Mapping[str, object], source: str, remarks: list[str]
) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, value in given.items():
        allowed = _WORKSPACE.get(name)
        if allowed is None and name in Settings.model_fields:
            remarks.append(f"{source}: a workspace may not set {name}; it was not obeyed.")
            continue
        if allowed is not None:
            try:
                wanted = getattr(Settings.model_validate({name: value}), name)
            except ValidationError:
                kept[name] = value  # reported by the layer itself
                continue
            if not allowed(getattr(settings, name), wanted):
                remarks.append(
                    f"{source}: a workspace may set {name} only {_WORKSPACE_SAYS[name]}; it was not obeyed."
                )
                continue
            value = (*settings.exclude, *wanted) if name == "exclude" else wanted
        kept[name] = value
    return kept


def _workspace_files(root: Path | None) -> list[tuple[Path, tuple[str, ...]]]:
    if root is None:
        return []
    return [(root / "pyproject.toml", ("tool", "kimi-lsp")), (root / ".kimi-lsp.toml", ())]


def _file(file: Path, table: tuple[str, ...]) -> tuple[Mapping[str, object], list[str]]:
    try:
        if file.is_symlink() and table == () and file.name.startswith("."):
            return {}, [f"{file.name} is a link; it was not read."]
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            return {}, [] if table else [
                f"{file.name} is larger than {_LARGEST // 1024} KiB; it was not read."
            ]
        found: Any = tomllib.loads(data.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}, []
    except OSError as error:
        return {}, [f"{file.name} cannot be read: {(error.strerror or 'no reason given').lower()}."]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return {}, [f"{file.name} is not TOML: {error}."]
    for name in table:
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return (found if isinstance(found, dict) else {}), []


_NOT_SETTINGS = frozenset({"ui", "progress", "commands", "client_commands", "trace", "server"})
"""What editors send along that is not a setting: abilities of the client, and their own matters."""


def _of_editor(editor: Mapping[str, object]) -> dict[str, object]:
    named = {_snake(name): value for name, value in editor.items() if value is not None}
    return {name: value for name, value in named.items() if name not in _NOT_SETTINGS}


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _shown(value: object) -> str:
    if value is None or value == ():
        return ""
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
