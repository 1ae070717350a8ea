"""Kimi over the wire. The only room that opens a socket, and the only one that knows httpx.

Nothing about documents, prompts or editors is known here. It minds the money, too: `Metered` checks budgets and limits
before a request is sent, and keeps the books in `State`. A key enters as a `Key` and leaves only in one header.
`Client` is imported at its first use, so that settings and errors cost no network library.
"""

import importlib
from typing import TYPE_CHECKING, Any

from kimi_lsp.kimi.catalog import CatalogEntry
from kimi_lsp.kimi.config import ClientConfig
from kimi_lsp.kimi.cost import Rates
from kimi_lsp.kimi.credentials import Key, find_key
from kimi_lsp.kimi.errors import (
    BadRequest,
    BadSetting,
    BeyondContext,
    BudgetUnchecked,
    ConnectTimedOut,
    ContentRefused,
    ContextOverflow,
    ExpiredCertificate,
    ForeignCertificate,
    GarbledStream,
    KeyCommandFailed,
    KeyRejected,
    KimiError,
    LimitUnread,
    ModelNotFound,
    NoCredit,
    NoFirstData,
    NoKey,
    OutOfTokens,
    OverBudget,
    Overloaded,
    ProxyFailed,
    ProxyUnreachable,
    ProxyWantsLogin,
    QuotaUsed,
    RateLimited,
    Redirected,
    RequestRejected,
    RequestTooLarge,
    ServiceFault,
    StateUnusable,
    StreamCut,
    TimedOut,
    TookTooLong,
    Unreachable,
    UntrustedCertificate,
    UnusableKey,
    WentSilent,
)

if TYPE_CHECKING:
    from kimi_lsp.kimi.client import Client

__all__ = [
    "BadRequest",
    "BadSetting",
    "BeyondContext",
    "BudgetUnchecked",
    "CatalogEntry",
    "Client",
    "ClientConfig",
    "ConnectTimedOut",
    "ContentRefused",
    "ContextOverflow",
    "ExpiredCertificate",
    "ForeignCertificate",
    "GarbledStream",
    "Key",
    "KeyCommandFailed",
    "KeyRejected",
    "KimiError",
    "LimitUnread",
    "ModelNotFound",
    "NoCredit",
    "NoFirstData",
    "NoKey",
    "OutOfTokens",
    "OverBudget",
    "Overloaded",
    "ProxyFailed",
    "ProxyUnreachable",
    "ProxyWantsLogin",
    "QuotaUsed",
    "RateLimited",
    "Rates",
    "Redirected",
    "RequestRejected",
    "RequestTooLarge",
    "ServiceFault",
    "StateUnusable",
    "StreamCut",
    "TimedOut",
    "TookTooLong",
    "Unreachable",
    "UntrustedCertificate",
    "UnusableKey",
    "WentSilent",
    "find_key",
]


def __getattr__(name: str) -> Any:
    if name == "Client":
        return importlib.import_module("kimi_lsp.kimi.client").Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
