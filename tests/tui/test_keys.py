"""Every key of the main screen, by each of the ways in which it can be reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.widgets import Input, OptionList

from tests.tui.footer import by_footer
from tests.tui.stage import Stage, running_app
from zgtui.charts.axes import Limits
from zgtui.config.settings import EVERY, NEVER
from zgtui.tui.app import ZgtuiApp
from zgtui.tui.keys import bindings, hidden_bindings, presses
from zgtui.tui.screens.dialogs import (
    ChoiceDialog,
    ExportDialog,
    PictureDialog,
    ScriptDialog,
    TextDialog,
)
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.screens.questions import HyperDialog
from zgtui.tui.screens.tried_screen import TriedScreen
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.worker.protocol import (
    Command,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    StepBack,
    Sync,
)

KEYS = bindings("train")

Effect = Callable[[Stage, int], Awaitable[None]]
"""Waits until a key has done its work; the number is of the commands sent before."""


def sends(*commands: Command) -> Effect:
    async def check(stage: Stage, before: int) -> None:
        await stage.until(lambda: stage.since(before) == list(commands), f"{commands}")

    return check


def opens(kind: type) -> Effect:
    async def check(stage: Stage, before: int) -> None:
        await stage.until(lambda: type(stage.app.screen) is kind, f"{kind}")
        assert stage.since(before) == []

    return check


def draws(name: str, value: object) -> Effect:
    async def check(stage: Stage, before: int) -> None:
        await stage.until(
            lambda: [getattr(stage.chart(run), name) for run in ("A", "B")] == [value, value],
            f"{name} {value}",
        )
        assert stage.since(before) == []

    return check


def tells(sentence: str) -> Effect:
    async def check(stage: Stage, before: int) -> None:
        await stage.tells(sentence)
        assert stage.since(before) == []

    return check


async def restarts_alike(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.since(before), "a start")
    (command,) = stage.since(before)
    assert isinstance(command, Start)
    assert command.settings.seed == 42


async def restarts_elsewhere(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.since(before), "a start")
    (command,) = stage.since(before)
    assert isinstance(command, Start)
    assert command.settings.seed != 42


async def begins_again(stage: Stage, before: int) -> None:
    await stage.until(lambda: len(stage.since(before)) == 2, "a start, then training")
    start, go = stage.since(before)
    assert start == Start(stage.worker.filled, running=False)
    assert go == SetRunning(running=True)


def shows_alone(panel: str) -> Effect:
    async def check(stage: Stage, before: int) -> None:
        panels = ("#notes", "#code", "#gradients")
        await stage.until(
            lambda: [one for one in panels if stage.screen.query_one(one).display] == [panel],
            f"{panel} alone",
        )
        assert stage.since(before) == []

    return check


def resizes(pane: str, direction: str, by: int) -> Effect:
    """The pane has so many columns or rows more than on a screen of 80 by 24 at first."""

    async def check(stage: Stage, before: int) -> None:
        usual = 40 if direction == "width" else 7
        size = stage.screen.query_one(pane).outer_size
        await stage.until(
            lambda: getattr(stage.screen.query_one(pane).outer_size, direction) == usual + by,
            f"a {direction} other than that of {size}",
        )
        assert stage.since(before) == []

    return check


async def draws_theory(stage: Stage, before: int) -> None:
    await stage.until(
        lambda: all(stage.chart(run).curves[-1].dotted for run in ("A", "B")), "dotted curves"
    )
    assert stage.since(before) == []


async def shows_the_map(stage: Stage, _before: int) -> None:
    await stage.shows("lr·λ from 0 to 5", "Enter opens it")


async def asks_for_guesses(stage: Stage, before: int) -> None:
    await stage.shows("what will run A do?")
    assert stage.since(before) == [], "nothing is restarted before both guesses are made"


async def copies_a_script(stage: Stage, before: int) -> None:
    await stage.until(lambda: type(stage.app.screen) is ScriptDialog, "the dialog")
    assert "optimizer.zero_grad()" in stage.app.clipboard
    sent = f"Sent {len(stage.app.clipboard):,} characters to the terminal"
    await stage.shows(sent)
    assert stage.app.screen.query_one(Input).value.endswith("reproduce.py")
    assert stage.since(before) == [Sync()]


async def presents(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.app.theme == "zgtui-contrast-dark", "high contrast")
    await draws("marker", "hd")(stage, before)


async def saves_a_picture(stage: Stage, before: int) -> None:
    await stage.tells("Saved")
    (picture,) = Path.cwd().glob("zgtui-*.svg")
    assert str(picture) in stage.told[-1]
    assert "zero_grad()" in picture.read_text(encoding="utf-8").replace("&#160;", " ")


async def moves_the_focus(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.screen.focused_run == "A", "the focus on A")


async def changes_nothing(stage: Stage, before: int) -> None:
    await stage.shows("explanation", "training loop")
    assert stage.since(before) == []


async def leaves(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.worker.stopped, "the worker ended in order")
    await stage.until(lambda: stage.app._exit, "the app left")
    assert stage.app.return_code == 0


async def gives_each_chart_its_axis(stage: Stage, before: int) -> None:
    await stage.until(
        lambda: stage.chart("A").scale is not stage.chart("B").scale, "an axis for each"
    )
    assert stage.since(before) == []


async def draws_one_chart(stage: Stage, before: int) -> None:
    await stage.until(lambda: not stage.chart("B").display, "one chart")
    assert len(stage.chart("A").curves) == 2
    assert stage.since(before) == []


async def counts_anew(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.screen.step_axis.name != "step", "another axis")
    assert stage.since(before) == []


async def smooths(stage: Stage, before: int) -> None:
    await stage.shows("smoothed 0.9")
    assert stage.since(before) == []


async def shows_the_tail(stage: Stage, before: int) -> None:
    await stage.until(lambda: stage.screen.shown.kind == "tail", "the newest steps")
    assert stage.since(before) == []


async def zooms_the_losses(stage: Stage, before: int) -> None:
    await stage.shows("loss axis zoomed")
    assert stage.since(before) == []


EFFECTS: dict[str, Effect] = {
    "pause": sends(SetRunning(running=False)),
    "step": sends(SetRunning(running=False)),
    "toggle-clearing": sends(SetClearing("B", EVERY)),
    "toggle-both": sends(SetClearing("A", NEVER), SetClearing("B", EVERY)),
    "lr-down": sends(SetLr("A", 0.07943), SetLr("B", 0.07943)),
    "lr-up": sends(SetLr("A", 0.1259), SetLr("B", 0.1259)),
    "run-lr-down": sends(SetLr("B", 0.07943)),
    "run-lr-up": sends(SetLr("B", 0.1259)),
    "type-lr": opens(TextDialog),
    "restart": restarts_alike,
    "new-seed": restarts_elsewhere,
    "continue": sends(SetLimit(0), SetRunning(running=True)),
    "step-back": sends(StepBack(2)),
    "undo": tells("Nothing to undo: no key has changed a run since step 0."),
    "replay": begins_again,
    "policy": opens(TextDialog),
    "experiment": opens(ChoiceDialog),
    "optimizer": opens(HyperDialog),
    "picture": opens(PictureDialog),
    "explanation": shows_alone("#notes"),
    "code": shows_alone("#code"),
    "gradients": shows_alone("#gradients"),
    "theory": draws_theory,
    "map": shows_the_map,
    "predict": asks_for_guesses,
    "copy-script": copies_a_script,
    "presenter": presents,
    "log-scale": draws("log_scale", value=True),
    "together": draws_one_chart,
    "own-axes": gives_each_chart_its_axis,
    "show-all": draws("show_all", value=True),
    "marker": draws("marker", "hd"),
    "border-left": resizes("#run-A", "width", -4),
    "border-right": resizes("#run-A", "width", 4),
    "border-up": resizes("#below", "height", 1),
    "border-down": resizes("#below", "height", -1),
    "grid": draws("grid", value=False),
    "step-axis": counts_anew,
    "smooth": smooths,
    "smooth-less": smooths,
    "smooth-more": smooths,
    "zoom-in": draws("window", Limits(1.5, 11.5)),
    "zoom-out": draws("window", None),
    "pan-back": draws("window", None),
    "pan-forward": draws("window", None),
    "follow": shows_the_tail,
    "zoom-losses-in": zooms_the_losses,
    "zoom-losses-out": zooms_the_losses,
    "up": zooms_the_losses,
    "down": zooms_the_losses,
    "slower": sends(SetSpeed(5)),
    "faster": sends(SetSpeed(20)),
    "lesson": opens(ChoiceDialog),
    "tried": opens(TriedScreen),
    "crosshair": draws("crosshair", value=3.0),
    "forward": draws("crosshair", value=3.0),
    "backward": draws("crosshair", value=3.0),
    "nudge-forward": draws("crosshair", value=3.0),
    "nudge-back": draws("crosshair", value=3.0),
    "export": opens(ExportDialog),
    "save-svg": saves_a_picture,
    "device": opens(ChoiceDialog),
    "focus-next": moves_the_focus,
    "help": opens(HelpScreen),
    "quit": leaves,
    "close": changes_nothing,
}


async def by_key(stage: Stage, binding: Binding) -> None:
    await stage.press(binding.key.split(",")[0])


async def by_other_key(stage: Stage, binding: Binding) -> None:
    await stage.press(binding.key.split(",")[-1])


WAYS = {
    "key": by_key,
    "other key": by_other_key,
    "footer": by_footer,
}


def reached(way: str, binding: Binding) -> bool:
    if way == "footer":
        return binding.show
    return way != "other key" or "," in binding.key


@pytest.mark.parametrize(
    ("way", "binding"),
    [
        pytest.param(way, binding, id=f"{binding.id}-{way}")
        for binding in KEYS
        for way in WAYS
        if reached(way, binding)
    ],
)
async def test_every_way_to_a_key_does_what_the_key_does(
    folder: Path, way: str, binding: Binding
) -> None:
    assert binding.id in EFFECTS, "a new key says here what it does"
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        before = len(stage.worker.commands)
        await WAYS[way](stage, binding)
        await EFFECTS[binding.id](stage, before)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The actions that the app was asked to do in place of keys; none of them is done."""
    actions: list[str] = []
    run_action = ZgtuiApp.run_action

    async def note(
        app: ZgtuiApp, action: str, default_namespace: DOMNode | None = None, *rest: object
    ) -> bool:
        if default_namespace is app.main_screen:
            actions.append(action)
            return True
        return await run_action(app, action, default_namespace)

    monkeypatch.setattr(ZgtuiApp, "run_action", note)
    return actions


