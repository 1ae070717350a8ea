"""Every way in which Kimi does not answer. `str(error)` is the one sentence that the user reads.

    KimiError                       (a conversation.ModelError)
    ├── NoKey                       no API key was found: nothing was sent
    │   ├── KeyCommandFailed        the command that should print the key did not
    │   └── UnusableKey             the key holds characters that no HTTP header can carry
    ├── BadSetting                  a setting that the connection cannot be built from: nothing was sent
    │   └── LimitUnread             one that limits what is sent, where to or at what price cannot be read
    ├── OverBudget                  it could cost more than a budget has left: nothing was sent
    │   └── BudgetUnchecked         a budget is set, and what was spent cannot be read: nothing was sent
    ├── BeyondContext               prompt and max_tokens are more than the model's context: nothing was sent
    ├── StateUnusable               our own files, with what was spent, cannot be read or written
    ├── BadRequest                  a request that no service would take: nothing was sent
    ├── Unreachable                 no connection: refused, no such host, dropped before an answer   (retried)
    │   ├── UntrustedCertificate    TLS could not verify who answers
    │   │   ├── ExpiredCertificate  its certificate is too old, or this machine's clock is wrong
    │   │   └── ForeignCertificate  its certificate is another host's
    │   └── ProxyFailed             the proxy did not let us through
    │       ├── ProxyWantsLogin     407
    │       └── ProxyUnreachable    no connection to the proxy itself
    ├── Redirected                  3xx; a redirect could carry the key elsewhere, so none is followed
    ├── KeyRejected                 401, 403
    ├── NoCredit                    402
    ├── ModelNotFound               404
    ├── RequestTooLarge             413: more bytes than the service takes
    │   └── ContextOverflow         400 or 413: more tokens than the model takes
    ├── RequestRejected             400, 422 and other 4xx
    ├── ContentRefused              the service's content filter said no, before or within the answer
    ├── RateLimited                 429   (retried)
    ├── QuotaUsed                   429 that no waiting mends
    ├── Overloaded                  503, 529, or 429 from an overloaded engine   (retried)
    ├── ServiceFault                500 and other 5xx, and an error in mid-stream   (retried before the first byte)
    ├── TimedOut
    │   ├── ConnectTimedOut         no connection within connect_timeout   (retried)
    │   ├── NoFirstData             nothing within first_data_timeout
    │   ├── WentSilent              no data for idle_timeout
    │   └── TookTooLong             total_timeout passed
    ├── StreamCut                   the connection ended before the answer did
    ├── GarbledStream               what came is not the protocol
    └── OutOfTokens                 all of max_tokens went into thinking

No error holds the key, nor an exception of httpx: those keep the request and its headers.
What the server said is shortened, on one line, and without the key (`Key.hide`) before it gets here.
"""

from typing import ClassVar

from kimi_lsp.conversation import ModelError, Usage


class KimiError(ModelError):
    """Kimi did not answer."""

    sentence: ClassVar[str] = "{host} did not answer."
    """What the user reads; `{host}` and, where the class says so, `{what}` are filled in."""
    again: ClassVar[str] = ""
    """What the progress says before asking again; empty where asking again cannot help."""

    def __init__(
        self,
        host: str = "",
        *,
        what: str = "",
        said: str = "",
        retry_after: float | None = None,
        should_retry: bool | None = None,
    ) -> None:
        sentence = self.sentence.format(host=host, what=what)
        if said:
            sentence = f"{sentence.removesuffix('.')} (it said: “{_short(said)}”)."
        super().__init__(sentence)
        self.what = what
        """What the sentence is filled in with."""
        self.said = said
        """The server's own words, or nothing."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait, or None."""
        self.should_retry = should_retry
        """Whether the server says that asking again may help; None where it does not say."""
        self.note = self.again.format(host=host)
        """`again`, filled in."""
        self.usage: Usage | None = None
        """What the failed answer used, where some of it was generated; None where nothing was."""


