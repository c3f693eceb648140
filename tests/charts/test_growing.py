"""A curve of which only the end is drawn looks as one that is drawn whole."""

from __future__ import annotations

import math
import random

import pytest

from zgtui.charts import axes, plot
from zgtui.charts.axes import Axis, Limits
from zgtui.charts.framed import _over
from zgtui.charts.growing import GrowingCurves
from zgtui.charts.plot import FRAME, InkedRow, Line, PlacedLine
from zgtui.config.options import MARKERS, Marker

WIDTH, HEIGHT = 40, 9
STEPS = Axis(Limits(0.0, 100.0), ())


def cells(rows: list[InkedRow]) -> list[InkedRow]:
    """Which ink each cell has that is not blank."""
    return [_over(((FRAME, "|" + " " * WIDTH),), row, 1) for row in rows]


def losses(chance: random.Random, kind: str, count: int) -> list[float]:
    odd = [math.nan, math.inf, 0.0, -1.0, 1e300]
    values = [abs(math.cos(1.16 * step)) + 0.01 for step in range(count)]
    return [chance.choice(odd) if kind == "odd" and chance.random() < 0.2 else it for it in values]


def grown(chance: random.Random, kind: str, y: Axis) -> list[list[PlacedLine]]:
    """Three lines, of which each has more points each time; now and then an older one changes."""
    all_losses = [losses(chance, kind, 100) for _ in range(3)]
    counts = [chance.randint(0, 3) for _ in all_losses]
    found = []
    while min(counts) < 90:
        lines = [
            Line([float(step) for step in range(1, count + 1)], values[:count], at == 1, at == 2)
            for at, (values, count) in enumerate(zip(all_losses, counts, strict=True))
        ]
        found.append([plot.place(line, STEPS, y) for line in lines])
        counts = [min(100, count + chance.choice([0, 0, 1, 2, 7])) for count in counts]
        if chance.random() < 0.1:
            chance.choice(all_losses)[chance.randint(0, 99)] = 0.5
    return found


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize(("kind", "log"), [("smooth", False), ("odd", False), ("odd", True)])
def test_it_looks_as_drawn_whole(marker: Marker, kind: str, log: bool) -> None:  # noqa: FBT001 - a case of two
    y = Axis(axes.fit_decades(0.01, 1.0), (), log=True) if log else Axis(Limits(0.0, 1.0), ())
    growing = GrowingCurves()
    for lines in grown(random.Random(f"{marker} {kind}"), kind, y):
        drawn = growing.draw(WIDTH, HEIGHT, lines, marker)
        assert cells(drawn) == cells(plot.draw_placed(WIDTH, HEIGHT, lines, marker))


def test_only_the_end_of_a_curve_that_grew_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    real = plot.draw_placed

    def counted(width: int, height: int, lines: list[PlacedLine], marker: Marker) -> list[InkedRow]:
        given.append(sum(len(columns) for line in lines for columns, _ in line.pieces))
        return real(width, height, lines, marker)

    monkeypatch.setattr(plot, "draw_placed", counted)
    growing = GrowingCurves()
    y = Axis(Limits(0.0, 1.0), ())
    for count in (80, 81, 81, 82):
        steps = [float(step) for step in range(1, count + 1)]
        line = plot.place(Line(steps, [0.5 for _ in steps]), STEPS, y)
        growing.draw(WIDTH, HEIGHT, [line], "braille")
    assert given[0] == 80
    assert len(given) == 3, "the same again is not drawn"
    assert max(given[1:]) < 10


def test_what_goes_back_is_drawn_whole() -> None:
    growing = GrowingCurves()
    y = Axis(Limits(0.0, 1.0), ())
    steps = [10.0, 50.0, 90.0]
    for more in ([], [20.0], [20.0, 5.0]):
        line = plot.place(Line([*steps, *more], [0.2 for _ in [*steps, *more]]), STEPS, y)
        drawn = growing.draw(WIDTH, HEIGHT, [line], "braille")
        assert cells(drawn) == cells(plot.draw_placed(WIDTH, HEIGHT, [line], "braille"))
