"""What a key has changed is taken back, and nothing else is."""

from __future__ import annotations

from pathlib import Path

from tests.tui.hands import burst
from tests.tui.stage import Stage, running_app
from zgtui.config.settings import EVERY, NEVER, RunName


def set_so(stage: Stage, name: RunName) -> tuple[object, float | None]:
    run = stage.app.live.runs[name]
    return run.clear, run.lr


async def test_a_change_is_taken_back_at_the_step_before_it(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        await stage.press("Z")  # both runs, one key
        await stage.until(lambda: set_so(stage, "A")[0] == NEVER, "A changed")
        await stage.until(lambda: set_so(stage, "B")[0] == EVERY, "B changed")
        await stage.train(4)
        await stage.press("u")
        await stage.tells("Undid zero_grad never of A and zero_grad every of B: at step 3, paused.")
        await stage.until(lambda: stage.app.live.step == 3, "step 3")
        assert (set_so(stage, "A")[0], set_so(stage, "B")[0]) == (EVERY, NEVER)
        assert stage.app.live.phase == "paused"


async def test_a_change_after_the_last_step_is_undone_without_pausing_anything(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        stage.worker.train(30)
        await stage.shows("finished", "step 20")
        await stage.press("plus")
        await stage.until(lambda: set_so(stage, "B")[1] == 0.1259, "a higher rate")
        await stage.press("u")
        await stage.tells("Undid lr 0.1259 of A and B: at step 20.")
        await stage.until(lambda: set_so(stage, "B")[1] == 0.1, "the rate as before")
        assert stage.app.live.phase == "finished"


async def test_of_two_changes_at_one_step_the_last_alone_is_taken_back_first(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(2)
        await stage.press("plus")
        await stage.until(lambda: set_so(stage, "B")[1] == 0.1259, "a higher rate")
        await stage.press("z")
        await stage.until(lambda: set_so(stage, "B")[0] == EVERY, "B changed")
        await stage.press("u")
        await stage.tells("Undid zero_grad every of B: at step 2, paused.")
        await stage.until(lambda: set_so(stage, "B") == (NEVER, 0.1259), "the rate kept")
        await stage.press("u")
        await stage.tells("Undid lr 0.1259 of A and B: at step 2, paused.")
        await stage.until(lambda: set_so(stage, "B") == (NEVER, 0.1), "the rate as before")
        await stage.press("u")
        await stage.tells("Nothing to undo")


async def test_what_is_gone_with_a_step_back_or_a_restart_is_not_taken_back_again(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(2)
        await stage.press("plus")
        await stage.until(lambda: set_so(stage, "A")[1] == 0.1259, "a higher rate")
        await stage.press("r")
        await stage.until(lambda: stage.app.live.step == 0, "step 0")
        await stage.press("u")
        await stage.tells("Nothing to undo")


async def test_where_no_earlier_step_is_kept_that_is_said(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(2)
        await stage.press("z")
        await stage.until(lambda: set_so(stage, "B")[0] == EVERY, "B changed")
        sentence = "cannot go back: the model is too large to keep earlier states"
        stage.worker.refuse = sentence
        await stage.press("u")
        await stage.tells(sentence)
        assert set_so(stage, "B")[0] == EVERY


async def test_each_of_several_presses_at_once_takes_back_one_change(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(2)
        burst(stage.app, ["plus", "z", "minus", "u", "u"])
        await stage.tells("Undid zero_grad every of B: at step 2, paused.")
        await stage.until(lambda: set_so(stage, "B") == (NEVER, 0.1259), "the first one kept")
        burst(stage.app, "uuu")
        await stage.tells("Undid lr 0.1259 of A and B: at step 2, paused.")
        await stage.until(lambda: set_so(stage, "B") == (NEVER, 0.1), "all as before")
        await stage.tells("Nothing to undo")
        assert sum("Nothing" in told for told in stage.told) == 1
        assert sum("Undid" in told for told in stage.told) == 3
