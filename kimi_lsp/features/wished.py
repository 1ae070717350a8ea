"""From what a person asks to all that the model may be shown: the feature's wish, and what lies around the document."""

from dataclasses import replace

from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.table import FEATURES
from kimi_lsp.features.tools import toolbox
from kimi_lsp.project.around.surroundings import surroundings
from kimi_lsp.prompt import Kind


def wished(kind: Kind, asking: Asking) -> Wish:
    """Return a feature's wish with what lies around its document.

    Reads files, so call it off the event loop. Raises FeatureError and project.files.FileProblem.
    """
    wish, source = FEATURES[kind].wish(asking), asking.source
    target = wish.target
    # What the model may be shown unasked is what it could ask for: one rule for both.
    tools = toolbox(source, asking.opened)
    workspace = None if tools is None else tools.workspace
    found = surroundings(workspace, target.path, target.snapshot, target.span, source.context, wish.problems)
    return replace(wish, around=found)
