"""A frame that is drawn once looks as one that is drawn with each curve."""

from __future__ import annotations

import math
from typing import Any

import pytest
from textual.geometry import Region

from zgtui.charts import axes, plot
from zgtui.charts.axes import Axis, Limits
from zgtui.charts.framed import FramedPlot, PlotFrame
from zgtui.charts.overlay import DASHES, Overlay, with_name
from zgtui.charts.plot import InkedRow, Line
from zgtui.config.options import MARKERS, Marker

WIDTH, HEIGHT, GUTTER = 58, 20, 6
CANVAS = Region(GUTTER + 1, 0, WIDTH - GUTTER - 1, HEIGHT - 2)


def frame_of(last: int, high: float, marker: Marker = "braille", grid: str = DASHES) -> PlotFrame:
    steps, losses = axes.fit_steps(last), axes.fit_losses(0.0, high)
    x = Axis(steps, axes.step_ticks(steps, CANVAS.width))
    y = Axis(losses, axes.loss_ticks(losses, CANVAS.height))
    return PlotFrame(WIDTH, HEIGHT, CANVAS, x, y, GUTTER, marker, ("step", "loss"), grid)


def at_once(frame: PlotFrame, lines: list[Line]) -> list[InkedRow]:
    """All of it drawn anew."""
    rows = plot.draw(WIDTH, HEIGHT, frame.x, frame.y, lines, gutter=GUTTER, marker=frame.marker)
    rows[-1] = with_name(rows[-1], CANVAS.x, CANVAS.right, "step", apart=1) or rows[-1]
    rows[1] = with_name(rows[1], 0, GUTTER, "loss", apart=0) or rows[1]
    overlay = Overlay(rows, CANVAS)
    if frame.grid:
        overlay.grid(frame.grid)
    return overlay.rows()


def curves(steps: int) -> list[Line]:
    at = [float(step) for step in range(1, steps + 1)]
    return [
        Line(at, [0.3 * math.exp(-0.05 * step) for step in at]),
        Line(at, [0.38 * math.cos(1.16 * step) ** 2 for step in at]),
        Line(at, [0.2 for _ in at], dotted=True),
    ]


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("grid", [DASHES, "-:", ""])
def test_it_looks_as_drawn_at_once(marker: Marker, grid: str) -> None:
    for steps in (1, 2, 60, 61, 110):
        frame = frame_of(steps, 0.38, marker, grid)
        assert FramedPlot().draw(frame, curves(steps)) == at_once(frame, curves(steps)), steps


def test_a_frame_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = frame_of(173, 0.123), frame_of(173, 7.3)
    wanted = [at_once(frame, curves(9)) for frame in (first, second, first)]
    framed: list[Axis] = []
    real = plot.draw

    def counted(*args: Any, **keywords: Any) -> list[InkedRow]:
        framed.append(args[3])
        return real(*args, **keywords)

    monkeypatch.setattr(plot, "draw", counted)
    drawn = FramedPlot()
    assert [drawn.draw(frame, curves(9)) for frame in (first, second, first)] == wanted
    assert framed == [first.y, second.y]


@pytest.mark.parametrize("limits", [
    Limits(0.0, 1.0), Limits(2.0, 5.0), Limits(1.3, 3.7), Limits(2.9, 3.1), Limits(2.9999, 3.0001),
    Limits(0.0, 2e-7), Limits(-3.0, 120_000.0),
])  # fmt: skip
@pytest.mark.parametrize("height", range(6, 24))
def test_the_name_of_the_losses_and_a_label_never_run_together(limits: Limits, height: int) -> None:
    labels = axes.loss_ticks(limits, height - 2)
    gutter = max(5, *(len(tick.label) for tick in labels))
    canvas = Region(gutter + 1, 0, WIDTH - gutter - 1, height - 2)
    frame = frame_of(100, 1.0)._replace(
        height=height, canvas=canvas, y=Axis(limits, labels), gutter=gutter
    )
    drawn = ["".join(text for _, text in row) for row in FramedPlot().draw(frame, [])]
    assert [line[:gutter].strip() for line in drawn if "loss" in line] == ["loss"]
