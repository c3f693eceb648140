"""The steps of optimizers are told where they are known to the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.process import Ending
from zgtui.launch.words.optimizer_words import optimizer_words, present_rates, steps_by_optimizer
from zgtui.runlog.events import TrainingSeen


@pytest.mark.parametrize(
    ("code", "stopped", "done", "told"),
    [
        (0, False, 21, "SGD (line 4) 21 steps, lr 0.01"),
        (1, False, 21, "SGD (line 4) 21 steps, lr 0.01"),
        (0, True, 21, "SGD (line 4) 21 steps, lr 0.01"),  # the last it was allowed to take
        (0, True, 37, "SGD (line 4), lr 0.01"),
        (-9, False, 37, "SGD (line 4), lr 0.01"),
    ],
)
def test_a_run_that_was_cut_off_tells_no_number_of_steps_that_is_too_low(
    tmp_path: Path, code: int, done: int, told: str, *, stopped: bool
) -> None:
    run = LaunchedRun("A", tmp_path, "every")
    made = {"optimizer": "SGD (line 4)", "made": 1, "steps": 21, "skipped": 0, "lrs": [0.01]}
    run.training = TrainingSeen("A", 21, 21, 0, [{**made, "moves": True}])
    run.ending, run.stopped = Ending(code, "it ended"), stopped
    assert optimizer_words(run, done) == told


def test_several_optimizers_are_told_in_short() -> None:
    run = LaunchedRun("A", Path("log"), "every")
    assert (steps_by_optimizer(run), present_rates(run)) == ("", "")
    made = {"made": 1, "skipped": 0, "moves": True}
    several = [
        {**made, "optimizer": "Adam (line 12)", "steps": 1250, "lrs": [0.1, 0.1, 0.01]},
        {**made, "optimizer": "Adam (line 13) no. 2", "steps": 7, "lrs": [0.5, 0.4, 0.3, 0.2, 0.1]},
        {**made, "optimizer": "SGD (line 14)", "steps": 0, "lrs": [9.0]},
    ]
    run.training = TrainingSeen("A", 1257, 1257, 0, several)
    assert steps_by_optimizer(run) == "Adam:12 1,250 · Adam:13#2 7"
    assert present_rates(run) == "0.1, 0.01 · 0.1 to 0.5"
    run.training = TrainingSeen("A", 1250, 1250, 0, several[:1])
    assert steps_by_optimizer(run) == "", "of one alone all steps are its own"
