"""The screen of a script's two runs, on a comparison that does what each test says."""

from __future__ import annotations

import os
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widgets import OptionList

from tests.support.tables import read_table
from tests.tui.footer import by_footer
from tests.tui.scripts_stage import ScriptStage, checkpoint, failed, running_scripts
from zgtui.config.settings import RUNS
from zgtui.errors import LogError
from zgtui.instrument.protocol import RANKS
from zgtui.launch.command import ScriptOptions
from zgtui.launch.process import Ending
from zgtui.runlog import events
from zgtui.runlog.times import times_path, to_bytes
from zgtui.tui.keys import bindings, hidden_bindings, presses
from zgtui.tui.model.base import StepRate
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.dialogs import ExportDialog, PictureDialog
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.screens.run_screen import duration
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.tui.widgets.output_pane import OutputPane, readable

RUN_KEYS = bindings("run")
Effect = Callable[[ScriptStage], Awaitable[None]]


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def asks(*calls: tuple[object, ...]) -> Effect:
    async def check(stage: ScriptStage) -> None:
        await stage.until(lambda: stage.fake.calls == list(calls), f"{calls}")

    return check


def opens(kind: type) -> Effect:
    async def check(stage: ScriptStage) -> None:
        await stage.until(lambda: type(stage.app.screen) is kind, f"{kind}")

    return check


def draws(name: str, value: object) -> Effect:
    async def check(stage: ScriptStage) -> None:
        await stage.until(
            lambda: [getattr(stage.chart(run), name) for run in ("A", "B")] == [value, value]
        )

    return check


async def shows_the_output(stage: ScriptStage) -> None:
    await stage.shows("output of A", "output of B")


async def says_there_is_one_curve(stage: ScriptStage) -> None:
    await stage.until(lambda: any("There is only one curve" in told for told in stage.told))


async def says_there_is_no_step(stage: ScriptStage) -> None:
    await stage.until(lambda: "There is no step to look at yet." in stage.told)


def shows_steps(kind: str) -> Effect:
    async def check(stage: ScriptStage) -> None:
        await stage.until(lambda: stage.screen.shown.kind == kind, kind)

    return check


async def counts_anew(stage: ScriptStage) -> None:
    await stage.until(lambda: stage.screen.step_axis.name == "log step", "another axis")


async def smooths(stage: ScriptStage) -> None:
    await stage.until(lambda: stage.screen.strength is not None, "a strength")


async def changes_nothing(stage: ScriptStage) -> None:
    assert stage.fake.calls == []


async def saves_a_picture(stage: ScriptStage) -> None:
    await stage.until(lambda: list(Path.cwd().glob("zgtui-*.svg")), "a picture")


async def moves_the_focus(stage: ScriptStage) -> None:
    await stage.until(lambda: stage.screen.focused_run == "A", "the focus on A")


async def starts_again(stage: ScriptStage) -> None:
    await stage.until(lambda: stage.fake.starts == 2, "a second start")
    assert stage.fake.calls == [("stop",), ("restart",)]


async def leaves(stage: ScriptStage) -> None:
    await stage.until(lambda: stage.app._exit, "the app left")
    assert stage.fake.calls == [("stop",)]
    assert stage.app.return_code == 0


async def gives_each_chart_its_axis(stage: ScriptStage) -> None:
    await stage.until(
        lambda: stage.chart("A").scale is not stage.chart("B").scale, "an axis for each"
    )


def gives_a(columns: int) -> Effect:
    async def check(stage: ScriptStage) -> None:
        pane = stage.screen.pane("A")
        await stage.until(lambda: pane.outer_size.width == columns, f"{columns} columns for A")

    return check


async def says_there_is_no_border(stage: ScriptStage) -> None:
    await stage.until(lambda: "There is no border here that moves that way." in stage.told)


async def draws_one_chart(stage: ScriptStage) -> None:
    await stage.until(lambda: not stage.chart("B").display, "one chart")
    assert len(stage.chart("A").curves) == 2


