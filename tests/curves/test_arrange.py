"""Which curves share a chart, and what tells them apart there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.other_tools import write_trackio
from zgtui.curves.arrange import MAX_CURVES, Chart, arrange, file_labels, laid_out
from zgtui.curves.recordings.opening import Opening, read_all
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import TableError

HEADER = "run,step,loss,loss gan.py:25,loss gan.py:29\n"
TAKE_TURNS = f"{HEADER}A,1,3,3,\nA,2,2,,2\nB,1,3,3,\nB,2,2,,2\n"
BOTH_EACH_STEP = f"{HEADER}A,1,5,3,2\nA,2,4,3,1\nB,1,5,3,2\nB,2,4,3,1\n"


def table(folder: Path, text: str, name: str = "t.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def read(*paths: Path) -> list[Recording]:
    return read_all(Opening(paths))


def told(charts: Sequence[Chart]) -> list[tuple[str, list[str], list[int]]]:
    """The title of each chart, and the labels and the colours of its curves."""
    return [
        (
            chart.title,
            [curve.label for curve in chart.curves],
            [curve.colour for curve in chart.curves],
        )
        for chart in charts
    ]


def test_lines_that_take_turns_have_a_chart_each_and_their_sum_has_none(tmp_path: Path) -> None:
    recordings = read(table(tmp_path, TAKE_TURNS))
    lines = [("gan.py:25", ["A", "B"], [0, 1]), ("gan.py:29", ["A", "B"], [0, 1])]
    assert told(arrange(recordings)) == lines
    assert told(arrange(recordings, ["gan.py:29"])) == lines[1:]
    assert told(arrange(recordings, ["B gan.py:*"])) == [(line, ["B"], [0]) for line, _, _ in lines]
    assert told(arrange(recordings, ["A"])) == [("A", ["t.csv"], [0])], "the sum, asked for"


def test_lines_that_all_run_in_each_step_have_their_sum_beside_them(tmp_path: Path) -> None:
    charts = told(arrange(read(table(tmp_path, BOTH_EACH_STEP))))
    assert sorted(title for title, _, _ in charts) == ["all lines", "gan.py:25", "gan.py:29"]
    assert {tuple(labels) for _, labels, _ in charts} == {("A", "B")}


def test_the_lines_of_several_tables_name_their_table(tmp_path: Path) -> None:
    paths = [table(tmp_path, TAKE_TURNS, f"{name}.csv") for name in "xy"]
    (first, _) = told(arrange(read(*paths)))
    assert first[1] == ["x.csv: A", "x.csv: B", "y.csv: A", "y.csv: B"]


def test_runs_of_one_name_are_told_apart_by_their_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_trackio(tmp_path / f"{name}.db", "lr0.1", [(1, {"loss": 1.0})])
    (chart,) = arrange(read(tmp_path / "one.db", tmp_path / "two.db"))
    assert [curve.label for curve in chart.curves] == ["one.db: lr0.1", "two.db: lr0.1"]
    shown_twice = [tmp_path / "one.db"] * 2
    assert file_labels(shown_twice) == [str(path) for path in shown_twice]
    assert file_labels([Path("/a/x/t"), Path("/b/x/t")]) == ["a/x/t", "b/x/t"]


@pytest.mark.parametrize("count", [2, 9])
def test_charts_laid_over_each_other_have_curves_of_many_colours(
    tmp_path: Path, count: int
) -> None:
    paths = [table(tmp_path, "step,a,b\n1,1,2\n2,3,4\n", f"{n}.csv") for n in range(count)]
    charts = arrange(read(*paths))
    (overlay,) = laid_out(charts, "overlay")
    assert overlay.title == "a and b"
    shown = min(2 * count, MAX_CURVES)
    assert [curve.colour for curve in overlay.curves] == list(range(shown))
    assert overlay.curves[0].label == "a 0.csv"
    assert overlay.left_out == 2 * count - shown
    (difference,) = laid_out(charts, "difference")
    assert (difference.title, len(difference.curves)) == ("a 0.csv - a 1.csv", 2)


def test_a_curve_alone_stays_as_it_is(tmp_path: Path) -> None:
    charts = arrange(read(table(tmp_path, "step,loss\n1,1\n")))
    for layout in ("panes", "overlay", "difference"):
        assert laid_out(charts, layout) == charts


def test_curves_that_are_not_there_may_still_come(tmp_path: Path) -> None:
    recordings = read(table(tmp_path, "step,loss\n1,1\n"))
    with pytest.raises(TableError, match=r"no curve is called 'los'\. Did you mean 'loss'"):
        arrange(recordings, ["los"])
    assert arrange(recordings, ["los"], more_to_come=True) == []
    assert arrange(recordings, runs=["x"], more_to_come=True) == []
