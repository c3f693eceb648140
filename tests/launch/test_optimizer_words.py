"""The steps of optimizers are told where they are known to the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.optimizer_words import optimizer_words
from zgtui.launch.process import Ending
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
