"""The screen that shows tables, driven by keys."""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from tests.support.other_tools import write_events, write_trainer_state
from tests.support.tables import (
    TIDY_HEADER,
    loss,
    open_recording,
    read_table,
    tidy_rows,
    tidy_table,
)
from tests.support.waiting import until_then
from tests.tui.stage import noted
from tests.tui.view_stage import Viewer, viewing
from zgtui.config.settings import RUNS
from zgtui.curves.recordings.opening import Opening
from zgtui.runlog.events import Started
from zgtui.runlog.log import LogWriter
from zgtui.tui.keys import bindings
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.screens.view_screen import ViewDisplay
from zgtui.tui.view_app import ViewApp

SIZES = [(80, 24), (160, 50), (40, 12)]


@pytest.mark.parametrize("size", SIZES)
async def test_two_runs_stand_side_by_side_with_their_numbers(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40), size=size) as viewer:
        if size != (40, 12):
            await viewer.until(lambda: "? help" in viewer.text())
        await viewer.until(lambda: "loss 0.025" in viewer.text())
        text = viewer.text()
        assert "step 40" in text
        assert "loss 0.025" in text
        assert any("⠀" < cell <= "⣿" for cell in text)
        if size != (40, 12):
            assert "zero_grad() every step" in text
            assert "zero_grad() never" in text
        steps = [float(step) for step in range(1, 41)]
        assert viewer.drawn(0) == (steps, [loss("A", int(step)) for step in steps])
        assert viewer.drawn(1) == (steps, [loss("B", int(step)) for step in steps])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("follow", [False, True])
async def test_the_screen_says_where_rows_are_counted(
    tmp_path: Path, size: tuple[int, int], *, follow: bool
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("loss\n4\n3\n2\n")
    async with viewing(path, size=size, follow=follow) as viewer:
        if size != (40, 12):  # which has no room for sentences
            await viewer.until(lambda: "No step column: rows are counted." in viewer.text())
        await viewer.until(lambda: "row 3" in viewer.text())
        assert viewer.drawn() == ([1, 2, 3], [4, 3, 2])


@pytest.mark.parametrize(
    ("size", "curves"), [((80, 24), 1), ((160, 50), 3), ((80, 24), 4), ((40, 12), 4), ((40, 12), 7)]
)
async def test_any_number_of_columns_fits(
    tmp_path: Path, size: tuple[int, int], curves: int
) -> None:
    path = tmp_path / "t.csv"
    names = [f"metric{at}" for at in range(curves)]
    rows = "".join(f"{i},{','.join(str(i + at) for at in range(curves))}\n" for i in range(9))
    path.write_text(f"epoch,{','.join(names)}\n{rows}")
    async with viewing(path, size=size) as viewer:
        assert len(viewer.app.main_screen.panes) == (curves if curves <= 4 else 1)
        await viewer.until(lambda: "metric0" in viewer.text())
        # Epochs that count from 0 are all there.
        assert viewer.drawn()[0] == list(range(9))


async def test_one_step_on_and_back_is_exact(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40)) as viewer:
        await viewer.press("home")
        assert viewer.drawn(1) == ([1], [1.0])
        assert viewer.numbers() == [
            "step 1   loss 1   lr 0.1",
            "step 1   loss 1   lr 0.1",
        ]
        await viewer.press("n", "n", "n", "b")
        assert viewer.drawn(0) == ([1, 2, 3], [1, 1 / 2, 1 / 3])
        assert "step 3 of 40" in viewer.status()
        await viewer.press("end")
        assert len(viewer.drawn(0)[0]) == 40
        await viewer.press("b")
        assert viewer.drawn(0)[0][-1] == 39
        await viewer.press("n")
        assert len(viewer.drawn(0)[0]) == 40
        assert viewer.app.main_screen.replay.position is None


async def test_steps_that_are_far_apart_are_gone_through_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,x_loss,y_loss\n0.5,1,\n100,2,7\n250,,8\n")
    async with viewing(path) as viewer:
        seen = []
        await viewer.press("home")
        for _ in range(3):
            seen.append((viewer.drawn(0)[0], viewer.drawn(1)[0]))
            await viewer.press("n")
        assert seen == [([0.5], []), ([0.5, 100], [100]), ([0.5, 100], [100, 250])]


