"""The curve of one line of a script: each loss at the step of the run that it belongs to."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from zgtui.launch.script_curves import CAPACITY, RunSeries, SeriesCurve, is_split
from zgtui.runlog.events import SeriesFound
from zgtui.runlog.log import LogWriter, losses_path

FOUND = SeriesFound("A", "A.1", "gan.py", 25, "train", 2)


@pytest.fixture
def log(tmp_path: Path) -> LogWriter:
    return LogWriter(tmp_path / "log", ["A"])


def grow(log: LogWriter, steps: list[int], losses: list[float], name: str = "A.1") -> None:
    if steps:
        log.series_steps(name, steps)
    with losses_path(log.folder, name).open("ab") as file:
        file.write(array("d", losses).tobytes())


def read(log: LogWriter, found: SeriesFound = FOUND) -> SeriesCurve:
    curve = SeriesCurve(log.folder, found)
    while curve.read(1000):
        pass
    return curve


def test_a_step_has_the_loss_of_the_line_or_none(log: LogWriter) -> None:
    grow(log, [2, 3, 7, 20], [4.0, 3.0, 2.0, 1.0])
    curve = read(log)
    assert [curve.at(step) for step in (1, 2, 3, 4, 7, 20, 21)] == [
        None, 4.0, 3.0, None, 2.0, 1.0, None,
    ]  # fmt: skip
    assert (curve.steps, curve.length, curve.step_at(2), curve.index_of(4)) == (20, 4, 7, 2)
    assert curve.slice(1, 2) == array("d", [3.0, 2.0])
    assert curve.points(80, 1, 20) == ([2, 3, 7, 20], [4.0, 3.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("step", "direction", "found"),
    [
        (1, 0, 2), (5, 0, 7), (4, 0, 3), (99, 0, 20), (7, 0, 7),
        (7, 1, 20), (7, -1, 3), (5, 1, 7), (5, -1, 3), (2, -1, 2), (20, 1, 20), (99, -1, 20),
    ],
)  # fmt: skip
def test_the_step_beside_another_is_one_that_has_a_loss(
    log: LogWriter, step: int, direction: int, found: int
) -> None:
    grow(log, [2, 3, 7, 20], [4.0, 3.0, 2.0, 1.0])
    assert read(log).near(step, direction) == found


def test_before_its_first_loss_it_has_no_step(log: LogWriter) -> None:
    curve = read(log)
    assert (curve.near(3), curve.at(3), curve.steps) == (None, None, 0)


def test_the_losses_of_a_log_without_steps_follow_one_another(log: LogWriter) -> None:
    grow(log, [], [4.0, 3.0])
    assert read(log).points(80, 1, 20) == ([2, 3], [4.0, 3.0])


def test_a_part_of_a_long_run_is_exact_at_its_own_steps(log: LogWriter) -> None:
    count = 2 * CAPACITY
    grow(log, list(range(1, 2 * count, 2)), [float(at) for at in range(count)])
    curve = read(log)
    assert curve.points(400, 1001, 1021) == (
        [float(step) for step in range(1001, 1022, 2)],
        [float(at) for at in range(500, 511)],
    )
    assert curve.at(1001) == 500.0
    before = curve.revision
    grow(log, [2 * count + 1], [-1.0])
    assert curve.read(1000)
    assert curve.revision != before


def test_lines_that_take_turns_are_split_unless_their_sum_is_asked_for(log: LogWriter) -> None:
    other = SeriesFound("A", "A.2", "gan.py", 29, "train", 1)
    alone, both, turns = RunSeries(), RunSeries(), RunSeries()
    grow(log, [1, 3], [1.0, 1.0])
    grow(log, [2, 4], [1.0, 1.0], "A.2")
    for found in (FOUND, other):
        turns.add(log.folder, found)
    both.add(log.folder, FOUND)
    both.curves["again.py", 1] = both.curves[FOUND.file, FOUND.line]
    alone.add(log.folder, FOUND)
    for series in (alone, both, turns):
        while series.read(10):
            pass
    assert not is_split("split", [alone])
    assert is_split("split", [both])
    assert not is_split("auto", [both])
    assert is_split("auto", [alone, turns])
    assert not is_split("sum", [turns])