async def test_help_does_and_explains_what_each_key_does(folder: Path, done: list[str]) -> None:
    async with running_app(folder.parent) as stage:
        for binding in KEYS:
            if binding.id == "help":  # shows what is shown already
                continue
            stage.app.action_help()
            await stage.until(lambda: stage.app.screen.query(OptionList), "help")
            keys = stage.app.screen.query_one(OptionList)
            index = keys.get_option_index(binding.action)
            assert binding.tooltip in str(keys.get_option_at_index(index).prompt)
            keys.highlighted = index
            await stage.press("enter")
            await stage.until(lambda: stage.app.screen is stage.screen, "help gone")
            await stage.until(lambda: done, binding.action)
            assert done == [binding.action]
            done.clear()


async def test_the_palette_does_and_explains_what_each_key_does(
    folder: Path, done: list[str]
) -> None:
    async with running_app(folder.parent) as stage:
        for binding in KEYS:
            (command,) = (
                command
                for command in stage.app.get_system_commands(stage.app.screen)
                if command.title == binding.description
            )
            assert command.help == binding.tooltip
            stage.app.action_command_palette()
            await stage.until(lambda: isinstance(stage.app.screen, CommandPalette), "palette")
            await stage.until(lambda: stage.app.screen.query(OptionList), "its list")
            options = stage.app.screen.query_one(OptionList)
            heading = f"{binding.description}\n"

            def rows(options: OptionList = options, heading: str = heading) -> list[int]:
                return [
                    index
                    for index in range(options.option_count)
                    if str(options.get_option_at_index(index).prompt).startswith(heading)
                ]

            await stage.until(rows, f"{binding.description} in the palette")
            (options.highlighted,) = rows()
            await stage.press("enter")
            await stage.until(lambda: stage.app.screen is stage.screen, "palette gone")
            await stage.until(lambda: done, binding.action)
            assert done == [binding.action]
            done.clear()