async def test_jumps_move_by_a_fiftieth_and_never_beyond_the_ends(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 501)) as viewer:
        await viewer.press("home", "right", "right")
        assert viewer.drawn(0)[0][-1] == 21
        await viewer.press("left", "left", "left", "left")
        assert viewer.drawn(0)[0] == [1]
        await viewer.press("end", "right")
        assert viewer.drawn(0)[0][-1] == 501


async def test_space_replays_from_the_start_to_the_end_and_pauses(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 600), speed=20.0) as viewer:
        replay = viewer.app.main_screen.replay
        await viewer.press("space")
        await viewer.until(lambda: 3 < len(viewer.drawn(0)[0]) < 600)
        assert "playing" in viewer.status()
        await viewer.press("space")
        paused = viewer.drawn(0)
        assert paused[0] == list(range(1, len(paused[0]) + 1))
        assert "paused" in viewer.status()
        await viewer.pilot.pause(0.1)
        assert viewer.drawn(0) == paused
        await viewer.press("B")
        await viewer.until(lambda: replay.direction == 0)
        assert viewer.drawn(0)[0] == [1]
        await viewer.press(*["right_square_bracket"] * 6)
        assert replay.speed == 0
        await viewer.press("space")
        await viewer.until(lambda: replay.position is None)
        assert len(viewer.drawn(0)[0]) == 600


async def test_speed_goes_along_the_ladder(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 5), speed=500.0) as viewer:
        replay = viewer.app.main_screen.replay
        seen = []
        for key in ("]", "]", "]", "[", "["):
            await viewer.press({"]": "right_square_bracket", "[": "left_square_bracket"}[key])
            seen.append(replay.speed)
        assert seen == [1000, 0, 0, 1000, 500]


async def test_the_state_is_that_of_the_steps_shown(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,loss\n1,1\n2,9\n3,inf\n4,inf\n")
    async with viewing(path) as viewer:
        await viewer.until(lambda: "diverged at step 3" in viewer.text())
        await viewer.press("b", "b")
        assert "diverged" not in viewer.text()
        await viewer.press("n")
        await viewer.until(lambda: "diverged at step 3" in viewer.text())


async def test_changes_are_marked_once_they_are_reached(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = tidy_rows(range(1, 21), "B") + tidy_rows(range(21, 41), "B", lr=0.5, cleared=True)
    path.write_text(TIDY_HEADER + rows)
    async with viewing(path) as viewer:
        chart = viewer.app.main_screen.panes[0].chart
        assert [(mark.step, mark.label) for mark in chart.marks] == [
            (21, "lr 0.5"),
            (21, "zero_grad every"),
        ]
        await viewer.until(lambda: "B  zero_grad() every step" in viewer.text())
        await viewer.press("home")
        assert chart.marks == ()
        await viewer.until(lambda: "B  zero_grad() never" in viewer.text())


async def test_files_overlay_with_a_legend_below_the_curves(tmp_path: Path) -> None:
    one, two = tidy_table(tmp_path / "one.csv", 9), tidy_table(tmp_path / "two.csv", 30)
    async with viewing(one, two, size=(120, 30)) as viewer:
        panes = viewer.app.main_screen.panes
        assert [len(pane.chart.curves) for pane in panes] == [2, 2]
        assert len({curve.style for curve in panes[0].chart.curves}) == 2
        legend = panes[0].query_one(".numbers", Static)
        assert "⠒⠒ one.csv 0.1111" in str(legend.content)
        assert "▀▀ two.csv 0.03333" in str(legend.content)
        assert legend.region.y >= panes[0].chart.region.bottom


async def test_log_scale_and_marker_change_every_chart(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40)) as viewer:
        assert "1e-1" not in viewer.text()
        await viewer.press("y")
        assert "1e-1" in viewer.text()
        before = viewer.text()
        await viewer.press("m")
        assert viewer.text() != before
        assert {pane.chart.marker for pane in viewer.app.main_screen.panes} == {"hd"}


async def test_every_key_stands_in_help_and_palette_and_help_does_it(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40), size=(100, 40)) as viewer:
        commands = {one.title for one in viewer.app.get_system_commands(viewer.app.screen)}
        assert {binding.description for binding in bindings("view")} <= commands
        await viewer.press("question_mark")
        assert isinstance(viewer.app.screen, HelpScreen)
        listed = viewer.app.screen.query_one(OptionList)
        for binding in bindings("view"):
            prompt = listed.get_option_at_index(listed.get_option_index(binding.action)).prompt
            assert binding.tooltip in str(prompt)
        await viewer.press("down", "down", "enter")
        assert viewer.drawn(0)[0][-1] == 39


