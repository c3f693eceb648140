"""Messages stand above the charts, one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets._toast import Toast

from tests.tui.stage import Stage, running_app


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_a_message_is_alone_and_leaves_the_explanation_free(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(3)
        for number in range(4):
            stage.app.say(f"message {number}, which is as long as those that errors are, " * 2)
        await stage.until(lambda: len(stage.screen.query(Toast)) == 1, "one message")
        toast = stage.screen.query_one(Toast)
        await stage.until(lambda: toast.region.height > 0, "its place")
        assert "message 3" in str(toast._notification.message)
        notes = stage.screen.query_one("#notes")
        assert notes.region.height > 0
        assert not toast.region.overlaps(notes.region)
        assert toast.region.y >= 1  # the status stays readable


@pytest.mark.parametrize("keys", ["P", "Pw"])
async def test_an_audience_can_read_the_explanation_too(folder: Path, keys: str) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        await stage.press(*keys)
        stage.app.say("a message, which is as long as those that errors are, " * 2)
        await stage.until(lambda: len(stage.screen.query(Toast)) == 1, "a message")
        toast = stage.screen.query_one(Toast)
        await stage.until(lambda: toast.region.height > 0, "its place")
        words = [one for one in stage.screen.query("Banner, #notes") if one.region.height]
        assert words
        assert not any(toast.region.overlaps(one.region) for one in words)


@pytest.mark.parametrize("keys", ["", "w", "i", "wP"])
async def test_on_the_smallest_screen_no_message_covers_all_losses_and_states(
    folder: Path, keys: str
) -> None:
    async with running_app(folder.parent, size=(40, 12)) as stage:
        await stage.train(3)
        await stage.press(*keys)
        stage.app.say("a sentence that is as long as those that PyTorch has for errors, " * 5)
        await stage.until(lambda: len(stage.screen.query(Toast)) == 1, "a message")
        toast = stage.screen.query_one(Toast)
        await stage.until(lambda: toast.region.height > 0, "its place")
        words = [
            one.region for one in stage.screen.query("RunPane > .caption") if one.region.height
        ]
        hidden = [one for one in words if toast.region.overlaps(one)]
        assert len(hidden) <= (0 if keys else 2), (toast.region, words, stage.text)
        footer = stage.screen.query_one("KeyFooter").region
        assert footer.height
        assert not toast.region.overlaps(footer)


@pytest.mark.parametrize("key", ["L", "question_mark", "x", "ctrl+p"])
async def test_no_message_covers_a_dialog_and_each_is_read_after_it(folder: Path, key: str) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        stage.app.say("said before")
        await stage.until(lambda: stage.screen.query(Toast), "a message")
        await stage.press(key)
        await stage.until(lambda: stage.app.screen.is_modal, "the dialog")
        await stage.pilot.pause()
        dialog = stage.app.screen
        assert not dialog.query(Toast)
        stage.app.notify("said meanwhile", timeout=0.001)
        await stage.until(lambda: said(stage) == ["said meanwhile"], "it is kept")
        stage.app.notify("said last", timeout=600)
        await stage.until(lambda: said(stage) == ["said last"], "the newest alone")
        said_at = next(iter(stage.app._notifications)).raised_at
        assert not dialog.query(Toast)
        await stage.press("escape")
        await stage.shows("said last")
        toast = stage.screen.query_one(Toast)
        assert toast._notification.timeout == 600
        assert toast._notification.raised_at > said_at, "as long as ever"


async def test_on_a_small_screen_a_picture_is_told_beside_the_whole_explanation(
    folder: Path,
) -> None:
    async with running_app(folder.parent, size=(40, 12)) as stage:
        await stage.train(30)
        await stage.press("w")
        await stage.shows("clears its gradients.")
        await stage.press("s")
        await stage.shows("Saved zgtui-", "clears its gradients.")


def said(stage: Stage) -> list[str]:
    """The messages that are not over."""
    return [one.message for one in stage.app._notifications]
