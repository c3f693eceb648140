"""Borders between panes, which the mouse drags and keys move; a second click puts one back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from textual import events
from textual.css.scalar import Scalar
from textual.screen import Screen
from textual.widget import Widget

from zgtui.lazy_dataclass import dataclass

MIN_COLUMNS, MIN_ROWS = 12, 5
"""No pane is made smaller, but where its style has a least size of its own."""
COLUMNS, ROWS = 4, 1
"""A key moves a border so far."""


@dataclass(frozen=True)
class Border:
    """Between ``panes[at]`` and the next; they stand side by side where it is ``upright``."""

    panes: Sequence[Widget]
    at: int
    upright: bool

    @property
    def sizes(self) -> list[int]:
        """Columns or rows of each pane; those asked for where they are not laid out yet."""
        laid_out = [
            pane.outer_size.width if self.upright else pane.outer_size.height for pane in self.panes
        ]
        # Keys come faster than layouts. Shares of another whole were asked for at another time.
        asked = [int(one.value) for one in self._shares() if one.is_fraction]
        return asked if len(asked) == len(laid_out) and sum(asked) == sum(laid_out) else laid_out

    def is_at(self, x: int, y: int) -> bool:
        """Whether the border lies on this cell of the screen."""
        first, second = (one.region for one in self.panes[self.at : self.at + 2])
        if self.upright:
            return first.y <= y < first.bottom and first.right - 1 <= x <= second.x
        return first.x <= x < first.right and first.bottom - 1 <= y <= second.y

    def move(self, cells: int, sizes: Sequence[int] | None = None) -> bool:
        """Move it to the right, or down; back where ``cells`` is below 0.

        ``sizes`` are those of all panes before; those of now where none are given.
        Says whether it has gone anywhere: where a pane has its least size it does not.
        """
        found = list(sizes or self.sizes)
        before, both = found[self.at], sum(found[self.at : self.at + 2])
        low, high = self._least(self.at, both), both - self._least(self.at + 1, both)
        first = min(max(before + cells, low), high) if low <= high else before
        found[self.at : self.at + 2] = first, both - first
        self._apply(found)
        return first != before

    def reset(self) -> None:
        """As it was before anybody moved it."""
        for pane in self.panes:
            for name in ("width", "max_width") if self.upright else ("height", "max_height"):
                pane.styles.clear_rule(name)
            for part in () if self.upright else pane.children:
                part.styles.clear_rule("min_height")
                part.styles.clear_rule("max_height")
            pane.refresh(layout=True)

    def _least(self, at: int, both: int) -> int:
        """Columns or rows that a pane has at least, of those that it and the next have together."""
        pane = self.panes[at]
        own = pane.styles.min_width if self.upright else pane.styles.min_height
        if own is None:
            return min(MIN_COLUMNS if self.upright else MIN_ROWS, both // 2)
        return int(own.resolve(pane.container_size, pane.screen.size))

    def _shares(self) -> Iterable[Scalar]:
        """What each pane was given, by hands or by the sheet."""
        for pane in self.panes:
            share = pane.styles.width if self.upright else pane.styles.height
            if share is not None:
                yield share

    def _apply(self, sizes: Sequence[int]) -> None:
        """As shares, which another size of the terminal leaves as they are.

        Across the direction in which panes stand, a share is a multiple of the whole.
        """
        for pane, size in zip(self.panes, sizes, strict=True):
            if self.upright:
                pane.styles.width, pane.styles.max_width = f"{size}fr", "100%"
            else:
                pane.styles.height, pane.styles.max_height = f"{size}fr", "100%"
                for part in pane.children:  # which would be cut off otherwise
                    part.styles.min_height, part.styles.max_height = 0, "100%"


class GridBorder(Border):
    """Between two columns, or two rows, of a grid; ``panes`` are one of each."""

    def reset(self) -> None:
        """All alike."""
        self._grid.styles.clear_rule("grid_columns" if self.upright else "grid_rows")
        self._grid.refresh(layout=True)

    def _shares(self) -> Iterable[Scalar]:
        styles = self._grid.styles
        return (styles.grid_columns if self.upright else styles.grid_rows) or ()

    def _apply(self, sizes: Sequence[int]) -> None:
        shares = " ".join(f"{size}fr" for size in sizes)
        if self.upright:
            self._grid.styles.grid_columns = shares
        else:
            self._grid.styles.grid_rows = shares

    @property
    def _grid(self) -> Widget:
        parent = self.panes[0].parent
        assert isinstance(parent, Widget)
        return parent


class ResizingScreen(Screen[None]):
    """A screen whose panes are as large as hands make them, for as long as it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._dragged: tuple[Border, list[int], int] | None = None
        """Which one, the sizes before, and where it was taken hold of."""
        self._aside: list[tuple[Widget, Scalar]] = []

    def borders(self) -> Iterator[Border]:
        """All that can be moved now; of one direction, the first is the one that keys move."""
        raise NotImplementedError

    def lay_aside(self, panes: Iterable[Widget]) -> None:
        """Let ``panes`` be as high as they are by themselves, until `take_up` is called."""
        for pane in panes:
            height = pane.styles.inline.height
            if height is not None:
                self._aside.append((pane, height))
                pane.styles.clear_rule("height")

    def take_up(self) -> None:
        """Have those panes as high again as hands made them."""
        for pane, height in self._aside:
            pane.styles.height = height
        self._aside.clear()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A border is taken hold of."""
        x, y = event.screen_x, event.screen_y
        found = [one for one in self.borders() if one.is_at(x, y)] if event.button == 1 else []
        if found:
            border = found[0]
            self._dragged = border, border.sizes, x if border.upright else y
            border.panes[0].capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """It goes where the mouse goes."""
        if self._dragged is not None:
            border, sizes, start = self._dragged
            border.move((event.screen_x if border.upright else event.screen_y) - start, sizes)

    def on_mouse_up(self) -> None:
        """It is let go of."""
        if self._dragged is not None:
            self._dragged[0].panes[0].release_mouse()
            self._dragged = None

    def on_click(self, event: events.Click) -> None:
        """A second click on a border puts it back."""
        if event.chain == 2:
            for border in self.borders():
                if border.is_at(event.screen_x, event.screen_y):
                    border.reset()

    def _action_move_border(self, columns: int, rows: int) -> None:
        for border in self.borders():
            if border.upright == bool(columns):
                if not border.move(columns * COLUMNS + rows * ROWS):
                    self.notify("This border cannot move further: a pane is at its smallest.")
                return
        self.notify("There is no border here that moves that way.")


def between(panes: Sequence[Widget], *, upright: bool | None = None) -> Iterator[Border]:
    """The borders between those of ``panes`` that are shown, in one row or one column."""
    shown = [pane for pane in panes if pane.display and pane.size]
    for at in range(len(shown) - 1):
        beside = shown[0].region.y == shown[1].region.y if upright is None else upright
        yield Border(shown, at, beside)


def in_grid(panes: Sequence[Widget]) -> Iterator[Border]:
    """The borders between the columns and the rows of a grid of ``panes``."""
    columns = {pane.region.x: pane for pane in reversed(panes)}
    rows = {pane.region.y: pane for pane in reversed(panes)}
    for found, upright in ((columns, True), (rows, False)):
        ordered = [found[place] for place in sorted(found)]
        for at in range(len(ordered) - 1):
            yield GridBorder(ordered, at, upright)