async def test_the_footer_can_be_clicked(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40)) as viewer:
        await viewer.until(lambda: "space" in viewer.text().splitlines()[-1])
        column = viewer.text().splitlines()[-1].index("space")
        await viewer.pilot.click(offset=(column, 23))
        await viewer.until(lambda: viewer.app.main_screen.replay.position is not None)


async def test_tab_moves_the_focus_and_q_leaves(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 4)) as viewer:
        panes = viewer.app.main_screen.panes
        assert panes[0].has_focus
        await viewer.press("tab")
        assert panes[1].has_focus
        await viewer.press("q")
        assert viewer.app.return_code == 0


async def test_a_table_is_exported_to_another_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tidy_table(tmp_path / "t.csv", 40)
    async with viewing(path) as viewer:
        await viewer.press("e")
        viewer.app.screen.query_one(Input).value = "copy.jsonl"
        await viewer.press("enter")
        await viewer.until((tmp_path / "copy.json").exists)
        assert read_table(tmp_path / "copy.jsonl") == read_table(path)


async def test_a_picture_of_the_steps_shown_is_drawn_by_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with viewing(tidy_table(tmp_path / "t.csv", 40)) as viewer:
        await viewer.press("p")
        assert viewer.app.screen.query_one(Input).value == str(tmp_path / "losses.png")
        await viewer.press("enter")
        await viewer.until((tmp_path / "losses.png").exists)
        assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")
        await viewer.until(lambda: viewer.app.main_screen.activity == "")
        (tmp_path / "mine.png").write_text("mine")
        await viewer.press("p")
        viewer.app.screen.query_one(Input).value = "mine.png"
        await viewer.press("enter")
        assert "already exists" in viewer.text()
        await viewer.press("escape")
        assert (tmp_path / "mine.png").read_text() == "mine"


async def test_a_table_that_grows_is_followed_replaced_and_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TIDY_HEADER)
    async with viewing(path, follow=True) as viewer:
        with path.open("a") as file:
            file.write(tidy_rows(range(1, 11), "A"))
        await viewer.until(lambda: viewer.numbers() == ["step 10   loss 0.1   lr 0.1"])
        assert "following" in viewer.status()
        with path.open("a") as file:
            file.write(tidy_rows(range(1, 21), "B"))
        await viewer.until(lambda: len(viewer.numbers()) == 2)
        tidy_table(path, 3)
        await viewer.until(lambda: viewer.shows("step 3 "))
        path.unlink()
        await viewer.until(lambda: "t.csv is gone" in viewer.status())
        path.write_text("step,loss\n1,0.5\n2,oops\n")
        await viewer.until(lambda: "'oops' is not a number" in viewer.status())
        tidy_table(path, 8)
        await viewer.until(lambda: viewer.shows("step 8 "))


async def test_a_table_that_turns_out_broken_ends_with_a_sentence(tmp_path: Path) -> None:
    path = tidy_table(tmp_path / "t.csv", 5000)
    with path.open("a") as file:
        file.write("A,x\n")
    app = ViewApp([open_recording(path)])
    async with app.run_test() as pilot:
        await until_then(lambda: app.return_code is not None, lambda: "its end", pilot.pause)
    assert app.return_code == 2


