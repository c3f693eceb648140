"""Whose losses a node charts."""

from __future__ import annotations

from pathlib import Path

import pytest

from zgtui.config.settings import RUNS
from zgtui.instrument.protocol import OTHER_PROCESS
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.words.ranks_words import SEVERAL_PROCESSES, rank_label, ranks_words


def runs(a: int, b: int, world: int = 4) -> list[LaunchedRun]:
    return [
        LaunchedRun(name, Path("log"), "every", rank=rank, world=world)
        for name, rank in zip(RUNS, (a, b), strict=True)
    ]


def test_of_rank_0_nothing_is_said() -> None:
    assert ranks_words(runs(0, 0)) == ""
    assert ranks_words(runs(0, 0, world=1)) == ""


def test_another_rank_is_told_and_two_are_not_comparable() -> None:
    assert ranks_words(runs(2, 2)).startswith("the losses are those of rank 2 of 4, the first on")
    assert ranks_words(runs(2, 0)).startswith(
        "this node charts rank 2 in run A and rank 0 in run B: the runs saw different data"
    )
    assert [rank_label(run) for run in runs(2, 0)] == ["rank 2 of 4", ""]


@pytest.mark.parametrize("name", RUNS)
def test_a_process_beside_the_one_that_is_charted_is_told_of(tmp_path: Path, name: str) -> None:
    both = [LaunchedRun(one, tmp_path / one, "every") for one in RUNS]
    for run in both:
        run.folder.mkdir()
    assert ranks_words(both) == ""
    (tmp_path / name / OTHER_PROCESS).touch()
    assert ranks_words(both) == SEVERAL_PROCESSES