EFFECTS: dict[str, Effect] = {
    "pause": asks(("set_running", False)),
    "step": asks(("set_running", False)),
    "toggle-clearing": asks(("set_policy", "B", "every")),
    "toggle-both": asks(("set_policy", "A", "never"), ("set_policy", "B", "every")),
    "lr-down": asks(("scale_lr", "A", 0.7943), ("scale_lr", "B", 0.7943)),
    "lr-up": asks(("scale_lr", "A", 1.259), ("scale_lr", "B", 1.259)),
    "run-lr-down": asks(("scale_lr", "B", 0.7943)),
    "run-lr-up": asks(("scale_lr", "B", 1.259)),
    "curve": says_there_is_one_curve,
    "output": shows_the_output,
    "restart": starts_again,
    "log-scale": draws("log_scale", value=True),
    "together": draws_one_chart,
    "own-axes": gives_each_chart_its_axis,
    "show-all": draws("show_all", value=True),
    "marker": draws("marker", "hd"),
    "border-left": gives_a(36),
    "border-right": gives_a(44),
    "border-up": says_there_is_no_border,
    "border-down": says_there_is_no_border,
    "grid": draws("grid", value=False),
    "crosshair": says_there_is_no_step,
    "forward": says_there_is_no_step,
    "backward": says_there_is_no_step,
    "nudge-forward": says_there_is_no_step,
    "nudge-back": says_there_is_no_step,
    "close": changes_nothing,
    "up": changes_nothing,
    "down": changes_nothing,
    "step-axis": counts_anew,
    "smooth": smooths,
    "smooth-less": smooths,
    "smooth-more": smooths,
    "zoom-in": shows_steps("window"),
    "zoom-out": shows_steps("run"),
    "pan-back": shows_steps("run"),
    "pan-forward": shows_steps("run"),
    "follow": shows_steps("tail"),
    "zoom-losses-in": changes_nothing,
    "zoom-losses-out": changes_nothing,
    "export": opens(ExportDialog),
    "picture": opens(PictureDialog),
    "save-svg": saves_a_picture,
    "focus-next": moves_the_focus,
    "help": opens(HelpScreen),
    "quit": leaves,
}


async def by_key(stage: ScriptStage, binding: Binding) -> None:
    await stage.press(binding.key.split(",")[0])


async def by_help(stage: ScriptStage, binding: Binding) -> None:
    stage.app.action_help()
    await stage.until(lambda: stage.app.screen.query(OptionList), "help")
    keys = stage.app.screen.query_one(OptionList)
    keys.highlighted = keys.get_option_index(binding.action)
    await stage.press("enter")


@pytest.mark.parametrize(
    ("way", "binding"),
    [
        pytest.param(way, binding, id=f"{binding.id}-{way.__name__}")
        for binding in RUN_KEYS
        for way in (by_key, by_footer, by_help)
        # That each key of a list has its line in the help is proved with the app's own keys.
        if way is by_key or (way is by_footer and binding.show) or binding.id == "output"
    ],
)
async def test_every_way_to_a_key_does_what_the_key_does(
    tmp_path: Path, way: Callable[[ScriptStage, Binding], Awaitable[None]], binding: Binding
) -> None:
    async with running_scripts(tmp_path) as stage:
        await way(stage, binding)
        await EFFECTS[str(binding.id)](stage)


async def test_every_key_has_a_name_and_the_footer_fits_80_columns(tmp_path: Path) -> None:
    assert set(EFFECTS) == {binding.id for binding in RUN_KEYS}
    keys = [key for binding in [*RUN_KEYS, *hidden_bindings()] for key in presses(binding)]
    assert len(set(keys)) == len(keys)
    assert all(binding.tooltip and binding.description for binding in RUN_KEYS)
    async with running_scripts(tmp_path) as stage:
        shown = {one.key.action for one in stage.screen.query_one(KeyFooter).placed}
        assert shown == {binding.action for binding in RUN_KEYS if binding.show}
        titles = [one.title for one in stage.app.get_system_commands(stage.app.screen)]
        assert {binding.description for binding in RUN_KEYS} <= set(titles)


