"""The last look at what is drawn: no letter of it commands the terminal."""

from __future__ import annotations

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from zgtui.terminal import printable


class HarmlessLines(LineFilter):
    """Shows control characters by their signs, in as many cells as the text was given.

    They count as no cell where a line is laid out, so each sign takes the place of a letter at
    the end of its text. Texts that are known to come from outside are made printable before.
    """

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """The same line, made harmless."""
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [_harmless(segment) for segment in segments]


def _harmless(segment: Segment) -> Segment:
    text = printable(segment.text)
    if text == segment.text:
        return segment
    return Segment(set_cell_size(text, segment.cell_length), segment.style)
