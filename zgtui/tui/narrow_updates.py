"""What changed on the screen is sent to the terminal, and not what stands at the left of it.

Textual 8.2 crops what a partial update sends at its right end alone: a cell that changes at the end
of a curve sends the whole row of its widget. This takes private names of Textual; where it has
others, or its updates are of another kind, they are sent as Textual does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate, ReflowResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
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

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out the screen."""
        found = super().reflow(parent, size)
        before = self._told
        self._told = {widget: place.region.size for widget, place in self._full_map.items()}
        changed = {widget for widget, now in self._told.items() if before.get(widget) != now}
        return ReflowResult(found.hidden, found.shown, changed)

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:  # noqa: FBT001, FBT002 - as Textual has it
        """The whole screen."""
        update = super().render_full_update(simplify)
        if self.pictures is None:
            return update
        return PicturedUpdate(update, self.pictures)

    def render_partial_update(self) -> ChopsUpdate | None:
        """What is to be updated, if anything is."""
        update = super().render_partial_update()
        if type(update) is not ChopsUpdate:
            return update
        return NarrowUpdate(update.chops, update.spans, update.chop_ends, self.pictures)


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