async def test_both_curves_their_state_and_how_far_they_are(tmp_path: Path) -> None:
    options = ScriptOptions(script="train.py", module=True, steps=400)
    async with running_scripts(tmp_path, options, size=(100, 24)) as stage:
        stage.fake.train("A", [4.0, 3.0, 2.5])
        stage.fake.train("B", [4.0, 9.0, float("nan")])
        await stage.shows(
            "A  zero_grad() every step", "B  zero_grad() never", "loss 2.5", "training",
            "diverged at step 3", "same first loss", "A step 3 of 400 · B step 3 of 400",
        )  # fmt: skip
        assert stage.chart("A").planned == 400
        stage.fake.train("A", [2.0, 2.0])
        await stage.shows("A step 5 of 400")
        assert stage.chart("A").curves[0].source.steps == 5


async def test_different_first_losses_are_told(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(120, 24)) as stage:
        stage.fake.train("A", [4.0])
        stage.fake.train("B", [4.5])
        await stage.shows("different first losses")


async def test_z_means_the_focused_run_and_comes_back_to_what_it_began_with(
    tmp_path: Path,
) -> None:
    options = ScriptOptions(script="train.py", module=True, policies={"A": "as-is", "B": "never"})
    async with running_scripts(tmp_path, options) as stage:
        stage.fake.train("B", [4.0, 3.0])
        await stage.press("z", "z", "tab", "z", "z")
        assert stage.fake.calls == [
            ("set_policy", "B", "every"),
            ("set_policy", "B", "never"),
            ("set_policy", "A", "never"),
            ("set_policy", "A", "as-is"),
        ]
        await stage.until(lambda: stage.chart("B").marks, "marks")
        assert [(m.step, m.label) for m in stage.chart("B").marks] == [
            (3, "zero_grad every"),
            (3, "zero_grad never"),
        ]


async def test_paused_scripts_take_single_steps(tmp_path: Path) -> None:
    async with running_scripts(tmp_path) as stage:
        await stage.press("space")
        await stage.shows("paused · A step 0 · B step 0")
        await stage.press("n", "n", "space")
        assert stage.fake.calls == [
            ("set_running", False), ("step",), ("step",), ("set_running", True),
        ]  # fmt: skip


async def test_the_losses_of_each_backward_are_a_curve_of_their_own(tmp_path: Path) -> None:
    async with running_scripts(tmp_path) as stage:
        fake = stage.fake
        for run in ("A", "B"):
            for number, line in ((1, 15), (2, 22)):
                name = f"{run}.{number}"
                fake.tell(events.SeriesFound(run, name, "/x/gan.py", line, "main", number))
                fake.train(name, [float(line)] * 2, steps=[number, number + 2])
            fake.train(run, [15.0, 22.0, 15.0, 22.0])
        await stage.until(lambda: len(stage.app.live.runs["B"].series.curves) == 2, "two curves")
        await stage.shows("gan.py:15 15", "gan.py:22 22")
        chart = stage.chart("B")
        await stage.until(
            lambda: [one.label for one in chart.curves] == ["gan.py:15", "gan.py:22"], "its curves"
        )
        assert chart.curves[0].source.points(80, 1, 9) == ([1.0, 3.0], [15.0, 15.0])
        await stage.press("C")
        await stage.shows("loss 22 ")
        await stage.press("C")
        await stage.shows("· gan.py:15", "loss 15")
        await stage.press("C")
        await stage.shows("· gan.py:22", "loss 22")
        await stage.until(lambda: chart.curves[0].source.steps == 4, "both losses together")
        await stage.press("C")
        await stage.shows("gan.py:15 15", "gan.py:22 22")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_the_charts_keep_the_larger_part_beside_the_output(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running_scripts(tmp_path / "log", size=size) as stage:
        for name in RUNS:
            stage.fake.runs[name].output.write_text("a line\n" * 50)
        await stage.press("O")
        await shows_the_output(stage)
        outputs = stage.screen.query_one("#outputs").size.height
        assert outputs >= 8
        assert stage.screen.query_one("#panes").size.height > outputs


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 50)])
async def test_output_that_is_empty_leaves_its_rows_to_the_charts(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running_scripts(tmp_path / "log", size=size) as stage:
        await stage.press("O")
        await stage.shows("printed nothing yet")
        for name in RUNS:
            stage.fake.train(name, [1.0 / step for step in range(1, 31)])
            stage.fake.end(name, Ending(0, "the script ended after 30 steps"))
        await stage.shows("printed nothing (exit code 0)", "A step 30 · B step 30")
        outputs = stage.screen.query_one("#outputs")
        await stage.until(lambda: outputs.size.height == 3, "a row between two borders")
        assert stage.chart("A").size.height >= 8, stage.text
        stage.fake.runs["B"].output.write_text("at last\n")
        await stage.until(lambda: outputs.size.height == 4, "room for what is printed")
        stage.fake.runs["A"].output.write_text("a line\n" * 50)
        await stage.until(lambda: outputs.size.height >= 8, "room for more")
        assert stage.chart("A").size.height >= 6, stage.text


async def test_the_border_above_output_that_is_empty_goes_back_as_far_as_it_went(
    tmp_path: Path,
) -> None:
    async with running_scripts(tmp_path, size=(120, 40)) as stage:
        await stage.press("O")
        outputs = stage.screen.query_one("#outputs")
        await stage.until(lambda: outputs.size.height == 3, "a row between two borders")
        for key, rows in zip("UUDD", (4, 5, 4, 3), strict=True):
            await stage.press(key)
            await stage.until(lambda rows=rows: outputs.size.height == rows, f"{rows} rows")  # type: ignore[misc]


async def test_output_tells_an_exit_code_once(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 40)) as stage:
        stage.fake.end("A", Ending(3, "the script ended with exit code 3 after 16 steps"))
        stage.fake.end("B", failed(tmp_path / "t.py"))
        await stage.shows("── ended with exit code 3 after 16 steps ", "t.py:12 (exit code 1)")
        assert "(exit code 3)" not in stage.text


