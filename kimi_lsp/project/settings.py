"""Settings, in layers: defaults, the user's file, the environment, the editor, the workspace's file. Later wins.

A workspace comes from strangers. Its file may only make things quieter or smaller; whatever could send the key or
the code elsewhere, run something or cost more is reported and not obeyed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from kimi_lsp.project import workspace_rules
from kimi_lsp.project.around.width import Width
from kimi_lsp.project.base_url import checked_base_url
from kimi_lsp.project.own_actions import OwnAction, joined, read_actions
from kimi_lsp.project.settings_file import Found, Places, read_user_file, read_workspace_file
from kimi_lsp.project.workspace_rules import is_trusted

CARD_BASE_URL = "https://api.empiriolabs.ai"
CARD_MODEL = "kimi-k2-7-code"
"""Both from the model card."""

ENVIRONMENT = {
    "base_url": "KIMI_LSP_BASE_URL",
    "model": "KIMI_LSP_MODEL",
    "protocol": "KIMI_LSP_PROTOCOL",
    "log_file": "KIMI_LSP_LOG",
}

NOWHERE = ""
"""The base_url of settings that name none that can be used: nothing is sent."""

LIMITING = frozenset(
    {"proxy", "ca_file", "exclude", "context", "tools", "web_search", "review_on_save"}
    | {"budget_request", "budget_day", "budget_month"}
)
"""What limits, beside the address, what is sent, where or at what price: where one cannot be read, nothing is sent."""
_DEAREST = 1e6
"""US dollars; what is more is no budget, but a slip."""


class Settings(BaseModel):
    """All settings, with their defaults."""

    # Strict, so that `true` is no number and "yes" no truth; lists from TOML and JSON become tuples.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)

    base_url: str = Field(
        default=CARD_BASE_URL,
        description="The service, with or without `/v1`; https, or http to this machine",
    )
    model: str = Field(default=CARD_MODEL, min_length=1, description="The model's identifier")
    protocol: Literal["chat", "responses", "messages"] = Field(
        default="chat",
        description="The endpoint: `chat`, `responses` (both OpenAI's) or `messages` (Anthropic's)",
    )
    max_tokens: int = Field(
        default=16_384, ge=1, le=131_072, description="Most tokens of one answer, thinking included"
    )
    context_tokens: int = Field(
        default=64_000,
        ge=2_000,
        le=240_000,
        description="Most tokens of one request: your code, and what is said about it",
    )
    context: Width = Field(
        default="definitions",
        description="What is shown beside the file: nothing, `definitions` that it uses, also `callers`, also open `tabs`",
    )
    web_search: bool = Field(
        default=False, description="Let the model search the web, at the service's price for each search"
    )
    tools: bool = Field(
        default=False,
        description="Let the model read other files of the workspace, each shown in the progress",
    )
    budget_request: float | None = Field(
        default=None, ge=0, le=_DEAREST, description="Most US dollars for one request"
    )
    budget_day: float | None = Field(default=None, ge=0, le=_DEAREST, description="Most US dollars in a day")
    budget_month: float | None = Field(
        default=None, ge=0, le=_DEAREST, description="Most US dollars in a month"
    )
    requests_per_minute: int | None = Field(
        default=None,
        ge=1,
        description="Most requests in a minute; else 50 at the service, no limit elsewhere",
    )
    tokens_per_minute: int | None = Field(
        default=None,
        ge=1_000,
        description="Most tokens in a minute; else 2,000,000 at the service, no limit elsewhere",
    )
    checkers: tuple[str, ...] = Field(
        default=("ruff",),
        strict=False,
        description="Tools, by name or path, that look at a fix again: ruff, mypy, pyright, tsc, eslint, cargo, go",
    )
    code_actions: Literal["off", "invoked", "diagnosticsAndSelection"] = Field(
        default="diagnosticsAndSelection",
        description="When the menu has entries: never, when you ask for it, also on diagnostics",
    )
    preview: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="When the editor asks before an edit: on new syntax errors (`auto`), `always`, `never`",
    )
    suggestions: Literal["hints", "lenses"] = Field(
        default="hints",
        description="How a review's suggestions are shown: as hints, or with `lenses` above the lines, too",
    )
    review_on_save: bool = Field(
        default=False,
        description="Review what is not committed at each save, at a review's price each time",
    )
    exclude: tuple[str, ...] = Field(
        default=(), strict=False, description="Files that are never sent, as in a `.gitignore`"
    )
    api_key_command: tuple[str, ...] = Field(
        default=(), strict=False, description="A command, word by word, that prints the key"
    )
    proxy: str | None = Field(default=None, description="A proxy's URL; else the environment's")
    ca_file: str | None = Field(
        default=None, description="Certificates (PEM) to trust instead of the system's"
    )
    connect_timeout: float = Field(default=10, gt=0, le=900, description="Seconds for a connection")
    first_data_timeout: float = Field(default=120, gt=0, le=900, description="Seconds until the first word")
    idle_timeout: float = Field(default=90, gt=0, le=900, description="Seconds of silence within an answer")
    total_timeout: float = Field(default=900, gt=0, le=3600, description="Seconds for one answer")
    disable_formatting: bool = Field(
        default=True, description="Ask the service for the model's answer verbatim"
    )
    actions: tuple[OwnAction, ...] = Field(default=(), description="Actions of your own; see below")
    trusted_workspaces: tuple[str, ...] = Field(
        default=(), strict=False, description="Folders whose own settings may define actions, too"
    )
    log_file: str | None = Field(default=None, description="A log file; without one, warnings go to stderr")

    _unread: tuple[tuple[str, str], ...] = PrivateAttr(default=())

    @field_validator("base_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        return checked_base_url(value)

    @property
    def unread(self) -> tuple[str, ...]:
        """One sentence for each limit that was given and cannot be read: with any, nothing is sent."""
        return tuple(remark for _, remark in self._unread)

    def lacking(self, name: str, remark: str) -> "Settings":
        """Return the same without knowing a limit, or what a whole file may limit; the remark says why."""
        return self._with((*self._unread, (name, remark)))

    def knowing(self, name: str) -> "Settings":
        """Return the same where a limit is known after all."""
        return self._with(tuple(one for one in self._unread if one[0] != name))

    def _with(self, unread: tuple[tuple[str, str], ...]) -> "Settings":
        changed = self.model_copy()
        changed._unread = unread  # noqa: SLF001 - of this very class
        return changed


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
    trusted: bool = False,
) -> Loaded:
    """Read all layers. Never raises: a value that is wrong is reported and the layer below stays in force.

    But for the address: one that is not usable leads to NOWHERE, until a later layer names one that is. And for what
    limits something: it is `unread`, until a later layer of the user's has one that can be read. So is a whole file.

    `trusted` says that the editor's user trusts the workspace; the setting `trusted_workspaces` says so as well.
    """
    environ = environ or {}
    settings, remarks = Settings(), list[str]()
    user = user_file or user_config_path("kimi-lsp") / "config.toml"
    found = read_user_file(user)
    settings = _told(settings, found, user.name, remarks)
    settings = _layer(settings, found.settings, user.name, remarks, places=Places(user))
    from_environment = {
        name: environ[variable] for name, variable in ENVIRONMENT.items() if environ.get(variable)
    }
    settings = _layer(settings, from_environment, "the environment", remarks, ENVIRONMENT)
    settings = _layer(settings, _of_editor(editor or {}), "the editor's settings", remarks)
    for file, table in _workspace_files(root):
        found = read_workspace_file(file, table)
        settings = _told(settings, found, file.name, remarks)
        kept = _harmless(settings, found.settings, file.name, remarks)
        if "actions" in found.settings and root is not None:
            if trusted or is_trusted(root, settings.trusted_workspaces):
                kept["actions"] = found.settings["actions"]
            else:
                remarks.append(
                    f"{file.name}: actions are only taken from a workspace that you trust, so they were not obeyed; "
                    "trusted_workspaces in your own settings lists those."
                )
        settings = _layer(settings, kept, file.name, remarks, places=Places(file, table), mends=False)
    return Loaded(settings, tuple(remarks))


def describe() -> list[Row]:
    """Return the rows of the settings table."""
    return [
        Row(
            name,
            _shown(field.default),
            ENVIRONMENT.get(name, ""),
            workspace_rules.SAYS.get(name, "no"),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


_NAME_LENGTH = 40
"""Characters of a name that a remark repeats."""


def _layer(
    below: Settings,
    given: Mapping[str, object],
    source: str,
    remarks: list[str],
    shown: Mapping[str, str] | None = None,
    places: Places | None = None,
    *,
    mends: bool = True,
) -> Settings:
    settings = below
    for name, value in given.items():
        if name == "actions":
            actions, said = read_actions(value, source, places or _numbered)
            settings = settings.model_copy(update={"actions": joined(settings.actions, actions)})
            remarks += said
            continue
        if name not in Settings.model_fields:
            continue
        try:
            usable = getattr(Settings.model_validate({name: value}), name)
            settings = settings.model_copy(update={name: usable})
            if mends:
                settings = settings.knowing(name)
        except ValidationError as error:
            remark = f"{source}: {(shown or {}).get(name, name)} is not usable: {_reason(error)}."
            remarks.append(remark)
            if name == "base_url":
                # Whoever named another host does not want his code at the one below.
                settings = settings.model_copy(update={name: NOWHERE})
            if name in LIMITING:
                settings = settings.lacking(name, remark)
    unknown = [name for name in given if name not in Settings.model_fields]
    if unknown:
        remarks.append(f"{source}: {_no_setting(unknown)}.")
    return settings


def _told(settings: Settings, found: Found, source: str, remarks: list[str]) -> Settings:
    if found.remark is None:
        return settings
    remarks.append(found.remark)
    return settings.lacking(source, found.remark) if found.unread else settings


def _numbered(number: int, _name: str) -> str:
    return f"actions[{number}]"


def _reason(error: ValidationError) -> str:
    # Without the input: a remark goes to logs and onto screens, and the value may hold a password.
    told = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
    told = told.removeprefix("Value error, ")
    return told[:1].lower() + told[1:]


def _no_setting(names: Sequence[str]) -> str:
    shown = [repr(name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH]}…") for name in names[:3]]
    if len(names) == 1:
        return f"there is no setting {shown[0]}"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"there are no settings {', '.join(shown)}{more}"


def _harmless(
    settings: Settings, given: Mapping[str, object], source: str, remarks: list[str]
) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, value in given.items():
        if name not in Settings.model_fields:
            kept[name] = value
        elif name == "actions":
            continue
        elif name not in workspace_rules.MAY_SET:
            remarks.append(f"{source}: a workspace may not set {name}; it was not obeyed.")
        else:
            try:
                wanted = getattr(Settings.model_validate({name: value}), name)
            except ValidationError:
                kept[name] = value  # reported by the layer itself
                continue
            if name == "exclude":
                kept[name], all_of_it = workspace_rules.more_excluded(settings.exclude, wanted)
                if not all_of_it:
                    remarks.append(
                        f"{source}: a workspace may set exclude only more; what begins with ! was not obeyed."
                    )
            elif workspace_rules.MAY_SET[name](getattr(settings, name), wanted):
                kept[name] = wanted
            else:
                remarks.append(
                    f"{source}: a workspace may set {name} only {workspace_rules.SAYS[name]}; it was not obeyed."
                )
    return kept


def _workspace_files(root: Path | None) -> list[tuple[Path, tuple[str, ...]]]:
    if root is None:
        return []
    return [(root / "pyproject.toml", ("tool", "kimi-lsp")), (root / ".kimi-lsp.toml", ())]


_NOT_SETTINGS = frozenset(
    {"ui", "progress", "commands", "client_commands", "trace", "server", "workspace_trusted"}
)
"""What editors send along that is not a setting: abilities of the client, and their own matters."""


def _of_editor(editor: Mapping[str, object]) -> dict[str, object]:
    return {
        known if (known := _snake(name)) in Settings.model_fields else name: value
        for name, value in editor.items()
        if value is not None and _snake(name) not in _NOT_SETTINGS
    }


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _shown(value: object) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else f"{value}"
