"""What changed on the screen is sent to the terminal, and not what stands at the left of it.

Textual 8.2 crops what a partial update sends at its right end alone: a cell that changes at the end
of a curve sends the whole row of its widget. This takes private names of Textual; where it has
others, or its updates are of another kind, they are sent as Textual does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor

if TYPE_CHECKING:
    from rich.console import Console


class NarrowCompositor(Compositor):
    """Sends of each line exactly the cells that are to be updated."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What is to be updated, if anything is."""
        update = super().render_partial_update()
        if type(update) is not ChopsUpdate:
            return update
        return NarrowUpdate(update.chops, update.spans, update.chop_ends)


class NarrowUpdate(ChopsUpdate):
    """Pieces of lines, cropped at both ends."""

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
        return "".join(written)
