"""What the user has set counts for the first command, too, however late the editor tells of it."""

import asyncio

from tests.server.test_never_answers import EDIT, asked, client, command, opened
from tests.support.swift_time import swiftly
from tests.support.talk import Json, Talk, agreeable, talk

PREVIEWS = {"ui": {"preview": True}}


def told(talking: Talk, settings: Json) -> None:
    """Answer the last question for the settings."""
    question = talking.asked("workspace/configuration")[-1]
    talking.send({"jsonrpc": "2.0", "id": question["id"], "result": [settings]})


def test_an_edit_is_shown_first_where_the_editor_says_so_only_later() -> None:
    async def run() -> None:
        async with talk(silent_about_settings, EDIT) as talking:
            await talking.begin(client(**PREVIEWS))
            opened(talking)
            command(talking, "kimi.refactor")
            await asked(talking, "workspace/configuration")
            await asyncio.sleep(1)
            assert talking.model.asked == 0
            told(talking, {"preview": "always"})
            await asked(talking, "kimi/preview")
            assert not talking.asked("workspace/applyEdit")

    swiftly(run())


def test_a_file_is_kept_back_where_the_editor_says_so_only_later() -> None:
    async def run() -> None:
        async with talk(silent_about_settings, EDIT) as talking:
            await talking.begin(client())
            opened(talking)
            command(talking, "kimi.explain")
            await asked(talking, "workspace/configuration")
            await asyncio.sleep(1)
            told(talking, {"exclude": ["a.py"]})
            await talking.quiet()
            assert talking.answers(1)[0]["result"]["status"] in ("refused", "failed")
            assert talking.model.asked == 0

    swiftly(run())


def test_settings_that_change_count_for_what_is_asked_after_that() -> None:
    async def run() -> None:
        async with talk(silent_about_settings, EDIT) as talking:
            await talking.begin(client(**PREVIEWS))
            await asked(talking, "workspace/configuration")
            told(talking, {})
            opened(talking)
            await talking.quiet()
            talking.notify("workspace/didChangeConfiguration", {"settings": None})
            command(talking, "kimi.refactor")
            await asyncio.sleep(1)
            assert talking.model.asked == 0
            told(talking, {"preview": "always"})
            await asked(talking, "kimi/preview")

    swiftly(run())


def test_an_editor_that_never_tells_of_its_settings_is_served() -> None:
    async def run() -> None:
        async with talk(silent_about_settings) as talking:
            await talking.begin(client())
            opened(talking)
            command(talking, "kimi.explain")
            await talking.quiet()
            assert talking.answers(1)[0]["result"]["status"] == "ok"
            talking.nothing_is_left()

    swiftly(run())


def silent_about_settings(question: Json) -> Json | None:
    return None if question["method"] == "workspace/configuration" else agreeable(question)
