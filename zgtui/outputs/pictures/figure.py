"""Loss curves as a matplotlib figure that can be printed: also in grey, also in a paper's column.

Curves differ by colour (Okabe and Ito's, dark enough for white paper), by line style and by sparse
symbols, since dashes can no longer be told apart where a curve oscillates densely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zgtui.charts.colours import series_colours
from zgtui.curves.arrange import Chart, ShownCurve, TrackUpTo

COLUMNS = 2000
"""Columns that a curve is thinned to, keeping the lowest and highest loss of each: finer than the
print, and a file of a million steps stays small."""
COMPARABLE = 20.0
"""Curves whose highest losses differ by more than this factor get axes of their own."""
HUGE = 1e150
"""Losses are drawn at most this large: the arithmetic of axes overflows beyond."""

LINES = ["-", (0, (5, 1.6)), (0, (1, 1.2)), (0, (6, 1.4, 1, 1.4)), (0, (8, 2)), (0, (2, 1))]
SYMBOLS = ["o", "s", "^", "D", "v", "P"]
SIZES = {1: (5.6, 3.4), 2: (7.4, 3.2), 3: (7.4, 5.6), 4: (7.4, 5.6)}
"""Inches for so many axes."""
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "legend.fontsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.5,
    "axes.axisbelow": True,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "zgtui",
}


@dataclass
class _Drawn:
    curve: ShownCurve
    shown: TrackUpTo
    label: str


def draw(charts: Sequence[Chart], *, until: float = math.inf, log: bool = False) -> Figure:
    """Draw ``charts`` up to step ``until``: in common axes where their losses compare."""
    groups = _groups([[_drawn(curve, chart, until) for curve in chart.curves] for chart in charts])
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZES[min(len(groups), 4)], layout="constrained")
        FigureCanvasAgg(figure)
        rows = 1 if len(groups) <= 2 else 2
        columns = math.ceil(len(groups) / rows)
        for at, group in enumerate(groups, 1):
            _fill(figure.add_subplot(rows, columns, at), group, log=log)
    return figure


def save(figure: Figure, path: Path, ending: str) -> None:
    """Write ``figure`` in the format of ``ending`` (.png, .svg or .pdf) to ``path``."""
    with mpl.rc_context(STYLE):
        figure.savefig(path, format=ending.removeprefix("."), dpi=300)


def _drawn(curve: ShownCurve, chart: Chart, until: float) -> _Drawn:
    shown = TrackUpTo(curve.recording, curve.track)
    shown.limit = until
    first = curve.track.course.clearing_at(-math.inf)
    if len(chart.curves) > 1:
        label = curve.label
    else:
        label = f"{chart.title}: {first.title}" if first else chart.title
    return _Drawn(curve, shown, label)


def _groups(charts: list[list[_Drawn]]) -> list[list[_Drawn]]:
    """The curves of each axes: all in one where each chart has one curve and these compare."""
    alone = [chart[0] for chart in charts if len(chart) == 1]
    if len(alone) != len(charts) or not all(_is_loss(drawn.curve.track.name) for drawn in alone):
        return charts
    highest = [max(map(abs, losses), default=0.0) for _, losses in map(_points, alone)]
    positive = [value for value in highest if value > 0]
    if positive and max(positive) > COMPARABLE * min(positive):
        return charts
    return [alone]


def _is_loss(name: str) -> bool:
    return name in {"A", "B"} or "loss" in name.lower()


def _points(drawn: _Drawn) -> tuple[list[float], list[float]]:
    first = drawn.curve.track.trace.first_step or 0.0
    steps, losses = drawn.shown.points(COLUMNS, first, drawn.shown.steps)
    return steps, [min(max(loss, -HUGE), HUGE) for loss in losses]


def _fill(axes: Axes, group: list[_Drawn], *, log: bool) -> None:
    colours = series_colours(dark=False)
    for at, drawn in enumerate(group):
        steps, losses = _points(drawn)
        if log:
            kept = [(step, loss) for step, loss in zip(steps, losses, strict=True) if loss > 0]
            steps, losses = [step for step, _ in kept], [loss for _, loss in kept]
        # Symbols of one curve stand between those of the others.
        every = max(1, len(steps) // 9)
        axes.plot(
            steps,
            losses,
            label=drawn.label,
            color=colours[drawn.curve.colour % len(colours)],
            linestyle=LINES[drawn.curve.colour % len(LINES)],
            linewidth=1.3 if len(steps) <= 100 else 1.0 if len(steps) < COLUMNS else 0.7,
            zorder=3 - at / len(group),
            marker=SYMBOLS[drawn.curve.colour % len(SYMBOLS)],
            markevery=(every * at // len(group), every),
            markersize=4,
            markerfacecolor="white",
            markeredgewidth=1,
        )
        _mark(axes, drawn, several=len(group) > 1)
    if log and any(loss > 0 for drawn in group for loss in _points(drawn)[1]):
        axes.set_yscale("log")
    axes.set_xlabel(group[0].curve.recording.axis)
    name = group[0].curve.track.name
    axes.set_ylabel("loss" if all(_is_loss(one.curve.track.name) for one in group) else name)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    # Above the axes: a legend never covers a curve.
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2 if len(group) > 1 else 1,
        frameon=False,
        handlelength=3,
        borderaxespad=0.2,
    )


def _mark(axes: Axes, drawn: _Drawn, *, several: bool) -> None:
    """Vertical lines where a setting changed, and what became of the curve if it diverged."""
    who = f"{drawn.curve.track.name}: " if several else ""
    notes = [(step, f"{who}{label}") for step, label in drawn.shown.changes]
    trend = drawn.shown.trend()
    if trend is not None and trend.state == "diverged" and trend.since is not None:
        notes.append((trend.since, f"{who}diverged"))
    for step, text in notes:
        axes.axvline(step, color="#7a7a7a", linewidth=0.7, linestyle=(0, (1, 2)), zorder=1)
        axes.annotate(
            text,
            (step, 1),
            xycoords=("data", "axes fraction"),
            xytext=(2, -2),
            textcoords="offset points",
            rotation=90,
            ha="left",
            va="top",
            fontsize=7,
            color="#444444",
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.6},
            zorder=4,
        )
