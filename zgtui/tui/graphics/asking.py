"""How the terminal shows pictures: it is asked before an app takes it over."""

from __future__ import annotations

from textual.geometry import Size

from zgtui.errors import need_extra
from zgtui.outputs.terminal_graphics import ask_for_graphics
from zgtui.tui.graphics.kitty import Kitty
from zgtui.tui.graphics.sixel import Sixel

_USUAL_CELL = Size(10, 20)

Graphics = Sixel | Kitty


def need_pillow() -> None:
    """Raise UsageError if nothing can draw pixels."""
    need_extra("pillow", "image", "--marker image draws with", module="PIL")


def find_graphics() -> Graphics | str:
    """How the terminal shows pictures, or one sentence why it does not."""
    answer = ask_for_graphics()
    if answer is None:
        return "This terminal does not say whether it shows pictures: drawn in braille."
    cell = None if answer.cell is None else Size(*answer.cell)
    # Some that answer for Kitty's pictures know no placeholders for them; all of those know Sixel.
    if answer.sixel and cell is not None:
        return Sixel(cell)
    if answer.kitty:
        return Kitty(cell or _USUAL_CELL)
    return "This terminal shows neither Kitty nor Sixel graphics: drawn in braille."
