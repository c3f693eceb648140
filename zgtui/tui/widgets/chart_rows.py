"""The curves of a chart as rows of text: axes, grid, marks, what lies beyond, the crosshair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.reactive import reactive

from zgtui.charts import axes, framed, plot
from zgtui.charts.crosshair import measured
from zgtui.charts.loss_axis import LossScale, Range, decades, has_risen, wanted_range
from zgtui.charts.overlay import DASHES, Mark, Overlay
from zgtui.charts.plot import Curve
from zgtui.charts.step_axis import ClockSteps, points
from zgtui.charts.words import number
from zgtui.config.options import Marker
from zgtui.tui.widgets.mouse_chart import MouseChart

if TYPE_CHECKING:
    from zgtui.tui.graphics.asking import Graphics

MIN_GUTTER = 5
_MIN_COLUMNS = 8
_MIN_ROWS = 3
_NAMED_ROWS = 6
"""Axes have names, and a grid, in charts at least so high: lower ones have a tick in each row."""
GRID_GLYPHS = {"ascii": "-:", "dot": "-¦"}
"""What a grid is drawn with where fonts have no dashes."""


class ChartRows(MouseChart):
    """Draws its curves and marks into rows, at any size from one cell up."""

    curves: reactive[tuple[Curve, ...]] = reactive((), init=False, repaint=False)
    marks: reactive[tuple[Mark, ...]] = reactive((), init=False, repaint=False)
    planned: reactive[int] = reactive(0, init=False, repaint=False)
    """Length of the run in steps where it is known: the step axis is never shorter."""
    log_scale: reactive[bool] = reactive(default=False, init=False, repaint=False)
    zero_line: reactive[bool] = reactive(default=False, init=False, repaint=False)
    """Whether a line at zero is drawn, as of a difference."""
    grid: reactive[bool] = reactive(default=True, init=False, repaint=False)
    """Whether lines go on from the ticks of both axes, where the chart is high enough."""
    axis_names: reactive[tuple[str, str]] = reactive(("step", "loss"), init=False, repaint=False)
    """What the horizontal and the vertical axis are called."""
    show_all: reactive[bool] = reactive(default=False, init=False, repaint=False)
    """Whether the loss axis reaches to every loss, however far above the others."""
    window: reactive[axes.Limits | None] = reactive(None, init=False, repaint=False)
    """The part of the step axis that is shown; None for the whole run."""
    ended: reactive[bool] = reactive(default=False, init=False, repaint=False)
    """Whether no more steps are to come: axes then end where the run does."""
    until: reactive[float] = reactive(0.0, init=False, repaint=False)
    """How far its step axis reaches at least, in what that counts, as that of a chart beside it."""
    crosshair: reactive[float | None] = reactive(None, init=False, repaint=False)
    """The step that is looked at; None where none is."""
    marker: reactive[Marker] = reactive[Marker]("braille", init=False, repaint=False)
    graphics: reactive[Graphics | None] = reactive(None, init=False, repaint=False)
    """How the terminal shows curves as a picture; None where they are drawn as text."""
    placeholder: reactive[str] = reactive("no steps yet", init=False, repaint=False)
    """What an empty chart says."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._plot = framed.FramedPlot()
        self._scale = LossScale()
        self.clipped = False
        """Whether something lies beyond the loss axis."""
        self._gutter = MIN_GUTTER
        self._lines: list[plot.Line] = []
        self._levels: list[int] = []
        self._uprights: list[int] = []
        self._mark_columns: list[int] = []
        self._shown = axes.fit_steps(0)
        self._y_axis = axes.Axis(axes.Limits(0.0, 1.0), ())

    @property
    def canvas(self) -> Region:
        """Where its curves are."""
        return self._canvas

    @property
    def decades(self) -> float:
        """Over how many powers of ten the losses drawn reach."""
        return decades(self._lines)

    @property
    def risen(self) -> bool:
        """Whether a curve came so far above its first loss that a linear axis flattens the rest."""
        return has_risen(self._lines)

    @property
    def drawn_curves(self) -> Sequence[Curve]:
        """Those that it draws."""
        return self.curves

    @property
    def moves(self) -> bool:
        """Whether a part of an axis is shown, which a drag moves."""
        return self.window is not None or self._scale.chosen is not None

    @property
    def run_limits(self) -> axes.Limits:
        """The step axis of the whole run."""
        last = max((curve.source.steps for curve in self.curves), default=0)
        return axes.fit_steps(last, self.planned)

    def _draw(self, width: int, height: int) -> list[plot.InkedRow]:
        """Everything but the crosshair."""
        self._shown = shown = self.window or self.run_limits
        x_limits = self._x_limits()
        room = max(width - self._gutter - 1, min(width, _MIN_COLUMNS))
        self._lines = [self._line(curve, room, shown, x_limits) for curve in self.curves]
        if not any(map(math.isfinite, (loss for line in self._lines for loss in line.losses))):
            drawn = any(curve.source.steps for curve in self.curves)
            return self._empty(width, height, "no finite loss" if drawn else self.placeholder)
        self._has_axes = True
        self._y_axis = self._fit_losses(height)
        gutter = self._fit_canvas(width, height)
        self._x_axis = axes.Axis(x_limits, self.step_axis.ticks(x_limits, self._canvas.width))
        return self._overlaid(self._framed(width, height, gutter))

    def _framed(self, width: int, height: int, gutter: int | None) -> list[plot.InkedRow]:
        """The curves, with axes where there is room for a ``gutter``, names and a grid."""
        self._levels, self._uprights = [], []
        x, y, marker = self._x_axis, self._y_axis, self.marker
        if gutter is None:
            return plot.draw(width, height, x, y, self._lines, gutter=None, marker=marker)
        roomy = height >= _NAMED_ROWS
        names = self.axis_names if roomy else None
        grid = GRID_GLYPHS.get(marker, DASHES) if roomy and self.grid else ""
        frame = framed.PlotFrame(width, height, self._canvas, x, y, gutter, marker, names, grid)
        if grid:
            self._levels, self._uprights = framed.ticks(frame)
        return self._plot.draw(frame, self._lines)

    @property
    def span(self) -> axes.Limits:
        """Of what the axis counts: that of its longest run."""
        shown = self.window or self.run_limits
        growing = self.window is None and not self.ended
        spans = [
            self.step_axis.limits(shown, times, growing=growing)
            for times in {id(curve.times): curve.times for curve in self.curves}.values()
        ]
        return max(spans, key=lambda one: one.high, default=shown)

    def _x_limits(self) -> axes.Limits:
        span = self.span
        if self.window is not None or not isinstance(self.step_axis, ClockSteps):
            return span  # ``until`` may yet be of the axis, or the part, that was shown before
        return axes.Limits(span.low, max(span.high, self.until))

    def _fit_canvas(self, width: int, height: int) -> int | None:
        """Leave room for axes and their labels; the gutter, None where there is no room."""
        widest = max(len(tick.label) for tick in self._y_axis.ticks)
        self._gutter = max(self._gutter, widest)
        gutter: int | None = self._gutter
        columns, rows_left = width - self._gutter - 1, height - 2
        if columns < _MIN_COLUMNS or rows_left < _MIN_ROWS:
            gutter, columns, rows_left = None, width, height
        self._canvas = Region(width - columns, 0, columns, rows_left)
        return gutter

    def _overlaid(self, rows: list[plot.InkedRow]) -> list[plot.InkedRow]:
        """``rows`` with marks, and with what lies beyond the axes."""
        marks = [
            (column, mark.label)
            for mark in self.marks
            if (column := self._column(self._position_of(mark.step))) is not None
        ]
        self._mark_columns = [column for column, _ in marks]
        zeros = self._zeros() if self.log_scale and self._canvas.height > 0 else []
        beyond = self._beyond(self._y_axis)
        self.clipped = bool(beyond)
        if not marks and not zeros and not beyond and not self.zero_line:
            return rows
        overlay = Overlay(rows, self._canvas)
        self._draw_zero_line(overlay)
        for columns_at_zero, ink in zeros:
            overlay.zeros(columns_at_zero, ink)
        for above, below, ink in beyond:
            overlay.clipped(above, below, ink, "^v" if self.marker == "ascii" else "▲▼")
        overlay.mark(marks, "|" if self.marker == "ascii" else "│")
        return overlay.rows()

    def _draw_zero_line(self, overlay: Overlay) -> None:
        height = self._canvas.height
        level = self._y_axis.place(0.0) if self.zero_line and not self._y_axis.beyond(0.0) else None
        if level is not None and height > 0:
            row = height - 1 - plot.column(level, height)
            self._levels = [*self._levels, row]
            overlay.level(row, "-" if self.marker == "ascii" else "─")

    def _line(self, curve: Curve, columns: int, shown: axes.Limits, span: axes.Limits) -> plot.Line:
        drawn = points(self.step_axis, curve, columns, shown, span)
        return plot.Line(*drawn, curve.dotted, curve.faint)

    def _zeros(self) -> list[tuple[list[int], plot.Ink]]:
        """The columns at which each measured curve is at zero, with its ink."""
        found = []
        for at, line in enumerate(self._lines):
            steps = [step for step, loss in zip(line.steps, line.losses, strict=True) if loss == 0]
            shown = [column for step in steps if (column := self._column(step)) is not None]
            if shown and not line.dotted:
                found.append((shown, plot.CURVE + at))
        return found

    def _beyond(self, axis: axes.Axis) -> list[tuple[set[int], set[int], plot.Ink]]:
        """Where each measured curve leaves the loss axis: columns above, columns below, its ink.

        What falls below a logarithmic axis lies at its edge without a sign, unless it was zoomed.
        """
        found = []
        for at, line in enumerate(self._lines):
            if line.dotted or (axis.log and self._scale.chosen is None):
                continue
            above, below = set[int](), set[int]()
            for step, loss in zip(line.steps, line.losses, strict=True):
                side = axis.beyond(loss)
                column = self._column(step) if side else None
                if column is not None:
                    (above if side > 0 else below).add(column)
            if above or below:
                found.append((above, below, plot.CURVE + at))
        return found

    def _empty(self, width: int, height: int, notice: str) -> list[plot.InkedRow]:
        """A notice alone; plotext, slow to import, is not needed before there is a curve."""
        self._scale.leave(self)
        self.clipped = self._has_axes = False
        self._canvas = Region(0, 0, width, height)
        overlay = Overlay([((plot.BLANK, " " * width),)] * height, self._canvas)
        overlay.notice(notice)
        return overlay.rows()

    def _fit_losses(self, height: int) -> axes.Axis:
        log = self.log_scale
        # who zooms in on a spike wants to see it
        everything = self.show_all or self.window is not None
        wanted = wanted_range(self._lines, log=log, everything=everything)
        if wanted is not None and self.zero_line and not log:
            wanted = Range(min(wanted.low, 0.0), max(wanted.high, 0.0))
        # log, none positive: any axis does
        limits = self._scale.fit(self, wanted or Range(0.1, 1.0), log=log)
        ticks = axes.decade_ticks if log else axes.loss_ticks
        return axes.Axis(limits, ticks(limits, max(1, height - 2)), log)

    def _column(self, position: float) -> int | None:
        """The column of the canvas at ``position`` of the step axis; None beyond it."""
        if not self._x_axis.limits.low <= position <= self._x_axis.limits.high:
            return None
        return plot.column(self._x_axis.fraction(position), self._canvas.width)

    def _with_crosshair(self, rows: list[plot.InkedRow]) -> list[plot.InkedRow]:
        """``rows`` with the line of the step that is looked at."""
        if self.crosshair is None or not self._has_axes:
            return rows
        column = self._column(self._position_of(self.crosshair))
        if column is None:
            return rows
        losses = [number(curve.source.at(self.crosshair)) for curve in measured(self.curves)]
        overlay = Overlay(rows, self._canvas)
        glyph = {"ascii": "!", "dot": "║"}.get(self.marker, "┃")
        overlay.cross(column, glyph, losses[0] if len(losses) == 1 else "")
        return overlay.rows()
