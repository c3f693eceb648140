"""A terminal that answers what a program asks it about pictures."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.graphics import without_graphics
from tests.support.terminal import Terminal

ANSWERS = {
    "sixel": "\x1b[6;20;10t\x1b[?62;4;22c",
    "kitty": "\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;22c",
    "neither": "\x1b[?62;22c",
    "silent": "",
}
"""What xterm, Kitty and others say: whether pictures are shown, the cells' height and width."""
CELL = (10, 20)
QUESTION = b"\x1b[c"
_UNFINISHED = re.compile(rb"\x1b(?:[_P][^\x1b]*\x1b?)?$")


class GraphicsTerminal(Terminal):
    """One of ``kind``; its screen shows text alone, and ``output`` has the pictures."""

    def __init__(
        self, kind: str, folder: Path, *arguments: str, columns: int = 80, rows: int = 24
    ) -> None:
        self._answer, self._held = ANSWERS[kind], b""
        super().__init__(folder, *arguments, columns=columns, rows=rows)

    def answer(self, data: bytes) -> None:
        """Also tell what is drawn besides text."""
        super().answer(data)
        if self.ends_in(QUESTION, data):
            self.type(self._answer)

    def draw(self, data: bytes) -> None:
        """Draw what is text."""
        data = self._held + data
        cut = _UNFINISHED.search(data)
        end = len(data) if cut is None else cut.start()
        self._held = data[end:]
        super().draw(without_graphics(data[:end]))
