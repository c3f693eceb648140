"""What the screen shows of a comparison in every state that it can be in."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widgets import OptionList, Static

from tests.tui.stage import Clock, Stage, running_app
from zgtui.charts.colours import RUN_COLOURS
from zgtui.config.settings import EVERY, NEVER, Clearing, RunSettings, Settings
from zgtui.tui.model.base import READ_LIMIT
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.widgets.chart import LossChart
from zgtui.tui.widgets.code_pane import CodePane
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.worker.protocol import Start

ENDLESS = Settings(steps=0, speed=0)


def caption(stage: Stage, run: str) -> str:
    """The state line of ``run``."""
    return str(stage.screen.query_one(f"#run-{run} .state", Static).content)


# From the first frame on


async def test_the_screen_is_up_and_says_so_while_pytorch_is_imported(folder: Path) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        await stage.shows("importing PyTorch", "A  zero_grad() every step", "no steps yet")
        await stage.press("y", "m", "tab", "question_mark", "escape", "l", "escape")
        assert len(stage.worker.commands) == 1
        stage.worker.load()
        await stage.shows("article · SGD · cpu · seed 42", "● step 0")
        assert "importing" not in stage.text


async def test_keys_pressed_while_pytorch_is_imported_hold_from_the_first_step(
    folder: Path,
) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        await stage.press("z", "l", *"0.05", "enter")
        stage.worker.load()
        await stage.shows("B  zero_grad() every step")
        await stage.until(lambda: stage.text.count(" lr 0.05 ") >= 2, "the typed rate")
        await stage.train(1)
        assert {mark.step for mark in stage.chart("B").marks} == {1}


async def test_a_rate_that_is_not_known_yet_cannot_be_raised(folder: Path) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        await stage.press("+")
        await stage.tells("The learning rate is not known until PyTorch is imported.")
        assert len(stage.worker.commands) == 1


async def test_an_export_before_the_first_comparison_is_told(folder: Path) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        await stage.press("e")
        await stage.tells("There is nothing to write yet")


async def test_a_comparison_that_cannot_be_started_as_asked_leaves_with_code_2(
    folder: Path,
) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        stage.worker.refuse = "there is no device cuda:9"
        stage.worker.load()
        await stage.until(lambda: stage.app._exit, "the app left")
        assert stage.app.return_code == 2


async def test_with_paused_nothing_is_trained_before_space(folder: Path) -> None:
    async with running_app(folder.parent, running=False) as stage:
        (command,) = stage.worker.commands
        assert isinstance(command, Start)
        assert not command.running
        await stage.shows("paused · step 0")


# What goes wrong


async def test_a_failed_worker_leaves_both_charts_and_r_starts_another(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(12)

        def drawn() -> list[list[str]]:
            return [stage.drawn(stage.chart(run)) for run in ("A", "B")]

        charts = drawn()
        stage.worker.fail("CUDA ran out of memory", "the training process ended with exit code 1")
        reason = "CUDA ran out of memory (the training process ended with exit code 1)"
        await stage.tells(reason)
        await stage.shows("stopped at step 12 · press r to restart")
        notes = stage.screen.query_one("#notes", Static)
        # The second sentence comes when the loop has made room for it.
        await stage.until(lambda: "press e to export them" in str(notes.content), "what to do now")
        assert reason in str(notes.content)
        await stage.until(lambda: drawn() == charts, "the charts, once the message is gone")
        await stage.press("z")
        await stage.tells("The training process is gone: press r to restart.")
        await stage.press("r")
        await stage.until(lambda: len(stage.workers) == 2, "a new worker")
        await stage.shows("● step 0", "no steps yet")
        await stage.train(5)
        await stage.shows("● step 5")


async def test_what_a_failed_worker_left_can_be_exported(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(12)
        stage.worker.fail("", "the training process was ended by SIGKILL")
        await stage.press("e", "enter")
        await stage.tells("Wrote 12 steps of both runs")
        assert len((folder / "losses.csv").read_text().splitlines()) == 1 + 2 * 12


async def test_a_silent_worker_is_told_and_r_ends_it(folder: Path, clock: Clock) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        silent = stage.worker
        clock.now += 2.4
        await stage.shows("● step 5")
        clock.now += 0.6
        await stage.shows("no answer for 3 s · press r to restart")
        await stage.press("r")
        await stage.until(lambda: len(stage.workers) == 2, "a new worker")
        assert not silent.alive
        await stage.shows("● step 0")


async def test_a_silent_worker_that_speaks_again_goes_on(folder: Path, clock: Clock) -> None:
    async with running_app(folder.parent) as stage:
        clock.now += 12
        await stage.shows("no answer")
        await stage.train(5)
        await stage.shows("● step 5")


async def test_a_diverged_run_is_told_at_its_step_and_the_other_goes_on(folder: Path) -> None:
    async with running_app(folder.parent, ENDLESS) as stage:
        await stage.train(3)
        stage.worker.feed([1e200, math.inf], [0.2, 0.1])
        stage.worker.feed([math.nan] * 4, [0.1, 0.2, 0.1, 0.2])
        await stage.until(lambda: caption(stage, "A") == "diverged at step 5", "diverged")
        assert "diverged" not in caption(stage, "B")
        await stage.shows("diverged at step 5", "loss nan", "loss 0.2")
        await stage.train(20)
        await stage.shows("● step 29")
        await stage.press("z", "tab", "z", "+")
        await stage.shows("A  zero_grad() never", "lr 0.1259")
        await stage.press("r")
        await stage.until(lambda: "diverged" not in caption(stage, "A"), "a fresh run")


async def test_an_uncontrolled_learning_rate_diverges_for_real(folder: Path) -> None:
    """Clearing each step diverges beyond lr·λ = 2; never clearing, here at 3, does not."""
    lr = 0.25
    settings = Settings(
        steps=0, speed=0, a=RunSettings(clear=EVERY, lr=lr), b=RunSettings(clear=NEVER, lr=lr)
    )
    async with running_app(folder.parent, settings) as stage:
        await stage.train(40)
        await stage.until(lambda: caption(stage, "A").startswith("growing ×4"), "growing")
        await stage.train(1200)
        await stage.until(lambda: caption(stage, "A").startswith("diverged at step"), "diverged")
        assert caption(stage, "B").startswith("oscillates")


# What goes right


async def test_the_article_converges_and_oscillates_and_finishes(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(15)
        await stage.until(
            lambda: caption(stage, "B").startswith("oscillates every 2.7"), "oscillation"
        )
        await stage.train(5)
        await stage.until(lambda: caption(stage, "A").startswith("finished · converged"), "end")
        await stage.shows("finished · step 20")
        assert caption(stage, "B").startswith("finished · oscillates every 2.7 steps")


async def test_the_rate_is_told(folder: Path, clock: Clock) -> None:
    async with running_app(folder.parent, ENDLESS) as stage:
        for _ in range(5):
            clock.now += 0.25
            await stage.train(500)
        await stage.shows("● step 2,500 · 2,000 steps/s")
        await stage.press("[")
        await stage.shows("● step 2,500 · 1000 steps/s")
        await stage.press("space")
        await stage.shows("paused · step 2,500")


async def test_the_rate_holds_still_from_the_first_frame_on(folder: Path, clock: Clock) -> None:
    async with running_app(folder.parent, Settings(steps=0, speed=10)) as stage:
        for _ in range(6):
            clock.now += 0.03
            await stage.train(1)
            await stage.shows("· 10 steps/s")
        await stage.press("r")
        await stage.train(1)
        await stage.shows("● step 1 · 10 steps/s")


async def test_a_rate_below_one_step_a_second_is_told_too(folder: Path, clock: Clock) -> None:
    async with running_app(folder.parent, Settings(steps=0, speed=0.25)) as stage:
        for step in range(1, 5):
            clock.now += 4.0
            await stage.train(1)
            await stage.shows(f"● step {step} · 0.25 steps/s")


async def test_a_machine_that_cannot_keep_up_says_so(folder: Path, clock: Clock) -> None:
    async with running_app(folder.parent, Settings(steps=0, speed=100)) as stage:
        for _ in range(6):
            clock.now += 0.5
            await stage.train(20)
        await stage.shows("· 40 of 100 steps/s")


async def test_a_change_stands_on_the_chart_at_its_step(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(10)
        await stage.press("z", "+")
        await stage.train(5)
        labels = [(mark.step, mark.label) for mark in stage.chart("B").marks]
        assert labels == [(11, "zero_grad every"), (11, "lr 0.1259")]
        assert [(m.step, m.label) for m in stage.chart("A").marks] == [(11, "lr 0.1259")]
        await stage.shows("zero_grad every", "lr 0.1259")


async def test_a_flood_of_losses_is_read_piece_by_piece_and_none_is_dropped(folder: Path) -> None:
    async with running_app(folder.parent, ENDLESS) as stage:
        count = 60_000
        losses = [0.1 + 1 / (step + 1) for step in range(count)]
        losses[31_234] = 77.0
        runs = stage.app.live.runs.values()
        stage.worker.feed(losses, losses)
        seen = [[run.history.steps for run in runs]]
        while seen[-1] != [count, count]:
            stage.app.tick()
            seen.append([run.history.steps for run in runs])
        for before, after in itertools.pairwise(seen):
            assert all(0 < b - a <= READ_LIMIT for a, b in zip(before, after, strict=True))
        for run in runs:
            assert run.history.high == 77.0
            assert run.history.last == losses[-1]
        await stage.shows("● step 60,000", "loss 0.1")


async def test_steps_and_changes_are_shown_as_the_log_has_them(folder: Path) -> None:
    async with running_app(folder.parent, ENDLESS) as stage:
        await stage.train(3)
        worker, live = stage.worker, stage.app.live
        # A notice is ahead of the losses: nothing of it is shown before these are there.
        worker.step += 500
        worker.tell_progress()
        stage.app.tick()
        assert live.step == live.runs["A"].history.steps == 3
        assert "● step 3 " in stage.text
        worker.step -= 500
        # A change is the one in the log, whoever asked for it.
        worker.change("B", lr=0.025)
        await stage.train(1)
        assert live.runs["B"].lr == 0.025
        assert [(mark.step, mark.label) for mark in stage.chart("B").marks] == [(4, "lr 0.025")]
        await stage.shows("lr 0.025")


async def test_nothing_is_drawn_while_nothing_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(8)
        await stage.press("space")
        await stage.shows("paused")
        drawn: list[object] = []
        ticks = 0

        def draw(_screen: object, update: object) -> None:
            drawn.append(update)

        tick = stage.app.live.read

        def read(limit: int) -> bool:
            nonlocal ticks
            ticks += 1
            return tick(limit)

        await stage.pilot.wait_for_animation()
        monkeypatch.setattr(stage.app, "_display", draw)
        monkeypatch.setattr(stage.app.live, "read", read)
        for _ in range(3):
            stage.worker.tell_progress()
        await stage.until(lambda: ticks >= 10, "ten ticks")
        assert drawn == []
        await stage.press("tab")
        await stage.until(lambda: drawn, "the focus drawn")


# What it looks like


def colours(stage: Stage, selector: str, text: str) -> set[str]:
    """The foreground colours of ``text`` in the widget ``selector``."""
    region = stage.screen.query_one(selector).region
    found = set()
    for strip in stage.app.screen._compositor.render_strips()[region.y : region.bottom]:
        for segment in strip.crop(region.x, region.right):
            if text in segment.text and isinstance(segment.style, Style) and segment.style.color:
                found.add(segment.style.color.get_truecolor().hex)
    return found


def titled(stage: Stage, run: str, colour: str) -> bool:
    """Whether the title of ``run`` has ``colour``."""
    return colour in colours(stage, f"#run-{run}", "zero_grad")


def coloured(stage: Stage, run: str, colour: str) -> bool:
    """Whether ``run`` has this colour alone in the loop."""
    return colours(stage, "#code", run) == {colour}


@pytest.mark.parametrize(("theme", "column"), [("zgtui-dark", 0), ("zgtui-light", 1)])
async def test_each_theme_has_its_own_colours(folder: Path, theme: str, column: int) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(15)
        stage.app.theme = "zgtui-dark" if column else "zgtui-light"
        await stage.pilot.pause()
        stage.app.theme = theme
        for run in ("A", "B"):
            ours, other = RUN_COLOURS[run][column], RUN_COLOURS[run][1 - column]
            await stage.until(partial(titled, stage, run, ours), f"the title of {run}")
            await stage.until(partial(coloured, stage, run, ours), f"{run} in the loop")
            drawn = {
                segment.style.color.get_truecolor().hex
                for strip in stage.chart(run)._strips
                for segment in strip
                if segment.style and segment.style.color
            }
            assert ours in drawn
            assert other not in drawn


@pytest.mark.parametrize("theme", ["zgtui-dark", "zgtui-light"])
async def test_what_alarms_can_be_read(folder: Path, theme: str) -> None:
    async with running_app(folder.parent, display=Display(theme=theme)) as stage:
        stage.worker.feed([math.inf], [0.1])
        await stage.until(lambda: caption(stage, "A").startswith("diverged"), "diverged")
        await stage.pilot.pause()
        state = stage.screen.query_one("#run-A .state", Static)
        background, foreground = state.background_colors[1], state.colors[3]
        assert contrast(background, foreground) >= 4.5
        assert state.styles.text_style.bold
        other = stage.screen.query_one("#run-B .state", Static)
        assert other.colors[3] != foreground


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2, https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""

    def luminance(color: Color) -> float:
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in color.normalized
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def test_an_ascii_screen_holds_nothing_but_ascii(folder: Path, clock: Clock) -> None:
    display = Display(marker="ascii", ascii_only=True)
    async with running_app(folder.parent, display=display) as stage:

        async def plain() -> None:
            await stage.pilot.pause()
            strange = {sign for sign in stage.text if not sign.isascii()}
            assert not strange, stage.text

        await stage.train(15)
        await plain()
        for keys in (["space"], ["z"], ["tab"], ["y"], ["space"]):
            await stage.press(*keys)
            await plain()
        for opener in ("question_mark", "e", "l", "d", "ctrl+p"):
            await stage.press(opener)
            await stage.until(lambda: stage.app.screen is not stage.screen, opener)
            await plain()
            await stage.press("escape")
            await stage.until(lambda: stage.app.screen is stage.screen, f"{opener} gone")
        stage.app.say("a number ≥ 1 …")
        await stage.shows("a number ? 1 ...")
        await plain()
        clock.now += 9
        await stage.shows("no answer for 9 s")
        await plain()
        stage.worker.fail("", "gone")
        await stage.shows("stopped at step 15")
        await plain()


async def test_an_ascii_screen_says_that_it_is_importing(folder: Path) -> None:
    display = Display(marker="ascii", ascii_only=True)
    async with running_app(folder.parent, display=display, loading=True) as stage:
        await stage.shows("importing PyTorch ... 0 s")
        assert stage.text.isascii()


# Any size

SIZES = [(1, 1), (20, 5), (40, 12), (60, 20), (80, 24), (160, 50), (300, 80)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_what_matters(folder: Path, size: tuple[int, int]) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(15)
        await stage.press("z", "y", "y", "m", "space")
        lines = stage.text.splitlines()
        assert len(lines) == size[1]
        assert {len(line) for line in lines} == {size[0]}
        if size >= (20, 5):
            assert "step 15" in stage.text
            assert stage.text.count("loss ") >= 2
            assert stage.text.count("conv") >= 1
        if size >= (60, 20):
            assert "zgtui" in stage.text
        if size >= (40, 12):
            assert "A  zero_grad() every step" in stage.text
            assert "B  zero_grad() every step" in stage.text
            assert "converged" in stage.text
            assert stage.screen.query_one(KeyFooter).region.bottom == size[1]
        if size >= (80, 24):
            lines = (
                ["optimizer.zero_grad()  A every  B every"]
                if size[0] < 150
                else [f"{run}     optimizer.zero_grad()  every" for run in "AB"]
            )
            assert all(line in stage.text for line in lines)
            assert "A converged" in stage.text


async def test_dialogs_can_be_used_at_every_size(folder: Path) -> None:
    async with running_app(folder.parent, size=(20, 5)) as stage:
        for size in [(20, 5), (40, 12), (60, 20)]:
            await stage.pilot.resize_terminal(*size)
            for opener in ("question_mark", "e", "l", "d"):
                await stage.press(opener)
                await stage.until(lambda: stage.app.screen is not stage.screen, opener)
                focused = stage.app.screen.focused
                assert focused is not None
                assert focused.region.height >= 1, (size, opener, stage.text)
                await stage.press("escape")
                await stage.until(lambda: stage.app.screen is stage.screen, f"{opener} gone")


@pytest.mark.parametrize("width", [40, 80])
async def test_a_hint_is_read_whole(folder: Path, width: int) -> None:
    async with running_app(folder.parent, size=(width, 24)) as stage:
        await stage.press("g")
        said = (
            "every; never; N (clear only every N steps); accumulate N (N micro-batches, one step,"
            " then clear); never, accumulate N (the same without clearing); M, accumulate N (the"
            " same, but clear only every M steps)"
        )

        def whole() -> bool:
            hint = stage.app.screen.query_one(".hint")
            return " ".join(" ".join(stage.drawn(hint)).split()) == said

        await stage.until(whole, said)


async def test_resizing_while_it_runs_redraws_everything(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        for size in [*SIZES, *reversed(SIZES), (80, 24), (100, 24), (80, 24)]:
            await stage.pilot.resize_terminal(*size)
            await stage.train(1)
        resized = stage.text
        await stage.pilot.resize_terminal(81, 24)
        await stage.pilot.resize_terminal(80, 24)
        await stage.caught_up()
        assert stage.text == resized
        async with running_app(folder) as other:
            await other.train(stage.worker.step)
            charts = [other.drawn(other.chart(run)) for run in ("A", "B")]
        assert [stage.drawn(stage.chart(run)) for run in ("A", "B")] == charts


async def test_news_between_a_resize_and_its_first_frame_is_drawn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        assert stage.drawn(stage.chart("A"))
        with monkeypatch.context() as no_frame:
            no_frame.setattr(
                LossChart, "render_line", lambda chart, _y: Strip.blank(chart.size.width)
            )
            await stage.pilot.resize_terminal(100, 24)
            await stage.train(1)
        await stage.until(lambda: len(stage.drawn(stage.chart("A"))[0]) == 48, "the new width")


@pytest.mark.parametrize("experiment", ["article", "article-exact"])
@pytest.mark.parametrize("rate", [10, 3_912, 123_456])
async def test_the_header_is_whole_at_80_columns(
    folder: Path, clock: Clock, experiment: str, rate: int
) -> None:
    settings = Settings(experiment=experiment, steps=0, speed=0)
    async with running_app(folder.parent, settings) as stage:
        for _ in range(4):
            clock.now += 0.5
            stage.worker.feed([0.1] * (rate // 2), [0.1] * (rate // 2))
            await stage.caught_up()
        told = {10: "10", 3912: "3,900", 123456: "120,000"}[rate]
        await stage.shows(f"● step {4 * (rate // 2):,} · {told} steps/s")
        header = stage.text.splitlines()[0]
        assert "…" not in header
        assert f" {experiment} · " in header
        if experiment == "article-exact":
            assert "different inits" in header
        else:
            assert "SGD · cpu · seed 42" in header


POLICIES = [EVERY, NEVER, Clearing(2), Clearing(1000)]


async def test_the_notes_hold_their_text_at_80_columns(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        notes = stage.screen.query_one("#notes", Static)
        for a, b in itertools.product(POLICIES, repeat=2):
            for run, clear in zip(stage.app.live.runs.values(), (a, b), strict=True):
                run.settings = replace(run.settings, clear=clear)
            stage.app.tick()
            await stage.pilot.pause()
            told = " ".join(str(notes.content).split())
            assert " ".join(" ".join(stage.drawn(notes)).split()) == told


async def test_a_list_of_devices_longer_than_the_screen_can_be_scrolled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = {"cpu": "8 cores", **{f"cuda:{index}": "GPU" for index in range(30)}}
    monkeypatch.setattr("tests.tui.fake.DEVICES", devices)
    async with running_app(folder.parent) as stage:
        await stage.press("d", "end")
        await stage.shows("cuda:29  GPU")
        assert stage.app.screen.query_one(OptionList).region.bottom <= 24


async def test_the_loop_says_while_both_runs_are_trained_at_once(folder: Path) -> None:
    async with running_app(folder, Settings(steps=0, speed=0)) as stage:
        loop = stage.screen.query_one(CodePane)
        stage.worker.train(50)
        await stage.until(lambda: stage.app.live.step == 50, "50 steps")
        assert not loop.border_subtitle
        stage.worker.together = 90
        stage.worker.train(50)
        await stage.until(lambda: loop.border_subtitle == "both runs at once", "how it trains")
        await stage.press("space")
        await stage.until(lambda: loop.border_subtitle == "step 100 done", "the last step")


async def test_that_auto_passed_over_a_gpu_is_told(folder: Path) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        stage.worker.device_note = "auto picks the CPU: steps are too small to be faster on cuda:0"
        stage.worker.load()
        await stage.until(
            lambda: any("too small to be faster on cuda:0." in told for told in stage.told),
            "the note",
        )
