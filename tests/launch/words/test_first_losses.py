"""Why two runs of a script had different first losses."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest

from zgtui.config.settings import RUNS
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.reproducibility import THREADS_WHY, WHY, reproducibility_words
from zgtui.launch.words.first_losses import (
    DIFFERENT,
    DRAWS,
    ORDER,
    SAME,
    first_losses_words,
    threads_words,
)
from zgtui.runlog.events import TrainingSeen
from zgtui.runlog.log import losses_path

if TYPE_CHECKING:
    from pathlib import Path

    from zgtui.config.settings import RunName


def runs(log: Path, threads: int, a: list[float], b: list[float]) -> dict[RunName, LaunchedRun]:
    found: dict[RunName, LaunchedRun] = {}
    for name, losses in zip(RUNS, (a, b), strict=True):
        losses_path(log, name).write_bytes(array("d", losses).tobytes())
        found[name] = run = LaunchedRun(name, log / name, "as-is")
        run.training = TrainingSeen(name, 3, 3, 0, [], threads=threads, shared_draws=True)
    return found


@pytest.mark.parametrize(
    ("threads", "a", "b", "why"),
    [
        (1, [1.0, 2.0], [2.0, 1.0], ""),
        (2, [1.0, 2.0], [2.0, 1.0], ORDER),
        (2, [1.0, 2.0], [2.0, 2.5], ORDER),
        (2, [1.0, 2.0], [3.0, 4.0], DRAWS),
    ],
)
def test_different_first_losses_have_a_reason_where_one_was_seen(
    tmp_path: Path, threads: int, a: list[float], b: list[float], why: str
) -> None:
    both = runs(tmp_path, threads, a, b)
    said = f"{DIFFERENT}: {why}" if why else DIFFERENT
    assert first_losses_words(both, tmp_path, same=False) == said
    assert threads_words(both, tmp_path, same=False) == (said if why else "")
    assert threads_words(both, tmp_path, same=None) == ""
    assert first_losses_words(both, tmp_path, same=True) == SAME


def test_threads_that_draw_nothing_and_start_alike_are_no_reason(tmp_path: Path) -> None:
    both = runs(tmp_path, 2, [1.0, 2.0], [3.0, 4.0])
    for run in both.values():
        run.training = TrainingSeen(run.name, 3, 3, 0, [], threads=2)
    assert first_losses_words(both, tmp_path, same=False) == DIFFERENT


@pytest.mark.parametrize(("threads", "why"), [(1, WHY), (3, THREADS_WHY)])
def test_runs_that_are_not_reproducible_are_told_of_their_threads(
    tmp_path: Path, threads: int, why: str
) -> None:
    assert why in reproducibility_words(runs(tmp_path, threads, [1.0], [2.0]), 1)