class NoKey(KimiError):
    """No API key was found."""

    sentence = (
        "No API key for Kimi was found: set the environment variable EMPIRIOLABS_API_KEY to your key "
        "(KIMI_LSP_API_KEY works too), set api_key_command in your user settings to a command that prints it, "
        "or store it in the system keyring with “keyring set kimi-lsp api-key”; then start your editor or this command again."
    )


class KeyCommandFailed(NoKey):
    """The key command gave no key; `what` is the program and what went wrong, never its output."""

    sentence = "The api_key_command {what}: run it in a terminal to see why; it must print the API key and nothing else."


class UnusableKey(NoKey):
    """The key cannot be sent; `what` is where it was found."""

    sentence = (
        "The API key from {what} holds a space, a line break or a character outside ASCII, "
        "so it cannot be sent: copy the key again, without anything around it."
    )


class BadSetting(KimiError):
    """A setting is not usable; `what` is its name and the reason."""

    sentence = "The setting {what}."


class LimitUnread(BadSetting):
    """A setting that limits something was given and cannot be read; `what` is where it stands and the reason."""

    sentence = "Nothing was sent, because a limit in the settings cannot be read and has to be mended first ({what})."


class OverBudget(KimiError):
    """A budget has too little left; `what` is what the request may cost, the budget's name, and what was spent."""

    sentence = "Nothing was sent, because {what}: select less, lower max_tokens, or raise the budget in your settings."


class BudgetUnchecked(OverBudget):
    """A budget of a day or a month cannot be held against what was spent; `what` is the folder and the reason."""

    sentence = (
        "Nothing was sent, because a budget is set and what was spent so far cannot be read ({what}): "
        "make that folder writable, or name another one with KIMI_LSP_STATE."
    )


class BeyondContext(KimiError):
    """Prompt and answer cannot both fit into what the model reads; `what` is the three figures, in tokens."""

    sentence = "Nothing was sent, because {what}: select less code, or lower context_tokens or max_tokens in the settings."


class StateUnusable(KimiError):
    """The state folder is of no use; `what` is the folder and the reason."""

    sentence = (
        "What is spent cannot be read or kept ({what}): make that folder writable, "
        "or name another one with KIMI_LSP_STATE."
    )


class BadRequest(KimiError):
    """A request cannot be right; `what` is the reason."""

    sentence = "Nothing was sent to {host}, because the request cannot be right: {what}."


class Unreachable(KimiError):
    """No connection, or one that ended before any answer; `what` is the reason."""

    sentence = "{host} cannot be reached ({what}): check your network connection and the base_url setting."
    again = "{host} cannot be reached yet"


class UntrustedCertificate(Unreachable):
    """TLS could not verify the server."""

    sentence = (
        "{host} shows a certificate that this machine does not trust ({what}): behind a company proxy, "
        "set ca_file in your user settings to the company's certificate."
    )
    again = ""


class ExpiredCertificate(UntrustedCertificate):
    """The server's certificate is not valid at this time; `what` is the reason."""

    sentence = (
        "{host} shows a certificate that is not valid now ({what}): check the clock of this machine; "
        "where it is right, whoever runs {host} must renew the certificate."
    )


class ForeignCertificate(UntrustedCertificate):
    """The server's certificate is for other hosts; `what` is the reason."""

    sentence = (
        "{host} shows a certificate that is not its own ({what}): check the base_url setting for a slip, "
        "and whether this network wants a login before it lets you out."
    )


class ProxyFailed(Unreachable):
    """The proxy did not let the request through; `what` is the reason."""

    sentence = (
        "The proxy did not connect to {host} ({what}): ask whoever runs it to let this host through, "
        "or check the proxy setting or HTTPS_PROXY."
    )
    again = ""


class ProxyWantsLogin(ProxyFailed):
    """The proxy answered 407; `what` is its answer."""

    sentence = (
        "The proxy did not connect to {host} ({what}): it wants a user name and a password, "
        "which the proxy setting or HTTPS_PROXY can hold, as in http://name:password@proxy.example:3128."
    )


