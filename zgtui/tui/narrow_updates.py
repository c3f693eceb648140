"""What changed on the screen is drawn and sent to the terminal, and nothing beside or behind it.

Textual 8.2 crops what a partial update sends at its right end alone: a cell that changes at the end
of a curve sends the whole row of its widget. And it draws all rows of all widgets between the first
change and the last, also where others lie over them. This takes private names of Textual; where it
has others, or its updates are of another kind, they are sent as Textual does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate, ReflowResult
from textual.geometry import Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console
    from textual.dom import DOMNode
    from textual.geometry import Size
    from textual.strip import Strip
    from textual.widget import Widget

    from zgtui.tui.graphics.layer import PictureLayer


class NarrowCompositor(Compositor):
    """Sends of each line exactly the cells that are to be updated, and what lies over them.

    It also tells every widget whose size has changed: Textual forgets it of those where somebody
    asks for a region after something has changed and before it is laid out.
    """

    pictures: PictureLayer | None = None

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[Widget, Size] = {}
        """The sizes that widgets were told."""
        self._changed: Sequence[Region] = ()
        """What is being updated, where that is a part of the screen."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out the screen."""
        found = super().reflow(parent, size)
        before = self._told
        self._told = {widget: place.region.size for widget, place in self._full_map.items()}
        changed = {widget for widget, now in self._told.items() if before.get(widget) != now}
        return ReflowResult(found.hidden, found.shown, changed)

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Take up what has changed; for what is not displayed Textual lays out the screen anew."""
        unseen = {one for one in widgets - self.visible_widgets.keys() if not _is_displayed(one)}
        super().update_widgets(widgets - unseen)

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:  # noqa: FBT001, FBT002 - as Textual has it
        """The whole screen."""
        update = super().render_full_update(simplify)
        if self.pictures is None:
            return update
        return PicturedUpdate(update, self.pictures)

    def render_partial_update(self) -> ChopsUpdate | None:
        """What is to be updated, if anything is."""
        self._changed = tuple(self._dirty_regions)
        try:
            update = super().render_partial_update()
        finally:
            self._changed = ()
        if type(update) is not ChopsUpdate:
            return update
        return NarrowUpdate(update.chops, update.spans, update.chop_ends, self.pictures)

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterator[tuple[Region, Region, list[Strip]]]:
        """Of each widget the rows in which something of it is seen, those in front first."""
        screen = self.size.region
        missing = _cells(self._changed or [crop or screen])
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip).intersection(screen)
            cells = _columns(shown)
            rows = [y for y in shown.line_range if missing.get(y, 0) & cells]
            if not rows:
                continue
            for y in rows:
                missing[y] &= ~cells
            part = Region(shown.x, rows[0], shown.width, rows[-1] - rows[0] + 1)
            yield region, part, widget.render_lines(part.translate(-region.offset))


def _is_displayed(widget: DOMNode) -> bool:
    """Whether it is, and all that it is in."""
    return all(one.display for one in widget.ancestors_with_self)


def _columns(region: Region) -> int:
    """A bit for each column of ``region``."""
    return ((1 << region.width) - 1) << region.x


def _cells(regions: Iterable[Region]) -> dict[int, int]:
    """The columns of each row that ``regions`` have something of."""
    found: dict[int, int] = {}
    for region in regions:
        for y in region.line_range:
            found[y] = found.get(y, 0) | _columns(region)
    return found


class PicturedUpdate(LayoutUpdate):
    """A whole screen with its pictures; where it is exported, without."""

    def __init__(self, update: LayoutUpdate, pictures: PictureLayer) -> None:
        super().__init__(update.strips, update.region)
        self._pictures = pictures

    def render_segments(self, console: Console) -> str:
        """The update as it is written to the terminal."""
        area = self.region
        lines = [(y, area.x, area.right) for y in range(area.y, area.bottom)]
        return super().render_segments(console) + self._pictures.over(lines, full=True)


class NarrowUpdate(ChopsUpdate):
    """Pieces of lines, cropped at both ends, and pictures over them."""

    def __init__(
        self,
        chops: Sequence[Mapping[int, Strip | None]],
        spans: list[tuple[int, int, int]],
        chop_ends: list[list[int]],
        pictures: PictureLayer | None = None,
    ) -> None:
        super().__init__(chops, spans, chop_ends)
        self._pictures = pictures

    def render_segments(self, console: Console) -> str:
        """The update as it is written to the terminal."""
        written: list[str] = []
        for y, start, end in self.spans:
            pieces = zip(self.chop_ends[y], self.chops[y].items(), strict=False)
            for right, (left, strip) in pieces:
                first, behind = max(left, start), min(right, end)
                if strip is None or first >= behind:
                    continue
                written.append(Control.move_to(first, y).segment.text)
                written.append(strip.crop(first - left, behind - left).render(console))
        if self._pictures is not None:
            written.append(self._pictures.over(self.spans, full=False))
        return "".join(written)