@pytest.mark.parametrize("printed", ["", "a line\n"])
async def test_a_narrow_screen_shows_no_output_that_is_empty(tmp_path: Path, printed: str) -> None:
    async with running_scripts(tmp_path, size=(60, 24)) as stage:
        stage.fake.runs["A"].output.write_text(printed)
        for name in RUNS:
            stage.fake.end(name, Ending(0, "the script ended after 3 steps"))
        await stage.shows("finished")
        assert ("output of A" in stage.text) is bool(printed)
        await stage.press(*([] if printed else ["O"]))
        await shows_the_output(stage)
        empty = stage.screen.query_one("#output-B", OutputPane)
        await stage.until(lambda: empty.outer_size.height == 3, "a row between two borders")


async def test_output_is_shown_and_can_do_nothing(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(100, 30)) as stage:
        stage.fake.runs["A"].output.write_bytes(
            b"\x1b[31mred\x1b[0m [bold]\n 10%\r 20%\r\n\x1b[2J\x1b]0;evil\x07\xff\n"
        )
        await stage.press("O")
        await stage.shows("red [bold]", " 20%", "␛[2J␛]0;evil␇")
        assert "10%" not in stage.text
        await stage.press("O")
        await stage.until(lambda: "red" not in stage.text, "the output gone")


@pytest.mark.parametrize("code", [*range(32), 0x7F, 0x9B, 0x202E])
def test_no_control_character_reaches_the_terminal(code: int) -> None:
    shown = readable(f"a{chr(code)}b")
    assert shown.replace("\n", "").isprintable()
    assert shown[-1] == "b"


async def test_the_end_of_both_is_told_with_frames_files_and_exit_codes(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 40)) as stage:
        stage.fake.train("A", [1.0, 2.0, 3.0])
        checkpoint(stage.fake.runs["B"])
        stage.fake.end("A", failed(tmp_path / "t.py"))
        await stage.shows("failed after 3 steps: ValueError: brittle at t.py:12")
        assert "output of A" not in stage.text, "not before both have ended"
        stage.fake.end("B", Ending(0, "the script ended after 9 steps", (), ("metrics.json",)))
        await stage.shows(
            "(exit code 1)", "t.py:12 in main: loss = criterion(out)", "(exit code 0)",
            "checkpoints, redirected to", "best.pt", "other files written", "metrics.json",
            "A failed · A step 3 · B step 0", "your script",
        )  # fmt: skip
        await stage.press("z", "space")
        await stage.until(lambda: any("Run B has ended" in told for told in stage.told))
        assert not stage.fake.calls
        await stage.press("q")
        await stage.until(lambda: stage.app._exit, "the app left")
        assert stage.app.return_code == 1