class ProxyUnreachable(ProxyFailed):
    """The proxy itself cannot be reached; `what` is its address and the reason."""

    sentence = (
        "The proxy on the way to {host} cannot be reached ({what}): check the proxy setting or HTTPS_PROXY, "
        "and whether you are in the network that the proxy belongs to."
    )
    again = "the proxy cannot be reached yet"


class Redirected(KimiError):
    """The server points elsewhere; `what` is the host it names."""

    sentence = (
        "{host} redirects to {what}, and redirects are not followed because they could carry the API key away: "
        "set base_url to the right address."
    )


class KeyRejected(KimiError):
    """401 or 403."""

    sentence = "{host} did not accept the API key: check EMPIRIOLABS_API_KEY, or make a new key."


class NoCredit(KimiError):
    """402."""

    sentence = "The account at {host} has no credit left: add credit there and try again."


class ModelNotFound(KimiError):
    """404; `what` is the model asked for."""

    sentence = (
        "{host} does not offer the model {what} at this address: check the model and base_url settings."
    )


class RequestTooLarge(KimiError):
    """413."""

    sentence = "The request is larger than {host} takes: select less code and try again."


class ContextOverflow(RequestTooLarge):
    """More tokens than the model's context."""

    sentence = (
        "The request has more tokens than the model at {host} can read: select less code, "
        "or lower context_tokens or max_tokens in the settings."
    )


class RequestRejected(KimiError):
    """400, 422 and other 4xx."""

    sentence = "{host} rejected the request as invalid, and asking again will not help."


class ContentRefused(KimiError):
    """The service's content filter."""

    sentence = "The content filter of {host} refused this request or its answer: ask about other code, or in other words."


class RateLimited(KimiError):
    """429."""

    sentence = "The account at {host} made more requests or used more tokens than a minute allows: wait a minute and try again."
    again = "{host} asks to slow down"


class QuotaUsed(KimiError):
    """429 that stands for a spent quota."""

    sentence = "The quota of the account at {host} is used up, and waiting will not help: check its plan and billing."


class Overloaded(KimiError):
    """503, 529 or an overloaded engine."""

    sentence = "The model at {host} is overloaded or offline right now: try again in a few minutes."
    again = "{host} is overloaded"


class ServiceFault(KimiError):
    """5xx, or an error in mid-stream."""

    sentence = (
        "{host} failed on its side{what}: try again, and if it stays so, look at the service's status page."
    )
    again = "{host} failed on its side"


class TimedOut(KimiError):
    """One of the four timers ran out; `what` is its length in seconds."""

    sentence = "{host} took longer than {what} s."


class ConnectTimedOut(TimedOut):
    """No connection in time."""

    sentence = (
        "No connection to {host} within {what} s (connect_timeout): check your network and the proxy setting."
    )
    again = "{host} did not connect in time"


class NoFirstData(TimedOut):
    """The request was sent and nothing came."""

    sentence = (
        "{host} took the request but sent nothing within {what} s (first_data_timeout): try again later."
    )


class WentSilent(TimedOut):
    """The answer began and then stood still; comments that only keep the connection open do not count."""

    sentence = (
        "{host} stopped in the middle of its answer and sent nothing for {what} s (idle_timeout): try again."
    )


class TookTooLong(TimedOut):
    """The whole answer took too long."""

    sentence = (
        "The answer of {host} was not complete after {what} s (total_timeout): ask for something smaller."
    )


class StreamCut(KimiError):
    """The connection ended before the answer was complete."""

    sentence = "The connection to {host} ended before the answer was complete: try again."


class GarbledStream(KimiError):
    """What came is not the protocol; `what` says what came instead."""

    sentence = (
        "{host} answered with something that is not a Kimi answer ({what}): check the base_url setting."
    )


class OutOfTokens(KimiError):
    """Nothing but thinking; `what` is the limit in tokens."""

    sentence = (
        "The model at {host} spent all {what} tokens on thinking and wrote no answer: "
        "raise max_tokens in the settings, or ask for something smaller."
    )


def _short(said: str) -> str:
    return said if len(said) <= 200 else said[:199] + "…"
