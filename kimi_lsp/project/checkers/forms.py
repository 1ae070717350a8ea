"""The documented forms of what the tools print in JSON, as far as they are read. Anything more is let pass."""

from pydantic import BaseModel, Field, TypeAdapter


class RuffPlace(BaseModel):
    """Both count from 1."""

    row: int
    column: int


class Ruff(BaseModel):
    """A finding of ruff."""

    code: str | None
    message: str
    location: RuffPlace
    filename: str
    severity: str = ""

    @property
    def blocking(self) -> bool:
        """Whether the text does not parse there; older versions gave such a finding no code."""
        return self.code in {None, "invalid-syntax", "E999"}


class Mypy(BaseModel):
    """A line of mypy's; columns count from 0."""

    file: str
    line: int
    column: int
    message: str
    code: str | None
    severity: str


class PyrightPlace(BaseModel):
    """Both count from 0."""

    line: int
    character: int


class PyrightRange(BaseModel):
    """Where a finding begins."""

    start: PyrightPlace


class PyrightRow(BaseModel):
    """A finding of pyright."""

    file: str
    severity: str
    message: str
    range: PyrightRange = PyrightRange(start=PyrightPlace(line=0, character=0))
    rule: str = ""


class Pyright(BaseModel):
    """All that pyright prints."""

    found: list[PyrightRow] = Field(alias="generalDiagnostics")


class EslintRow(BaseModel):
    """A finding of ESLint; one about the file has no place."""

    rule: str | None = Field(alias="ruleId")
    fatal: bool = False
    severity: int
    message: str
    line: int = 1
    column: int = 1


class Eslint(BaseModel):
    """A file of ESLint's."""

    path: str = Field(alias="filePath")
    messages: list[EslintRow]


class CargoCode(BaseModel):
    """A code of the compiler, or the name of a lint."""

    code: str


class CargoSpan(BaseModel):
    """A place that a message of the compiler is about; both count from 1."""

    file_name: str
    line_start: int
    column_start: int
    is_primary: bool


class CargoMessage(BaseModel):
    """A message of the compiler."""

    message: str
    level: str
    code: CargoCode | None
    spans: list[CargoSpan]


class Cargo(BaseModel):
    """A line of cargo's; only some are messages of the compiler."""

    manifest_path: str = ""
    message: CargoMessage | None = None


class GoRow(BaseModel):
    """A finding of one of Go's analyzers; the place is `file:line:column`."""

    posn: str
    message: str


class GoFailure(BaseModel):
    """An analyzer that could not look at a package, mostly since the package does not compile."""

    error: str


RUFF = TypeAdapter(list[Ruff])
ESLINT = TypeAdapter(list[Eslint])
GO_VET = TypeAdapter(dict[str, dict[str, list[GoRow] | GoFailure]])