async def test_scripts_that_both_failed_have_not_finished(tmp_path: Path) -> None:
    async with running_scripts(tmp_path) as stage:
        for name in RUNS:
            said = "the script failed before its first step: RuntimeError: no data at t.py:2"
            stage.fake.end(name, Ending(1, said))
        await stage.shows(" failed · A step 0 · B step 0", "output of A")
        assert "finished" not in stage.text


async def test_the_second_run_is_expected_to_take_the_steps_of_the_first(tmp_path: Path) -> None:
    options = ScriptOptions(script="train.py", module=True, sequential=True)
    async with running_scripts(tmp_path, options) as stage:
        await stage.shows("waiting for the other run to end")
        stage.fake.train("A", [1.0] * 50)
        await stage.shows("A step 50")
        stage.fake.end("A", Ending(0, "the script ended after 50 steps"))
        stage.fake.train("B", [1.0] * 10)
        await stage.shows("B step 10 of 50")
        await stage.until(lambda: stage.chart("B").planned == 50, "room for all of them")


async def test_at_their_end_both_axes_end_where_the_longer_run_did(tmp_path: Path) -> None:
    options = ScriptOptions(script="train.py", module=True, steps=400)
    async with running_scripts(tmp_path, options) as stage:
        for name, steps in (("A", 137), ("B", 13)):
            stage.fake.train(name, [1.0] * steps)
            times = times_path(stage.fake.log, name)
            times.write_bytes(to_bytes(array("d", (1, 1.7e9, steps, 1.7e9 + steps / 10))))
            await stage.shows(f"{name} step {steps} of 400")
        await stage.press("X")
        await stage.shows("steps by time")

        def ends() -> list[float]:
            return [stage.chart(name)._x_axis.limits.high for name in RUNS]

        await stage.until(lambda: ends() == [20, 20], "a round number while they go on")
        for name in RUNS:
            stage.fake.end(name, failed(tmp_path / "t.py"))
        await stage.until(lambda: ends() == pytest.approx([13.7] * 2), "the end of A")
        await stage.press("X", "X")
        await stage.until(lambda: ends() == [137, 137], "its last step")


async def test_scripts_that_cannot_be_started_again_stay_as_they_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise LogError("there is no room for another log")

    async with running_scripts(tmp_path) as stage:
        stage.fake.train("A", [3.0])
        await stage.shows("loss 3")
        monkeypatch.setattr(stage.fake, "restart", refuse)
        await stage.press("r")
        await stage.until(lambda: "there is no room for another log" in stage.told, "why")
        await stage.shows("finished", "A step 1")


async def test_a_comparison_that_cannot_go_on_says_why_in_place_of_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_scripts(tmp_path) as stage:

        def fail() -> None:
            os.read(stage.fake._read, 4096)
            raise LogError("the log is gone")

        monkeypatch.setattr(stage.fake, "poll", fail)
        os.write(stage.fake._write, b"x")
        await stage.until(lambda: stage.app.live.phase == "failed", "the failure")
        assert "the log is gone" in stage.told
        await stage.until(lambda: "the log is gone" in stage.text.splitlines()[0], "it in the bar")


async def test_a_restart_begins_with_empty_charts(tmp_path: Path) -> None:
    async with running_scripts(tmp_path) as stage:
        stage.fake.train("A", [1.0, 2.0])
        await stage.shows("A step 2")
        await stage.press("+", "r")
        await stage.until(lambda: stage.fake.starts == 2, "a second start")
        stage.fake.connect()
        await stage.shows("A step 0", "no steps yet", "lr script's own")
        assert stage.chart("A").marks == ()
        stage.fake.train("A", [7.0])
        await stage.shows("loss 7")


async def test_an_export_holds_the_losses_of_both(tmp_path: Path) -> None:
    async with running_scripts(tmp_path) as stage:
        stage.fake.train("A", [1.0, 2.0, 3.0])
        stage.fake.train("B", [1.0, 4.0])
        await stage.press("e")
        await stage.shows("export the loss table")
        await stage.press("enter")
        await stage.until((tmp_path / "losses.json").exists, "a table")
    table = read_table(tmp_path / "losses.csv")
    assert list(table.series["A"].losses) == [1.0, 2.0, 3.0]
    assert list(table.series["B"].losses) == [1.0, 4.0]


