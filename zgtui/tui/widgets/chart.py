"""The live chart of one pane: curves of loss over step, redrawn only where they changed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from zgtui.charts import plot
from zgtui.charts.loss_axis import LossScale
from zgtui.charts.overlay import Mark
from zgtui.charts.plot import Curve, Source
from zgtui.tui.widgets.chart_rows import MIN_GUTTER
from zgtui.tui.widgets.painted_chart import PaintedChart

__all__ = ["Curve", "LossChart", "Mark", "Source"]


class LossChart(PaintedChart):
    """Draws ``curves`` and ``marks`` in its own area, at any size from one cell up.

    The owner calls ``update_data`` from its timer; nothing is drawn or sent when nothing changed.
    On a logarithmic axis losses of zero and below lie on its lower edge. Where a curve lies beyond
    a linear axis, a triangle at the edge says so. ``Pointed`` tells which step the mouse is at.
    Charts whose ``scale`` is one object have one loss axis.
    """

    DEFAULT_CSS = """
    LossChart {
        width: 1fr;
        height: 1fr;
        & > .loss-chart--frame { color: $foreground 55%; }
        & > .loss-chart--label { color: $foreground 70%; }
        & > .loss-chart--mark { color: $foreground 60%; }
        & > .loss-chart--notice { color: $foreground 70%; }
        & > .loss-chart--cross { color: $foreground; }
        & > .loss-chart--grid { color: $foreground 50%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "loss-chart--frame",
        "loss-chart--label",
        "loss-chart--mark",
        "loss-chart--notice",
        "loss-chart--cross",
        "loss-chart--grid",
    }

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._drawn: object = None
        self._plain: list[plot.InkedRow] = []
        self._plain_of: object = None
        self._drawn_size = Size()
        self._rows: list[plot.InkedRow] = []
        self._strips: list[Strip] = []
        self._paper: Style | None = None
        """The background, while rows are drawn."""

    @property
    def scale(self) -> LossScale:
        """The loss axis, which other charts may have too."""
        return self._scale

    @scale.setter
    def scale(self, scale: LossScale) -> None:
        if scale is not self._scale:
            self._scale.leave(self)
            self._scale = scale
            self._forget_axes()

    def update_data(self) -> bool:
        """Draw anew if anything changed and repaint the cells that differ; tell whether any do."""
        before, size = self._rows, self._drawn_size
        if not self.is_mounted or not self._redraw():
            return False
        painted, self._painted = self._painted, (self._picture, self._canvas)
        left_over = painted[0] is not None and (self._picture is None or painted[1] != self._canvas)
        if size != self._drawn_size or len(before) != len(self._rows) or left_over:
            self.refresh()
            return True
        changed = [
            Region(start, row, count, 1)
            for row, (old, new) in enumerate(zip(before, self._rows, strict=True))
            if old != new
            for start, count in plot.changes(old, new)
        ]
        if self._picture is not painted[0]:
            changed.append(Region(*self._canvas.offset, 1, 1))  # what lies over it comes after it
        if changed:
            self.refresh(*changed)
        return bool(changed)

    def render_line(self, y: int) -> Strip:
        """The finished row ``y``, over whatever background the widget lies on."""
        # only for a new size or theme: news would change rows that nobody then repaints
        if not self._strips or self._drawn_size != self.content_size:
            self._redraw()
        paper = self._paper or self.rich_style
        if y >= len(self._strips):
            return Strip.blank(self.size.width, paper)
        return self._strips[y].apply_style(paper)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Several rows; to find the background anew for each takes longer than all else."""
        self._paper = self.rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._paper = None

    def notify_style_update(self) -> None:
        """Take up the colours of a new theme."""
        super().notify_style_update()
        self._drawn = None
        self._inks = None
        self._forget_rows()

    def watch_curves(self) -> None:
        """Fit the axes to the new curves alone, and take their colours."""
        self._inks = None
        self._forget_rows()
        self._forget_axes()

    def watch_log_scale(self) -> None:
        """Fit anew: exponents and losses share no limits."""
        self._forget_axes()

    watch_show_all = watch_zero_line = watch_log_scale

    def watch_marks(self) -> None:
        """Show the new marks at once."""
        self.update_data()

    watch_planned = watch_ended = watch_until = watch_marks

    watch_marker = watch_placeholder = watch_graphics = watch_marks

    watch_crosshair = watch_window = watch_step_axis = watch_axis_names = watch_grid = watch_marks

    def _forget_rows(self) -> None:
        self._rows, self._strips = [], []

    def _forget_axes(self) -> None:
        self._scale.leave(self)
        self._gutter = MIN_GUTTER
        self.update_data()

    def _redraw(self) -> bool:
        """Bring the strips up to date; False where they already were."""
        size = self.content_size
        revisions = tuple(curve.source.revision for curve in self.curves)
        shown = (
            self.window,
            self.step_axis,
            self.zero_line,
            self.grid,
            self.axis_names,
            self.marks,
            self.planned,
            self.ended,
            self.until,
            self.log_scale,
            self.show_all,
            self.marker,
            self.graphics,
        )
        key = (size, self.curves, revisions, shown, self.placeholder)
        if (key, self._scale.limits, self.crosshair) == self._drawn or not size:
            return False
        if not self._is_due((size, self.curves, shown, self.crosshair)):
            return False
        self._drawn_size = size
        if (key, self._scale.limits) != self._plain_of:
            self._plain = self._draw(*size)
            self._plain_of = key, self._scale.limits
            self._picture = self._paint()
        rows = self._with_crosshair(self._plain)
        if self._picture is not None:
            from zgtui.tui.graphics.pixels import cut_out  # noqa: PLC0415 - most draw in text

            rows, self.free = cut_out(rows, self._canvas)
        self._drawn = key, self._scale.limits, self.crosshair
        inks = self._ink_styles()
        alike = len(rows) == len(self._rows)
        self._strips = [
            self._strips[index]
            if alike and row == self._rows[index]
            else Strip([Segment(text, inks[ink]) for ink, text in row], size.width)
            for index, row in enumerate(rows)
        ]
        self._rows = rows
        return True
