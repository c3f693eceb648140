"""The curves of a chart as a picture of pixels, on a terminal that shows such."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region, Size

from zgtui.charts import plot
from zgtui.tui.widgets.chart_inks import found_inks, on_terminals_own
from zgtui.tui.widgets.chart_rows import ChartRows

if TYPE_CHECKING:
    from zgtui.tui.graphics.pixels import Drawing, Picture, Span

PICTURE_SECONDS = 0.25
"""Pictures are many bytes: what is new of a loss is drawn as one at most so often."""
PICTURE_DETAIL = 4
"""Pictures show so many times as many points as text does."""


class PaintedChart(ChartRows):
    """Paints its curves where ``graphics`` are known, over the rows that have the axes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._inks: list[Style] | None = None
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

    def _ink_styles(self) -> list[Style]:
        """The style of each ink, found once for a theme: that takes a tenth of a redraw."""
        if self._inks is None:
            self._inks = found_inks(self, self.curves)
        return self._inks

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
        if graphics is None or not self._has_axes or on_terminals_own(self):
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
        """What there is to paint."""
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