async def test_out_is_kept_up_to_date_and_complete_at_the_end(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, out=tmp_path / "kept.csv") as stage:
        stage.fake.train("A", [1.0, 2.0])
        await stage.until((tmp_path / "kept.csv").exists, "the table")
        stage.fake.train("A", [3.0])
        await stage.press("q")
        await stage.until(lambda: stage.app._exit, "the app left")
    assert list(read_table(tmp_path / "kept.csv").series["A"].losses) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("size", [(30, 8), (60, 20), (80, 24), (160, 50)])
async def test_ascii_alone_at_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    display = Display(fps=30, marker="ascii", ascii_only=True)
    async with running_scripts(tmp_path, display=display, size=size) as stage:
        stage.fake.train("A", [1.0, 2.0])
        stage.fake.runs["A"].output.write_text("größer ␛\n", encoding="utf-8")
        await stage.press("O")
        await stage.shows("2")
        await stage.pilot.pause(0.1)
        assert stage.text.isascii(), stage.text


async def test_what_the_observation_says_is_told(tmp_path: Path) -> None:
    async with running_scripts(tmp_path) as stage:
        stage.fake.tell(events.ObservationOff("B", "observation of this script is off: a [reason]"))
        await stage.until(lambda: any("is off: a" in told for told in stage.told), "the reason")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_how_the_script_clears_stands_below_the_charts(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    habit = {
        "optimizer": "SGD",
        "outcome": "late",
        "period": 1,
        "backwards": 1,
        "zero_grad": True,
    }
    async with running_scripts(tmp_path, size=size) as stage:
        assert "your script" not in stage.text
        run = stage.fake.runs["A"]
        run.seen = events.ClearingSeen("A", 12, [habit], looked=12)
        stage.fake.tell(run.seen)
        await stage.shows("your script clears its gradients between backward() and step()")
        await stage.shows("seen in", "12 steps)", "loss")


def adam(line: int, steps: int, *lrs: float) -> dict[str, object]:
    name = f"Adam (line {line})"
    facts = {"optimizer": name, "made": 1, "steps": steps, "skipped": 0}
    return {**facts, "lrs": list(lrs), "moves": any(lrs)}


async def test_the_steps_and_the_present_rates_of_all_optimizers_are_told(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 30)) as stage:
        made = [adam(12, 500, 0.01, 0.001), adam(13, 250, 0.01)]
        stage.fake.runs["A"].training = events.TrainingSeen("A", 750, 750, 0, made)
        stage.fake.train("A", [1.0, 2.0])
        await stage.shows("lr 0.01, 0.001 · 0.01", "steps Adam:12 500 · Adam:13 250")


async def test_runs_that_differ_where_they_must_not_are_told(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 30)) as stage:
        for run, last in zip(RUNS, (0.5, 0.25), strict=True):
            stage.fake.runs[run].policy = "as-is"
            stage.fake.train(run, [1.0, 1.0, last])
        await stage.shows("A and B were trained identically but differ from step 3 on")


async def test_runs_that_are_bit_equal_are_said_to_be_so_and_why(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 30)) as stage:
        for run in ("A", "B"):
            stage.fake.runs[run].training = events.TrainingSeen(run, 4, 4, 0, [adam(9, 4, 0.0)])
            stage.fake.train(run, [1.0, 1.0, 1.0, float("nan")])
        await stage.shows("A and B are bit-equal in the first 4 steps")
        await stage.shows("the learning rate of Adam (line 9) was 0 in every step")
        stage.fake.train("A", [1.0])
        stage.fake.train("B", [2.0])
        await stage.until(lambda: "bit-equal" not in stage.text, "the verdict on what differs")


