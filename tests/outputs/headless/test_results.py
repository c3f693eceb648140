"""The table at the end of `zgtui train`."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

import pytest

from zgtui.config.settings import RUNS, RunName
from zgtui.outputs.headless.results import (
    RunSummary,
    SummaryFacts,
    summary_lines,
    tail_mean,
    training_words,
)
from zgtui.runlog.log import LogWriter

LABELS: dict[RunName, str] = {"A": "With zero_grad", "B": "Without zero_grad"}


def lines_of(
    folder: Path, losses: dict[RunName, list[float]], accuracy: dict[RunName, float]
) -> list[str]:
    log = LogWriter(folder, RUNS)
    runs = {name: RunSummary() for name in RUNS}
    for name in RUNS:
        log.losses(name, losses[name])
        half = len(losses[name]) // 2
        runs[name].extend(array("d", losses[name][:half]))
        runs[name].extend(array("d", losses[name][half:]))
    log.close()
    facts = SummaryFacts(LABELS, "Step", full_batch=True, accuracy=accuracy, seconds=0.5)
    return summary_lines(runs, folder, facts)


def test_every_figure_is_that_of_the_losses(tmp_path: Path) -> None:
    falling = [1 / step for step in range(1, 101)]
    assert lines_of(tmp_path, {"A": falling, "B": falling[::-1]}, {"A": 0.975, "B": 0.5}) == [
        "                   A: With zero_grad  B: Without zero_grad",
        "steps              100                100",
        "final loss         0.01               1",
        "lowest loss        0.01 (step 100)    0.01 (step 1)",
        f"mean of last 10 %  {sum(falling[-10:]) / 10:.6g}          {sum(falling[:10]) / 10:.6g}",
        "accuracy           97.50%             50.00%",
        f"state              from 1 to 0.0111   {lines_growth(falling[::-1])}",
        "training           step by step",
        "steps/s            200",
        f"log                {tmp_path}",
    ]


def test_it_says_how_both_runs_were_trained() -> None:
    assert training_words(9960, 10000) == "together (9,960 of 10,000 steps)"
    assert training_words(0, 10000) == "step by step"


def lines_growth(losses: list[float]) -> str:
    run = RunSummary()
    run.extend(array("d", losses))
    trend = run.tracker.trend(full_batch=True)
    assert trend.state == "growing"
    return trend.words


def test_a_run_that_diverged_has_a_lowest_loss_all_the_same(tmp_path: Path) -> None:
    losses = [3.0, 2.0, math.inf, math.nan, math.nan]
    lines = lines_of(tmp_path, {"A": losses, "B": []}, {})
    table = {line[:17].strip(): line[19:].split("  ") for line in lines}
    assert table["final loss"][0] == "nan"
    assert table["lowest loss"][0] == "2 (step 2)"
    assert table["mean of last 10 %"][0] == "nan"
    assert table["state"][0] == "diverged at step 3"
    assert table["steps"][-1].strip() == "0"
    assert "accuracy" not in table


@pytest.mark.parametrize(("steps", "mean"), [(1, 1.0), (9, 9.0), (10, 10.0), (29, 28.5)])
def test_the_mean_is_of_the_last_tenth(steps: int, mean: float, tmp_path: Path) -> None:
    log = LogWriter(tmp_path, RUNS)
    log.losses("A", [float(step) for step in range(1, steps + 1)])
    log.close()
    assert tail_mean(tmp_path, "A", steps) == mean


def test_one_easy_batch_is_not_the_best_that_a_run_did(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, RUNS)
    runs = {name: RunSummary() for name in RUNS}
    losses = [2.0] * 20 + [1.0] * 20 + [3.0] * 7 + [0.0] + [3.0] * 12
    for name in RUNS:
        log.losses(name, losses)
        for at in range(0, len(losses), 7):
            runs[name].extend(array("d", losses[at : at + 7]))
    log.close()
    facts = SummaryFacts(LABELS, "Step", full_batch=False, accuracy={}, seconds=0, verdict="So.")
    lines = summary_lines(runs, tmp_path, facts)
    assert lines[0] == "So."
    (lowest,) = (line for line in lines if line.startswith("lowest mean of 20"))
    assert lowest.split("  ")[1] == "1 (steps 21 to 40)"
    assert not any("still changing" in line for line in lines)