async def test_the_screen_stays_alive_while_a_long_table_is_read(tmp_path: Path) -> None:
    path = tidy_table(tmp_path / "t.csv", 100_000)
    app = ViewApp([open_recording(path)], ViewDisplay(fps=30))
    async with app.run_test(size=(80, 24)) as pilot:
        viewer, answered = Viewer(app, pilot), False
        shares: set[str] = set()
        while not app.main_screen.complete:
            await asyncio.sleep(0)
            if viewer.status().startswith("reading"):
                if not shares:
                    app.simulate_key("y")
                shares.add(viewer.status())
            answered = app.main_screen.log_scale
        assert len(shares) > 2
        assert answered, "the key was answered before all was read"
        await viewer.until(lambda: viewer.status() == "step 100,000")


async def test_runs_that_begin_in_a_followed_folder_join_the_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zgtui.tui.view_app.SEARCH_SECONDS", 0.05)

    def metrics(run: str) -> Path:
        (tmp_path / run).mkdir()
        (tmp_path / run / "metrics.csv").write_text("epoch,step,train_loss\n0,9,0.5\n0,19,0.25\n")
        return tmp_path / run

    metrics("version_0")
    opening = Opening([tmp_path], follow=True)
    app = ViewApp(opening.find(), ViewDisplay(fps=30, follow=True), opening)
    async with app.run_test(size=(80, 24)) as pilot:
        viewer = Viewer(app, pilot)
        await viewer.until(lambda: "step 19   loss 0.25" in viewer.text())
        metrics("version_1")
        await viewer.until(lambda: "version_1 0.25" in viewer.text())
        assert "version_0 0.25" in viewer.text()


async def test_two_tables_get_a_verdict_once_they_are_read_and_while_a_replay_stands(
    tmp_path: Path,
) -> None:
    for name, start in (("a", 40), ("b", 45)):
        rows = "".join(f"{step},{start - step * (start - 39) / 2}\n" for step in range(1, 13))
        (tmp_path / f"{name}.csv").write_text(f"step,loss\n{rows}")
    async with viewing(tmp_path / "a.csv", tmp_path / "b.csv", size=(100, 30)) as viewer:
        await viewer.until(lambda: "b.csv ended ahead" in viewer.text())
        assert "from step 3 on" in viewer.text()
        await viewer.press("home")
        await viewer.until(lambda: "ended ahead" not in viewer.text())
        await viewer.press("end")
        await viewer.until(lambda: "b.csv ended ahead" in viewer.text())


async def test_all_curves_share_a_chart_then_their_difference_then_part_again(
    tmp_path: Path,
) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40), size=(100, 30)) as viewer:
        await viewer.press("A")
        await viewer.until(lambda: len(viewer.app.main_screen.panes) == 1)
        await viewer.until(lambda: "⠒⠒ A 0.025   ▀▀ B" in viewer.text())
        (pane,) = viewer.app.main_screen.panes
        assert [curve.label for curve in pane.chart.curves] == ["A", "B"]
        assert len({curve.style for curve in pane.chart.curves}) == 2
        await viewer.press("A")
        await viewer.until(lambda: "A - B" in viewer.text())
        (pane,) = viewer.app.main_screen.panes
        (line,) = pane.chart._lines
        assert line.losses[-1] == loss("A", 40) - loss("B", 40)
        assert pane.chart.zero_line
        await viewer.press("I")
        assert viewer.status().startswith("step 40 · A 0.025 · B ")
        await viewer.press("A")
        await viewer.until(lambda: len(viewer.app.main_screen.panes) == 2)
        assert not viewer.app.main_screen.panes[0].chart.zero_line


async def test_a_curve_alone_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("step,loss\n1,2\n2,1\n")
    async with viewing(path) as viewer:
        await viewer.press("A", "A")
        await viewer.until(lambda: viewer.drawn() == ([1, 2], [2, 1]))