async def test_each_curve_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 50)) as stage:
        for run, end in (("A", 1.0), ("B", 3.0)):
            for number, name in ((1, "loss_d"), (2, "loss_g")):
                series = f"{run}.{number}"
                found = events.SeriesFound(run, series, "/x/gan.py", number, "main", number, name)
                stage.fake.tell(found)
                stage.fake.train(series, [2.0, end * number] * 8, steps=range(number, 32, 2))
            stage.fake.train(run, [2.0, 2.0, end, 2 * end] * 8)
        means = "loss_d 1.5 against 2.5, loss_g 2 against 4 (means of the newest 4 steps)."
        await stage.shows(f"A's losses are lower so far: {means}")


@pytest.mark.parametrize("curves", [1, 2, 3, 5])
async def test_charts_of_several_losses_keep_their_axes_beside_the_output(
    tmp_path: Path, curves: int
) -> None:
    async with running_scripts(tmp_path, size=(80, 24)) as stage:
        for run in RUNS:
            stage.fake.runs[run].training = events.TrainingSeen(
                run, 40, 40, 40, [adam(line, 40, line / 100) for line in range(1, curves + 1)]
            )
            stage.fake.runs[run].output.write_text("a line of output\n" * 50)
            for line in range(1, curves + 1):
                series, name = f"{run}.{line}", f"loss_{line}"
                found = events.SeriesFound(run, series, "/x/gan.py", line, "main", line, name)
                stage.fake.tell(found)
                stage.fake.train(series, [2.0, 1.0] * 8, steps=range(line, 16 * curves + 1, curves))
            stage.fake.train(run, [2.0] * 16 * curves)
        await stage.until(lambda: stage.text.count("step") >= 4, "what was trained")
        for run in RUNS:
            stage.fake.end(run, Ending(0, f"the script ended after {16 * curves} steps"))
        await shows_the_output(stage)
        await stage.shows("finished", "a line of output")
        for run in RUNS:
            await stage.until(lambda run=run: stage.chart(run)._canvas.x > 0, "a loss axis")  # type: ignore[misc]
            chart = stage.chart(run)
            assert chart._canvas.height == chart.size.height - 2, "a step axis and its labels"
            assert chart.size.height >= 6


async def test_a_loop_without_losses_is_told(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 30)) as stage:
        made = [adam(9, 40, 0.1)]
        stage.fake.runs["A"].training = events.TrainingSeen("A", 0, 0, 40, made)
        await stage.shows("your script never called backward() so far: its 40 optimizer steps")


async def test_several_nodes_are_told_and_change_nothing_by_a_key(tmp_path: Path) -> None:
    async with running_scripts(tmp_path, size=(160, 30)) as stage:
        for run in stage.fake.runs.values():
            run.meeting = "all 2 nodes to join at host0:29400"
        await stage.shows("waiting for all 2 nodes to join at host0:29400")
        for run in stage.fake.runs.values():
            (run.folder / RANKS).touch()
            run.rank, run.world, run.local_world = 2, 4, 2
        stage.fake.connect()
        for name in ("A", "B"):
            stage.fake.train(name, [2.0, 1.0, 3.0])
        await stage.shows("rank 2 of 4", "the losses are those of rank 2 of 4")
        for key in ("z", "plus"):
            await stage.press(key)
            await stage.until(lambda: any("only receives its own keys" in s for s in stage.told))
            stage.told.clear()
        assert stage.fake.calls == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0 s"), (99.0, "99 s"), (150.0, "2 min"), (3590.0, "1 h 0 min"), (7500.0, "2 h 5 min")],
)
def test_a_time_is_told_in_its_own_unit(seconds: float, words: str) -> None:
    assert duration(seconds) == words


class Steady(StepRate):
    """So many steps a second."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    @property
    def value(self) -> float:
        return self._rate


async def test_the_time_that_is_left_is_that_of_the_slower_run(tmp_path: Path) -> None:
    options = ScriptOptions(script="train.py", module=True, steps=400)
    async with running_scripts(tmp_path, options, size=(100, 24)) as stage:
        for run in ("A", "B"):
            stage.fake.train(run, [1.0] * 100)
        live = stage.app.live
        await stage.until(lambda: [live.steps(run) for run in RUNS] == [100, 100])
        assert "left" not in stage.text, "while it is not known how fast one is"
        live.runs["A"].rate, live.runs["B"].rate = Steady(10.0), Steady(2.0)
        await stage.shows("A step 100 of 400 · B step 100 of 400 · 2 min left")
