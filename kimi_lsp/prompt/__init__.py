"""What the model is shown and asked. Pure: values in, a Request out; nothing is read, sent or remembered here.

The prompt's form is a contract that `instructions` describes; its stable part comes first, so that the service can
serve a second request on the same file from its cache.
"""

from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.build import Prompt, explain, fix, implement, refactor, remarked, repair, task
from kimi_lsp.prompt.commit import commit_message
from kimi_lsp.prompt.context import PromptError, Shown, Target, TooLarge
from kimi_lsp.prompt.instructions import WAYS, Form, Kind
from kimi_lsp.prompt.media import Section
from kimi_lsp.prompt.mentions import Mention, mentions
from kimi_lsp.prompt.redact import Redaction, redact
from kimi_lsp.prompt.schema import strict_schema

__all__ = [
    "WAYS",
    "Form",
    "Kind",
    "Mention",
    "Prompt",
    "PromptError",
    "Redaction",
    "Section",
    "Shown",
    "Target",
    "TooLarge",
    "commit_message",
    "estimate",
    "explain",
    "fix",
    "implement",
    "mentions",
    "redact",
    "refactor",
    "remarked",
    "repair",
    "strict_schema",
    "task",
]