async def test_a_table_of_ours_is_shown_by_epoch_and_samples_too(tmp_path: Path) -> None:
    table = tidy_table(tmp_path / "t.csv", 40)
    told = {"table": table.name, "steps_per_epoch": 8, "samples_per_step": 32}
    table.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    async with viewing(table) as viewer:
        await viewer.press("I", "X")
        assert viewer.status().startswith("step 40 · epoch 5 · A 0.025 · B ")
        await viewer.press("X")
        assert viewer.status().startswith("step 40 · samples 1,280 · A 0.025 · B ")


async def test_a_run_of_lightning_is_shown_by_its_epochs(tmp_path: Path) -> None:
    table = tmp_path / "metrics.csv"
    rows = "".join(f"{step // 10},{step},{loss('A', step + 1)}\n" for step in range(0, 40, 2))
    table.write_text(f"epoch,step,train_loss\n{rows}", encoding="utf-8")
    async with viewing(table) as viewer:
        await viewer.press("I", "X")
        await viewer.until(lambda: viewer.status().startswith("step 38 · epoch 3.8 · "))
        await viewer.until(lambda: "by epoch" in viewer.text())
        await viewer.press("shift+left")
        assert viewer.status().startswith("step 36 · epoch 3.6 · ")
        await viewer.press("X")
        await viewer.until(lambda: "by log step (no column for samples, time)" in viewer.text())
        await viewer.press("X")
        await viewer.until(lambda: "by " not in viewer.text())


async def test_a_trainers_state_is_shown_by_its_epochs(tmp_path: Path) -> None:
    entries = [{"loss": 1 / step, "step": step, "epoch": step / 8} for step in range(1, 21)]
    path = write_trainer_state(tmp_path / "trainer_state.json", entries)
    async with viewing(path) as viewer:
        await viewer.press("I", "X")
        await viewer.until(lambda: viewer.status().startswith("step 20 · epoch 2.5 · "))


async def test_event_files_are_shown_by_time_each_run_by_its_own(tmp_path: Path) -> None:
    for name, pace in (("slow", 30.0), ("fast", 3.0)):
        scalars = [(step, {"loss": loss("A", step)}) for step in range(1, 41)]
        write_events(tmp_path / name, scalars, pace=pace)
    async with viewing(tmp_path / "slow", tmp_path / "fast") as viewer:
        await viewer.press("X")
        await viewer.until(lambda: "steps by time" in viewer.text())
        await viewer.until(lambda: "min" in viewer.text())

        def ends() -> list[int]:
            lines = [line for pane in viewer.app.main_screen.panes for line in pane.chart._lines]
            return sorted(round(max(line.steps)) for line in lines)

        await viewer.until(lambda: ends() == [3 * 39, 30 * 39])


