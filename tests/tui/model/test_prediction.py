"""What theory says on the screen, guesses held against it, the twin badge and the gradients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.color import Color

from tests.tui.fake import FIRST_LOSS, cleared_loss, uncleared_loss
from tests.tui.stage import Stage, running_app
from zgtui.config.settings import EVERY, RUNS, RunName, Settings
from zgtui.curves.trend import Trend
from zgtui.tui.model.predicted import Behaviour, Guess, PredictedCurve, judged
from zgtui.worker.protocol import Start, StepTo

SLOW = Settings(steps=40)


def predicted(stage: Stage, run: RunName) -> PredictedCurve:
    source = stage.chart(run).curves[-1].source
    assert isinstance(source, PredictedCurve)
    return source


async def test_the_closed_form_lies_on_the_losses_to_come(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.press("t")
        stage.app.tick()
        for run, exact in (("A", cleared_loss), ("B", uncleared_loss)):
            steps, losses = predicted(stage, "A" if run == "A" else "B").points(100, 1, 40)
            assert list(steps) == list(range(1, 41))
            expected = [exact(step, 1.2) for step in range(1, 41)]
            assert losses == pytest.approx(expected, rel=1e-9, abs=1e-15)
        await stage.press("t")
        stage.app.tick()
        assert [len(stage.chart(run).curves) for run in RUNS] == [1, 1]


async def test_a_prediction_ends_where_its_run_is_changed(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.press("t")
        await stage.train(6)
        await stage.press("z")
        await stage.train(6)
        assert predicted(stage, "B").steps == 6
        assert predicted(stage, "A").steps == 40
        _, losses = predicted(stage, "B").points(100, 1, 40)
        assert losses == pytest.approx([uncleared_loss(step, 1.2) for step in range(1, 7)])


async def test_a_change_before_the_first_step_is_predicted(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.press("z", "t")
        stage.app.tick()
        _, losses = predicted(stage, "B").points(100, 1, 3)
        assert losses == pytest.approx([cleared_loss(step, 1.2) for step in (1, 2, 3)])


async def test_nothing_is_foretold_unless_theory_is_asked_for(folder: Path) -> None:
    async with running_app(folder.parent, SLOW, size=(160, 40), running=False) as stage:
        await stage.press("l", *"0.25", "enter")
        await stage.shows("Run A clears its gradients before")
        assert "diverge" not in stage.text
        await stage.press("t")
        await stage.shows("By theory: lr·λ = 3: A diverges")
        await stage.train(40)
        await stage.shows("finished", "By theory: lr·λ = 3: A diverges")


async def test_theory_that_was_left_on_tells_nothing_before_the_next_run_has_begun(
    folder: Path,
) -> None:
    async with running_app(folder.parent, SLOW, size=(160, 40), running=False) as stage:
        await stage.press("n", "t")
        await stage.train(3)
        await stage.shows("By theory", "dots: theory")
        await stage.press("r")
        await stage.shows("step 0")
        await stage.until(lambda: "By theory" not in stage.text, "no theory")
        assert [len(stage.chart(run).curves) for run in RUNS] == [1, 1]
        await stage.train(1)
        await stage.shows("By theory", "dots: theory")


async def test_the_momentum_1_twin_is_trained_where_there_is_no_closed_form(folder: Path) -> None:
    async with running_app(folder.parent, replace(SLOW, schedule="cosine")) as stage:
        await stage.press("t")
        command = stage.last(Start)
        assert command.settings.twin
        await stage.train(1)
        labels = [curve.label for curve in stage.chart("B").curves]
        assert labels == ["B", "SGD with momentum 1, cleared"]
        await stage.shows("dots: SGD with momentum 1, cleared")


async def test_steps_already_trained_are_not_thrown_away_without_asking(folder: Path) -> None:
    async with running_app(folder.parent, replace(SLOW, schedule="cosine")) as stage:
        await stage.train(30)
        before = len(stage.worker.commands)
        await stage.press("t")
        await stage.shows("continue from the 30 steps so far, without theory")
        await stage.press("enter")
        assert stage.since(before) == []
        assert not stage.screen.theory
        await stage.press("t", "down", "enter")
        (command,) = stage.since(before)
        assert isinstance(command, Start)
        assert command.settings.twin
        assert stage.screen.theory


async def test_where_theory_has_nothing_it_says_so(folder: Path) -> None:
    async with running_app(folder.parent, replace(SLOW, optimizer="Adam")) as stage:
        before = len(stage.worker.commands)
        await stage.press("t")
        await stage.tells("Theory has a curve for linear models under SGD")
        assert stage.since(before) == []
        assert not stage.screen.theory


async def test_guesses_are_asked_before_anything_is_told_and_judged_afterwards(
    folder: Path,
) -> None:
    async with running_app(folder.parent, SLOW, size=(120, 30)) as stage:
        await stage.train(4)
        before = len(stage.worker.commands)
        await stage.press("v")
        await stage.shows("what will run A do?")
        stage.app.tick()
        await stage.pilot.pause()
        for given_away in ("By theory", "clears its gradients:", "lr 0.1", "ahead", "⠑"):
            assert given_away not in stage.text
        await stage.press("enter")
        await stage.shows("what will run B do?", "it does what A does")
        assert stage.since(before) == []
        await stage.press("down", "down", "enter")
        (start,) = stage.since(before)
        assert isinstance(start, Start)
        assert start.running
        await stage.until(lambda: not stage.app.live.step, "step 0")
        await stage.train(40)
        await stage.shows("you said: converges, right", "you said: diverges, wrong", "lr 0.1")


@pytest.mark.parametrize("answers", [("escape",), ("enter", "escape")])
@pytest.mark.parametrize("steps", [3, 0])
async def test_a_guess_not_made_changes_nothing(
    folder: Path, answers: tuple[str, ...], steps: int
) -> None:
    async with running_app(folder.parent, SLOW, running=steps > 0) as stage:
        if steps:
            await stage.train(steps)
        await stage.press("t")
        await stage.until(lambda: stage.text.count("dots: theory") == 2, "theory of both")
        before, told = len(stage.worker.commands), stage.text.splitlines()[1:]
        await stage.press("v", *answers)
        await stage.until(lambda: stage.app.screen is stage.screen, "the question gone")
        stage.app.tick()
        await stage.until(lambda: stage.text.splitlines()[1:] == told, "all as it was")
        assert stage.since(before) == []
        assert stage.screen.shows_theory


async def test_the_badge_is_the_same_for_twins_and_red_in_words_for_others(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        assert stage.text.count("weights 59d8 batches d0e9 cpu") == 2
        assert not stage.screen.pane("A").has_class("-different-init")
    async with running_app(folder.parent, Settings(experiment="article-exact")) as stage:
        await stage.shows("weights differ 59d8", "weights differ 7690", "different inits")
        red = Color.parse(stage.app.theme_variables["error"])
        assert stage.screen.pane("B").styles.border_subtitle_color == red


async def test_what_was_measured_is_shown_in_words_bars_and_a_gauge(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("i")
        await stage.shows("not measured yet")
        await stage.train(3)
        stage.worker.sample(
            "B", grad_norm=4.0, fresh_norm=1.0, carried_norm=21**0.5, ratio=4.0, cosine=-0.5,
            energy=FIRST_LOSS,
        )  # fmt: skip
        stage.app.tick()
        await stage.shows(
            "gradients at step 3", "‖.grad‖ 4 = 4 × ‖g‖ 1", "cosine -0.50 uphill", "energy 0.3"
        )
        bars = [line for line in stage.drawn(stage.screen.query_one("#gradients")) if "█" in line]
        carried, fresh = (line.count("█") for line in bars)
        assert carried == pytest.approx(fresh * 21**0.5, abs=3), "‖A - g‖² = 16 + 1 + 4"
        await stage.shows("lr·λ 1.2")
        gauge = next(line for line in stage.text.splitlines() if "lr·λ 1.2" in line)
        a, b = (part.split("1.2", 1)[1] for part in gauge.split("lr·λ")[1:])
        assert a.index("●") < a.index("2─"), "the limit of a run that clears"
        assert b.index("●") < b.index("4─"), "the limit of one that never does"
        await stage.press("l", *"0.25", "enter")
        await stage.shows("lr·λ 3 ")
        gauge = next(line for line in stage.text.splitlines() if "lr·λ 3 " in line)
        a, b = (part.split("3 ", 1)[1] for part in gauge.split("lr·λ")[1:])
        assert a.index("2") < a.index("●")
        assert b.index("●") < b.index("4")


async def test_a_sharpness_of_long_ago_is_told_with_its_step(folder: Path) -> None:
    settings = Settings(experiment="spirals", steps=0, speed=0)
    async with running_app(folder.parent, settings, size=(160, 50)) as stage:
        await stage.train(30)
        stage.worker.sample("B", sharpness=5.0)
        await stage.train(2)
        await stage.shows("lr·λ 0.5 ")
        assert "lr·λ 0.5 at step" not in stage.text
        await stage.train(970)
        await stage.shows("lr·λ 0.5 at step 30")
        stage.worker.sample("B", sharpness=8.0)
        await stage.train(1)
        await stage.shows("lr·λ 0.8 ")
        assert "lr·λ 0.8 at step" not in stage.text


# Back, and again


async def test_b_goes_back_by_one_step_a_press_and_keeps_what_was_changed_before(
    folder: Path,
) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.train(4)
        await stage.press("z")
        await stage.train(4)
        stage.worker.hold()
        await stage.press("b", "b")
        stage.worker.release()
        await stage.shows("paused · step 6")
        await stage.caught_up()
        history = stage.app.live.runs["B"].history
        assert history.steps == 6
        assert [mark.step for mark in stage.chart("B").marks] == [5]
        assert stage.app.live.runs["B"].clear == EVERY
        await stage.press("b", "b", "b")
        await stage.shows("paused · step 3", "B  zero_grad() never")
        assert stage.chart("B").marks == ()


async def test_b_at_step_0_asks_for_nothing(folder: Path) -> None:
    async with running_app(folder.parent, running=False) as stage:
        before = len(stage.worker.commands)
        await stage.press("b")
        assert stage.since(before) == []


async def test_a_trains_again_with_every_change_at_its_own_step(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.press(">")
        await stage.train(5)
        await stage.press("z")
        await stage.train(5)
        first = stage.app.live.runs["B"].history.tail(10)
        before = len(stage.worker.commands)
        await stage.press("a")
        await stage.until(lambda: stage.worker.running, "training on")
        await stage.train(4)
        start, *rest = stage.since(before)
        assert isinstance(start, Start)
        assert (start.settings.b.lr, str(start.settings.b.clear)) == (0.1, "never")
        assert [type(one).__name__ for one in rest] == [
            "SetLr", "StepTo", "SetClearing", "SetRunning",
        ]  # fmt: skip
        assert rest[1] == StepTo(5)
        assert stage.app.live.runs["B"].history.tail(10)[:9] == first[:9]


FALLS = Behaviour(Trend("training"), 4.0, 1.0)
RISES = Behaviour(Trend("training"), 4.0, 9.0)
STAYS = Behaviour(Trend("training"), 4.0, 3.0)
RESTS = Behaviour(Trend("converged"), 4.0, 3.0)


@pytest.mark.parametrize(
    ("guess", "a", "b", "going", "finished"),
    [
        ("converges", RESTS, RESTS, ", right", ", right"),
        ("diverges", RESTS, RESTS, ", wrong", ", wrong"),
        ("converges", RESTS, FALLS, "", ", right"),
        ("diverges", RESTS, RISES, "", ", right"),
        ("oscillates", RESTS, RISES, "", ", wrong"),
        ("oscillates", RESTS, STAYS, "", ", wrong: none of these"),
        ("the same", FALLS, RESTS, "", ", right"),
        ("the same", RESTS, RISES, "", ", wrong"),
        ("the same", RESTS, RESTS, ", right", ", right"),
    ],
)
def test_a_guess_is_judged_by_what_the_run_does_or_has_come_to(
    guess: Guess, a: Behaviour, b: Behaviour, going: str, finished: str
) -> None:
    outcomes = {"A": a, "B": b}
    assert judged("B", guess, outcomes, finished=False) == f"you said: {guess}{going}"
    assert judged("B", guess, outcomes, finished=True) == f"you said: {guess}{finished}"
