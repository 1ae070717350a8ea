"""What can go wrong in the sandbox, and what it rejects. No wire shapes here: the endpoints spell a rejection.

SandboxError
├── PortTaken       the port asked for is not free
├── UnknownFault    no fault has that name
└── Rejected        a request that is answered with an error status
"""


class SandboxError(Exception):
    """Root of the sandbox's errors; `str(error)` is the sentence that is read."""


class PortTaken(SandboxError):
    """The port asked for cannot be listened on."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1 cannot be used; take another one, or 0 for any free port."
        )


class UnknownFault(SandboxError):
    """A fault was asked for that does not exist or is not written as NAME, NAME:SECONDS or NAME*COUNT."""

    def __init__(self, spelling: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no fault {spelling!r}; known are {', '.join(known)}.")


class Rejected(SandboxError):
    """A request that gets an error status instead of an answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.retry_after = retry_after
        """Seconds for the Retry-After header, or None for no such header."""


def no_model(name: str) -> Rejected:
    """Return the error for a model that does not exist."""
    message = f"Not found the model {name} or Permission denied"
    return Rejected(404, message, kind="resource_not_found_error", code="model_not_found", param="model")