async def test_a_log_of_ours_is_shown_by_the_time_of_its_steps(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", RUNS)
    log.write(Started())
    for run, pace in (("A", 30.0), ("B", 3.0)):
        log.copy(run, [loss(run, step) for step in range(1, 41)])
        log.times(run, array("d", [x for step in (1, 40) for x in (step, 1.7e9 + pace * step)]))
    log.close()
    async with viewing(log.folder) as viewer:
        await viewer.press("I", "X")
        await viewer.until(lambda: "steps by time" in viewer.text())
        assert viewer.status().startswith("step 40 · 19.5 min · ")
        ends = [pane.chart._x_axis.limits.high for pane in viewer.app.main_screen.panes]
        assert ends == [30 * 39] * len(ends), "the axis ends where the longer run does"


async def test_tables_whose_epochs_differ_are_not_shown_by_epoch(tmp_path: Path) -> None:
    for name, pace in (("a", 8), ("b", 5)):
        table = tmp_path / f"{name}.csv"
        table.write_text("step,loss\n" + "".join(f"{step},1\n" for step in range(1, 41)))
        told = {"table": table.name, "steps_per_epoch": pace}
        table.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    async with viewing(tmp_path / "a.csv", tmp_path / "b.csv") as viewer:
        await viewer.press("I", "X")
        assert "epoch" not in viewer.status()
    async with viewing(tmp_path / "a.csv") as viewer:
        await viewer.press("I", "X")
        assert viewer.status().startswith("step 40 · epoch 5 · ")


async def test_the_verdict_and_the_newest_values_shown_can_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, start in (("a, b", 40), ("c", 45)):
        rows = "".join(f"{step},{start - step * (start - 39) / 2}\n" for step in range(1, 31))
        (tmp_path / f"{name}.csv").write_text(f"step,loss\n{rows}")
    copied: list[str] = []

    async def copy_text(_app: ViewApp, text: str) -> None:
        copied.append(text)

    monkeypatch.setattr(ViewApp, "copy_text", copy_text)
    async with viewing(tmp_path / "a, b.csv", tmp_path / "c.csv", size=(100, 30)) as viewer:
        await viewer.until(lambda: "c.csv ended ahead" in viewer.text())
        commands = {
            one.title: one.callback for one in viewer.app.get_system_commands(viewer.app.screen)
        }
        await commands["copy verdict"]()
        await viewer.press("left")
        await commands["copy newest values"]()
    verdict, newest = copied
    assert verdict.startswith("c.csv ended ahead (")
    header, *points = newest.splitlines()
    assert header == "curve,step,value"
    assert len(points) == 40, "the newest twenty of each"
    assert (points[0], points[-1]) == ('"a, b.csv",10,35.0', "c.csv,29,-42.0")


async def test_curves_that_have_no_room_in_a_chart_are_counted(tmp_path: Path) -> None:
    tables = [tidy_table(tmp_path / f"{name}.csv", 20) for name in "abcdefgh"]
    async with viewing(*tables) as viewer:

        def titles() -> list[str]:
            return [str(pane.border_title) for pane in viewer.app.main_screen.panes]

        await viewer.until(lambda: titles() == ["A  6 of 8 curves", "B  6 of 8 curves"])
        await viewer.press("A")
        await viewer.until(lambda: titles() == ["A and B  6 of 16 curves"])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("n", "This is the last step: space replays from the first one."),
        (["right"], "This is the last step: space replays from the first one."),
        (["home", "b"], "This is the first step."),
        (["home", "left"], "This is the first step."),
        (",", "All steps are already shown."),
        ("(", "All steps are shown: . zooms in."),
        (".(((((", "There are no earlier steps."),
        (".)", "There are no later steps."),
        (".........", "Fewer steps cannot be shown."),
        ("0", "No spike is cut off now; from now on loss axes show each spike."),
        ("00", "No spike is cut off now; from now on loss axes leave out spikes."),
    ],
)
async def test_a_key_that_can_do_no_more_says_so(
    tmp_path: Path, keys: Sequence[str], said: str
) -> None:
    async with viewing(tidy_table(tmp_path / "losses.csv", 40)) as viewer:
        told = noted(viewer.app)
        await viewer.press(*keys)
        await viewer.until(lambda: told[-1:] == [said])


async def test_a_key_that_does_something_says_nothing(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "losses.csv", 40)) as viewer:
        told = noted(viewer.app)
        await viewer.press(*".(),", "home", "n", "right", "b", "left", "end", "b", "space")
        assert told == []


@pytest.mark.parametrize(("names", "said"), [
    (("loss_A", "loss_B"), ("", "spikes cut off (0 shows all)")),
    (("train_loss", "loss_adam"), ("own loss axis", "spikes cut off · own axis")),
])  # fmt: skip
async def test_charts_of_losses_share_their_axis_or_say_that_they_do_not(
    tmp_path: Path, names: tuple[str, str], said: tuple[str, str]
) -> None:
    table = tmp_path / "spike.csv"
    losses = [(3.9 if step < 5 else 1.0, 2.9 if step != 50 else 40.0) for step in range(1, 101)]
    rows = [f"{step},{a},{b}\n" for step, (a, b) in enumerate(losses, 1)]
    table.write_text(f"step,{','.join(names)}\n" + "".join(rows))
    async with viewing(table) as viewer:
        a, b = viewer.app.main_screen.panes
        assert (a.chart.scale.limits == b.chart.scale.limits) is (not said[0])
        assert (a.noted, b.noted) == said
