"""Lays pictures over the text of a screen, behind the filter that makes text harmless.

What is written here was made of numbers alone: no text from outside takes this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from textual.geometry import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from textual.widget import Widget

    from zgtui.tui.graphics.asking import Graphics
    from zgtui.tui.graphics.pixels import Picture, Span
    from zgtui.tui.widgets.chart import LossChart


class PictureLayer:
    """The pictures of ``charts`` on a terminal that has ``graphics``."""

    def __init__(
        self,
        graphics: Graphics,
        charts: Callable[[], Iterable[LossChart]],
        regions: Callable[[], Mapping[Widget, tuple[Region, Region]]],
    ) -> None:
        self._graphics, self._charts, self._regions = graphics, charts, regions
        self._keys: WeakKeyDictionary[LossChart, int] = WeakKeyDictionary()
        self._sent: WeakKeyDictionary[LossChart, Picture] = WeakKeyDictionary()

    def over(self, written: Sequence[Span], *, full: bool) -> str:
        """What is to be sent after text was written to the cells ``written`` of the screen.

        After a ``full`` update nothing is taken to be left in the terminal.
        """
        return "".join(self._of(chart, written, full=full) for chart in self._charts())

    def _of(self, chart: LossChart, written: Sequence[Span], *, full: bool) -> str:
        key = self._keys.setdefault(chart, len(self._keys))
        before, picture = self._sent.get(chart), chart.picture
        free = self._free(chart)
        if picture is None or not free:
            self._sent.pop(chart, None)
            return "" if before is None else self._graphics.forgotten(key)
        at = chart.content_region.offset + chart.canvas.offset
        touched = tuple(_common(free, [(y - at.y, x - at.x, end - at.x) for y, x, end in written]))
        new = full or picture is not before
        if not new and not touched:
            return ""
        self._sent[chart] = picture
        return self._graphics.shown(key, at, picture, free, touched, new=new)

    def _free(self, chart: LossChart) -> tuple[Span, ...]:
        """The cells of its picture over which nothing stands."""
        at = chart.content_region.offset + chart.canvas.offset
        covers: list[Region] = []
        for widget, (region, clip) in self._regions().items():
            if widget is chart:
                return tuple(_without(chart.free, [one.translate(-at) for one in covers]))
            covers.append(region.intersection(clip))
        return ()


def _common(spans: Iterable[Span], others: Sequence[Span]) -> Iterator[Span]:
    """What of ``spans`` is also in ``others``."""
    rows: dict[int, list[Span]] = {}
    for other in others:
        rows.setdefault(other[0], []).append(other)
    for y, start, end in spans:
        for _, other_start, other_end in rows.get(y, ()):
            left, right = max(start, other_start), min(end, other_end)
            if left < right:
                yield y, left, right


def _without(spans: Iterable[Span], covers: Sequence[Region]) -> Iterator[Span]:
    """What of ``spans`` is in none of ``covers``."""
    for y, start, end in spans:
        pieces = [(start, end)]
        for cover in covers:
            if cover.y <= y < cover.bottom:
                pieces = [
                    piece
                    for left, right in pieces
                    for piece in ((left, min(right, cover.x)), (max(left, cover.right), right))
                    if piece[0] < piece[1]
                ]
        yield from ((y, left, right) for left, right in pieces)
