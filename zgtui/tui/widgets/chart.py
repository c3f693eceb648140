"""The live chart of one pane: curves of loss over step, redrawn only where they changed."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from zgtui.charts import axes, plot
from zgtui.charts.crosshair import measured
from zgtui.charts.loss_axis import LossScale, Range, decades, has_risen, wanted_range
from zgtui.charts.overlay import DASHES, Mark, Overlay, with_name
from zgtui.charts.plot import Curve, Source
from zgtui.charts.step_axis import points
from zgtui.charts.words import number
from zgtui.config.options import Marker
from zgtui.tui.widgets.mouse_chart import MouseChart

if TYPE_CHECKING:
    from zgtui.tui.graphics.asking import Graphics
    from zgtui.tui.graphics.pixels import Drawing, Picture, Span

__all__ = ["Curve", "LossChart", "Mark", "Source"]

_MIN_GUTTER = 5
_MIN_COLUMNS = 8
_MIN_ROWS = 3
_NAMED_ROWS = 8
"""Axes have names in charts at least so high."""
GRID_GLYPHS = {"ascii": "-:", "dot": "-¦"}
"""What a grid is drawn with where fonts have no dashes."""
PICTURE_SECONDS = 0.25
"""Pictures are many bytes: what is new of a loss is drawn as one at most so often."""
PICTURE_DETAIL = 4
"""Pictures show so many times as many points as text does."""
FAINT = 0.5
"""How much of the background is in the colour of losses behind their average."""


class LossChart(MouseChart):
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
    crosshair: reactive[float | None] = reactive(None, init=False, repaint=False)
    """The step that is looked at; None where none is."""
    marker: reactive[Marker] = reactive[Marker]("braille", init=False, repaint=False)
    graphics: reactive[Graphics | None] = reactive(None, init=False, repaint=False)
    """How the terminal shows curves as a picture; None where they are drawn as text."""
    placeholder: reactive[str] = reactive("no steps yet", init=False, repaint=False)
    """What an empty chart says."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._drawn: object = None
        self._inks: list[Style] | None = None
        self._plain: list[plot.Row] = []
        self._plain_of: object = None
        self._drawn_size = Size()
        self._rows: list[plot.Row] = []
        self._strips: list[Strip] = []
        self._scale = LossScale()
        self.clipped = False
        """Whether something lies beyond the loss axis."""
        self._gutter = _MIN_GUTTER
        self._lines: list[plot.Line] = []
        self._levels: list[int] = []
        self._uprights: list[int] = []
        self._mark_columns: list[int] = []
        self._shown = axes.fit_steps(0)
        self._y_axis = axes.Axis(axes.Limits(0.0, 1.0), ())
        self._looks: object = None
        self._drawn_at = 0.0
        self._picture: Picture | None = None
        self._painted: tuple[Picture | None, Region] = None, Region()
        self.free: tuple[Span, ...] = ()
        """The cells of the canvas that its picture may cover."""

    @property
    def picture(self) -> Picture | None:
        """Its curves as a picture, which lies over the canvas; None where they are text."""
        return self._picture

    @property
    def canvas(self) -> Region:
        """Where its curves are."""
        return self._canvas

    @property
    def decades(self) -> float:
        """Over how many powers of ten the losses drawn reach."""
        return decades(self._lines)

    @property
    def drawn_curves(self) -> Sequence[Curve]:
        """Those that it draws."""
        return self.curves

    @property
    def moves(self) -> bool:
        """Whether a part of an axis is shown, which a drag moves."""
        return self.window is not None or self._scale.chosen is not None

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

    @property
    def risen(self) -> bool:
        """Whether a curve came so far above its first loss that a linear axis flattens the rest."""
        return has_risen(self._lines)

    @property
    def run_limits(self) -> axes.Limits:
        """The step axis of the whole run."""
        last = max((curve.source.steps for curve in self.curves), default=0)
        return axes.fit_steps(last, self.planned)

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
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strips[y].apply_style(self.rich_style)

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

    watch_planned = watch_marker = watch_placeholder = watch_graphics = watch_marks

    watch_crosshair = watch_window = watch_step_axis = watch_axis_names = watch_grid = watch_marks

    def _forget_rows(self) -> None:
        self._rows, self._strips = [], []

    def _forget_axes(self) -> None:
        self._scale.leave(self)
        self._gutter = _MIN_GUTTER
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

    def _is_due(self, looks: object) -> bool:
        """Whether to draw now; of a picture, where only losses are new, not at once."""
        now = time.monotonic()
        alike = self._picture is not None and looks == self._looks
        if alike and now < self._drawn_at + PICTURE_SECONDS:
            return False
        self._looks, self._drawn_at = looks, now
        return True

    def _paint(self) -> Picture | None:
        """Its curves as a picture, where that can be shown."""
        graphics, area = self.graphics, self._canvas
        if graphics is None or not self._has_axes or self._on_terminals_own:
            return None
        if area.width > graphics.max_columns or area.height < 1:
            return None
        from zgtui.outputs.terminal_graphics import cell_pixels  # noqa: PLC0415 - most draw in text
        from zgtui.tui.graphics.pixels import draw  # noqa: PLC0415 - most draw in text

        if pixels := cell_pixels():  # fonts grow and shrink
            graphics.cell = Size(*pixels)
        drawn = draw(self._drawing(), area.size, graphics.cell)
        before = self._picture
        return before if before is not None and before.is_like(drawn) else drawn

    def _drawing(self) -> Drawing:
        from zgtui.tui.graphics.pixels import Drawing  # noqa: PLC0415 - most draw in text

        columns = self._canvas.width * PICTURE_DETAIL
        inks = self._ink_styles()
        paper = self.background_colors[1].rgb
        ink_of = [inks[plot.GRID], inks[plot.MARK], *inks[plot.CURVE :]]
        colours = [style.color.get_truecolor() for style in ink_of if style.color is not None]
        return Drawing(
            self._x_axis,
            self._y_axis,
            [self._line(one, columns, self._shown, self._x_axis.limits) for one in self.curves],
            [paper, *((one.red, one.green, one.blue) for one in colours)],
            self._levels,
            self._uprights,
            self._mark_columns,
        )

    def _draw(self, width: int, height: int) -> list[plot.Row]:
        last = max((curve.source.steps for curve in self.curves), default=0)
        self._shown = shown = self.window or self.run_limits
        spans = [
            self.step_axis.limits(shown, times, whole=self.window is None)
            for times in {id(curve.times): curve.times for curve in self.curves}.values()
        ]
        x_limits = max(spans, key=lambda one: one.high, default=shown)
        room = max(width - self._gutter - 1, min(width, _MIN_COLUMNS))
        self._lines = [self._line(curve, room, shown, x_limits) for curve in self.curves]
        if not any(map(math.isfinite, (loss for line in self._lines for loss in line.losses))):
            return self._empty(width, height, "no finite loss" if last else self.placeholder)
        self._has_axes = True
        self._y_axis = y_axis = self._fit_losses(height)
        widest = max(len(tick.label) for tick in y_axis.ticks)
        self._gutter = max(self._gutter, widest)
        gutter: int | None = self._gutter
        columns, rows_left = width - self._gutter - 1, height - 2
        if columns < _MIN_COLUMNS or rows_left < _MIN_ROWS:
            gutter, columns, rows_left = None, width, height
        self._canvas = Region(width - columns, 0, columns, rows_left)
        self._x_axis = axes.Axis(x_limits, self.step_axis.ticks(x_limits, columns))
        rows = plot.draw(
            width, height, self._x_axis, y_axis, self._lines, gutter=gutter, marker=self.marker
        )
        if gutter is not None and height >= _NAMED_ROWS:
            rows = self._named(rows)
        gridded = self.grid and gutter is not None and height >= _NAMED_ROWS
        marks = [
            (column, mark.label)
            for mark in self.marks
            if (column := self._column(self._position_of(mark.step))) is not None
        ]
        self._mark_columns = [column for column, _ in marks]
        self._levels, self._uprights = [], []
        zeros = self._zeros() if self.log_scale and rows_left > 0 else []
        beyond = self._beyond(y_axis)
        self.clipped = bool(beyond)
        if not marks and not zeros and not beyond and not self.zero_line and not gridded:
            return rows
        overlay = Overlay(rows, self._canvas)
        if gridded:
            self._levels, self._uprights = overlay.ticks()
            overlay.grid(GRID_GLYPHS.get(self.marker, DASHES))
        level = y_axis.place(0.0) if self.zero_line and not y_axis.beyond(0.0) else None
        if level is not None and rows_left > 0:
            line = "-" if self.marker == "ascii" else "─"
            row = rows_left - 1 - plot.column(level, rows_left)
            self._levels = [*self._levels, row]
            overlay.level(row, line)
        for columns_at_zero, ink in zeros:
            overlay.zeros(columns_at_zero, ink)
        for columns_above, columns_below, ink in beyond:
            overlay.clipped(
                columns_above, columns_below, ink, "^v" if self.marker == "ascii" else "▲▼"
            )
        overlay.mark(marks, "|" if self.marker == "ascii" else "│")
        return overlay.rows()

    def _named(self, rows: list[plot.Row]) -> list[plot.Row]:
        """The names of both axes, where labels leave room for them."""
        steps, losses = self.axis_names
        right = self._canvas.right
        rows[-1] = with_name(rows[-1], self._canvas.x, right, steps, apart=1) or rows[-1]
        for at in range(1, len(rows) - 2):
            found = with_name(rows[at], 0, self._gutter, losses, apart=0)
            if found is not None:
                rows[at] = found
                break
        return rows

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

    def _empty(self, width: int, height: int, notice: str) -> list[plot.Row]:
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

    def _with_crosshair(self, rows: list[plot.Row]) -> list[plot.Row]:
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

    def _ink_styles(self) -> list[Style]:
        """The style of each ink, found once for a theme: that takes a tenth of a redraw."""
        if self._inks is None:
            self._inks = self._found_inks()
        return self._inks

    def _found_inks(self) -> list[Style]:
        """Of foreground alone, so that the background shines through."""
        names = ("frame", "label", "mark", "notice", "cross", "grid")
        fixed = [
            Style(
                color=self.get_component_rich_style(f"loss-chart--{name}").color,
                dim=name == "grid" and self._on_terminals_own,
            )
            for name in names
        ]
        return [Style(), *fixed, *map(self._curve_style, self.curves)]

    def _curve_style(self, curve: Curve) -> Style:
        name = curve.style
        colour = Color.parse(self.app.theme_variables[name[1:]] if name.startswith("$") else name)
        if curve.faint and self._on_terminals_own:
            return Style(color=colour.rich_color, dim=True)
        if curve.faint:
            colour = colour.blend(self.background_colors[1], FAINT)
        return Style(color=colour.rich_color)

    @property
    def _on_terminals_own(self) -> bool:
        """Whether the background is the terminal's, with whose colour none can be mixed."""
        return self.background_colors[1].ansi is not None