def test_every_key_has_a_name_of_its_own_and_says_what_it_does() -> None:
    ids = [binding.id for binding in KEYS]
    assert len(set(ids)) == len(ids)
    assert None not in ids
    keys = [key for binding in [*KEYS, *hidden_bindings()] for key in presses(binding)]
    assert len(set(keys)) == len(keys)
    assert all(binding.tooltip and binding.description for binding in KEYS)
    assert set(EFFECTS) == set(ids), "no effect is told of a key that is gone"


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_the_ways_out_that_hands_know_end_training_in_order(folder: Path, key: str) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press(key)
        await leaves(stage, 0)


async def test_the_footer_shows_all_its_keys_at_80_columns(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        shown = {one.key.action for one in stage.screen.query_one(KeyFooter).placed}
        assert shown == {binding.action for binding in KEYS if binding.show}


# The focused run


async def test_z_means_the_run_with_the_focus(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press("z", "tab", "z")
        await stage.pilot.click("#run-B")
        await stage.press("z")
        await stage.pilot.click("#run-A LossChart")
        await stage.press("z", "<", ">")
        assert stage.since(before) == [
            SetClearing("B", EVERY),
            SetClearing("A", NEVER),
            SetClearing("B", NEVER),
            SetClearing("A", EVERY),
            SetLr("A", 0.07943),
            SetLr("A", 0.1),
        ]


# Learning rates


@pytest.mark.parametrize(("up", "down"), [("+", "-"), (">", "<"), ("equals_sign", "-")])
async def test_up_and_down_cancel(folder: Path, up: str, down: str) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press(*[up] * 7, *[down] * 7)
        rates = [
            command.lr
            for command in stage.since(before)
            if isinstance(command, SetLr) and command.run == "B"
        ]
        assert rates[6] == pytest.approx(0.1 * 10**0.7, rel=1e-3)
        assert rates[-1] == 0.1
        assert stage.app.live.runs["B"].lr == 0.1


async def test_quick_presses_add_up_before_the_first_is_confirmed(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        stage.worker.hold()
        await stage.press(*"+" * 10)
        await stage.press(*"z" * 3)
        assert "lr 0.1 " in stage.text
        assert stage.text.count("lr 0.1 ") == 2, "the screen shows what was confirmed"
        stage.worker.release()
        await stage.until(lambda: stage.text.count("lr 1 ") == 2, "ten times the rate")
        assert stage.worker.commands[-3:] == [
            SetClearing("B", EVERY),
            SetClearing("B", NEVER),
            SetClearing("B", EVERY),
        ]
        await stage.shows("B  zero_grad() every step")


async def test_the_screen_shows_what_was_confirmed_not_what_was_pressed(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 30)) as stage:
        await stage.train(4)
        stage.worker.hold()
        await stage.press("z", "+", "space")
        stage.app.tick()
        await stage.pilot.pause()
        assert "B  zero_grad() never" in stage.text
        assert stage.text.count("lr 0.1 ") == 2
        assert "● step" in stage.text
        assert stage.chart("B").marks == ()
        stage.worker.release()
        await stage.shows("B  zero_grad() every step", "lr 0.1259", "paused")
        await stage.until(lambda: {mark.step for mark in stage.chart("B").marks} == {5}, "marks")


async def test_a_refused_change_is_told_and_not_shown(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        stage.worker.refuse = "this optimizer takes no such learning rate"
        await stage.press(">")
        await stage.tells("this optimizer takes no such learning rate")
        assert stage.text.count("lr 0.1 ") == 2
        await stage.press(">")
        await stage.shows("lr 0.1259")


@pytest.mark.parametrize("text", ["abc", "-1", "inf", "0", ""])
async def test_a_typed_rate_that_is_none_is_told_in_place(folder: Path, text: str) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press("l")
        stage.app.screen.query_one(Input).value = text
        await stage.press("enter")
        await stage.shows("a learning rate is a positive, finite number")
        assert type(stage.app.screen) is TextDialog
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        assert stage.since(before) == []


async def test_a_typed_rate_is_set_for_both_runs(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press("l", *"0.025", "enter")
        assert stage.since(before) == [SetLr("A", 0.025), SetLr("B", 0.025)]
        await stage.until(lambda: stage.text.count("lr 0.025") == 2, "the new rates")


async def test_a_click_on_a_choice_chooses_it(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("d")
        await stage.shows("NVIDIA H100")
        await stage.click_text(stage.app.screen.query_one(OptionList), "NVIDIA H100")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        await stage.shows("article · SGD · cuda:0")


async def test_a_click_beside_a_dialog_leaves_it(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("l")
        await stage.until(lambda: isinstance(stage.app.screen, TextDialog), "the dialog")
        await stage.pilot.click(offset=(1, 1))
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")


# Training


async def test_space_pauses_and_goes_on(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press("space")
        await stage.shows("paused")
        await stage.press("space")
        await stage.shows("● step")
        assert stage.since(before) == [SetRunning(running=False), SetRunning(running=True)]


async def test_n_pauses_and_then_trains_exactly_one_step_a_press(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        await stage.press("n")
        await stage.shows("paused")
        assert stage.worker.step == 3
        await stage.press("n")
        await stage.shows("step 4")
        stage.worker.hold()
        await stage.press("n", "n", "n")
        stage.worker.release()
        await stage.shows("step 7")
        assert stage.worker.step == 7


async def test_a_finished_comparison_is_told_so_and_c_goes_on(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        stage.worker.train(30)
        await stage.shows("finished", "step 20")
        before = len(stage.worker.commands)
        await stage.press("n")
        await stage.tells("Finished: press c to continue.")
        await stage.press("space")
        await stage.tells("Finished: press c to continue, r to restart.")
        assert stage.since(before) == []
        await stage.press("c")
        await stage.shows("● step")
        await stage.train(30)
        await stage.shows("step 50")


async def test_r_keeps_what_was_changed_and_shift_r_takes_another_seed(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        await stage.press("z", "+")
        await stage.press("r")
        command = stage.last(Start)
        assert (command.settings.b.clear, command.settings.b.lr) == (EVERY, 0.1259)
        assert command.settings.seed == 42
        await stage.shows("step 0", "no steps yet", "seed 42")
        assert stage.chart("B").marks == ()
        await stage.press("R")
        command = stage.last(Start)
        assert command.settings.seed != 42
        await stage.shows(f"seed {command.settings.seed} ")


async def test_a_paused_comparison_stays_paused_when_restarted(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        await stage.press("space", "r")
        await stage.shows("paused", "step 0")


async def test_a_finished_comparison_trains_again_when_restarted(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(20)
        await stage.press("r")
        await stage.shows("● step 0")


async def test_speed_has_two_ends(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press(*"]" * 8)
        assert stage.since(before) == [
            SetSpeed(speed) for speed in (20, 50, 100, 200, 500, 1000, 0, 0)
        ]
        before = len(stage.worker.commands)
        await stage.press(*"[" * 13)
        assert stage.since(before) == [
            SetSpeed(speed) for speed in (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.25, 0.25)
        ]


async def test_d_starts_again_on_the_device_chosen(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("d")
        await stage.shows("cpu", "8 cores", "cuda:0  NVIDIA H100")
        await stage.press("down", "enter")
        command = stage.last(Start)
        assert command.settings.device == "cuda:0"
        await stage.shows("article · SGD · cuda:0")


async def test_d_on_the_present_device_changes_nothing(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press("d", "enter")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        assert stage.since(before) == []


async def test_d_before_pytorch_is_there_says_so(folder: Path) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        await stage.press("d")
        await stage.tells("The devices are not known until PyTorch is imported.")


# Drawing


async def test_y_and_back(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(20)
        linear = stage.text
        await stage.press("y")
        await stage.until(lambda: stage.text != linear, "a logarithmic axis")
        await stage.press("y")
        await stage.until(lambda: stage.text == linear, "the linear axis again")


async def test_m_goes_through_all_markers(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(20)
        seen = []
        for _ in range(4):
            seen.append(stage.text)
            await stage.press("m")
        assert len(set(seen)) == 4
        assert stage.text == seen[0]


@pytest.mark.parametrize("key", ["escape", "question_mark", "q"])
async def test_help_stands_above_everything_and_goes(folder: Path, key: str) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "help")
        await stage.press(key)
        await stage.until(lambda: stage.app.screen is stage.screen, "help gone")
        assert not stage.worker.stopped


async def test_the_list_of_all_keys_stays_where_its_own_line_is_chosen(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "help")
        opened = stage.app.screen
        await stage.press("slash", *"show all keys", "enter")
        await stage.pilot.pause()
        assert stage.app.screen is opened
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.screen, "help gone")


async def test_a_click_in_help_does_what_the_line_says(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        before = len(stage.worker.commands)
        await stage.press("question_mark")
        await stage.shows("Pause both runs, or resume")
        await stage.click_text(stage.app.screen.query_one(OptionList), "Pause both runs")
        await sends(SetRunning(running=False))(stage, before)


async def test_s_tells_of_a_folder_that_cannot_be_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    async with running_app(folder.parent) as stage:
        monkeypatch.setattr(Path, "write_text", refuse)
        await stage.press("s")
        await stage.tells(f"Cannot save {folder}/zgtui-")
        assert "Permission denied" in stage.told[-1]


def footer(stage: Stage) -> str:
    return " ".join(stage.drawn(stage.screen.query_one(KeyFooter))[0].split())


@pytest.mark.parametrize("width", [80, 40])
async def test_the_footer_shows_what_there_is_to_press_in_each_state(
    folder: Path, width: int
) -> None:
    async with running_app(folder.parent, size=(width, 24)) as stage:
        await stage.train(5)
        assert "space pause" in footer(stage)
        await stage.press("space")
        await stage.until(lambda: "space resume" in footer(stage), "how to resume")
        await stage.press("space")
        await stage.until(lambda: "space pause" in footer(stage), "how to pause")
        await stage.press("I")
        await stage.until(lambda: "esc hide it" in footer(stage), "how to hide the crosshair")
        await stage.press("escape")
        await stage.until(lambda: "hide it" not in footer(stage), "the usual keys")
        await stage.train(15)
        await stage.until(lambda: "c continue" in footer(stage), "how to continue")
        assert "space" not in footer(stage)
        assert "r restart" in footer(stage)
        assert footer(stage).endswith("q quit")
        stage.worker.fail("", "it was killed")
        await stage.until(lambda: "c continue" not in footer(stage), "no way to continue")
        assert "r restart" in footer(stage)
