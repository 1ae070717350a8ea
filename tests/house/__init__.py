"""The house rules as plain functions: each takes a folder that holds `kimi_lsp/` and returns what breaks it.

A rule returns sentences, one for each place, and an empty list where all is well. `tests/test_house.py` holds them
against this repository, and against small trees that break them, so that no rule can go blind unnoticed.
"""

from tests.house.absence import (
    files_are_opened_in_their_rooms,
    only_some_rooms_import,
    only_the_command_line_prints,
    pure_rooms_stay_pure,
    sockets_are_opened_by_kimi_alone,
    splitlines_is_not_used_on_documents,
)
from tests.house.form import (
    modules_are_described,
    modules_are_named_for_what_they_hold,
    modules_stay_short,
    no_foreign_address,
)

__all__ = [
    "files_are_opened_in_their_rooms",
    "modules_are_described",
    "modules_are_named_for_what_they_hold",
    "modules_stay_short",
    "no_foreign_address",
    "only_some_rooms_import",
    "only_the_command_line_prints",
    "pure_rooms_stay_pure",
    "sockets_are_opened_by_kimi_alone",
    "splitlines_is_not_used_on_documents",
]
