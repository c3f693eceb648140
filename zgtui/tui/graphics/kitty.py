"""Pictures by Kitty's graphics protocol, in cells that hold the place of a part of a picture each.

A picture is sent once; a placeholder with the number of its row and of its column as combining
marks then shows that part of it, until other text takes its cell. See
https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from __future__ import annotations

import io
from base64 import b64encode
from random import SystemRandom
from typing import TYPE_CHECKING

from textual.geometry import Offset, Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zgtui.tui.graphics.pixels import Picture, Span

_PLACEHOLDER = "\U0010eeee"
_PIECE = 4096
"""The protocol's largest piece of a picture."""
_MARKS = (
    "305 30D+1 310 312 33D+2 346 34A+2 350+2 357 35B 363+12 483+4 592+3 597+2 59C+5 5A8+1 5AB+1 5AF"
    " 5C4 610+7 657+4 65D+1 6D6+6 6DF+3 6E4 6E7+1 6EB+1 730 732+1 735+1 73A 73D 73F+2 743 745 747"
    " 749+1 7EB+6 7F3 816+3 81B+8 825+2 829+4 951 953+1 F82+1 F86+1 135D+2 17DD 193A 1A17 1A75+7"
    " 1B6B 1B6D+6 1CD0+2 1CDA+1 1CE0 1DC0+1 1DC3+6 1DCB+1 1DD1+21 1DFE 20D0+1 20D4+3 20DB+1 20E1"
    " 20E7 20E9 20F0 2CEF+2 2DE0+31 A66F A67C+1 A6F0+1 A8E0+17 AAB0 AAB2+1 AAB7+1 AABE+1 AAC1"
    " FE20+6 10A0F 10A38 1D185+4 1D1AA+3 1D242+2"
)
"""The protocol's marks for numbers from 0 on: the first of a row of them, and how many follow."""


def _numbers() -> Iterator[str]:
    for run in _MARKS.split():
        first, _, more = run.partition("+")
        start = int(first, 16)
        yield from map(chr, range(start, start + int(more or 0) + 1))


NUMBERS = tuple(_numbers())


class Kitty:
    """A terminal that shows Kitty graphics, with cells of ``cell`` pixels."""

    max_columns = len(NUMBERS)

    def __init__(self, cell: Size) -> None:
        self.cell = cell
        self._first = SystemRandom().randrange(1, 1 << 23)
        """Where the numbers of pictures begin: elsewhere than those of other programs, likely."""

    def shown(
        self,
        key: int,
        at: Offset,
        picture: Picture,
        _free: Sequence[Span],
        touched: Sequence[Span],
        *,
        new: bool,
    ) -> str:
        """What shows ``picture`` at ``at`` of the screen again where it was ``touched``.

        One that is ``new`` takes the place of the last one with its ``key``, wherever that stands.
        """
        number = self._first + key
        return "".join((*(_sent(number, picture) if new else ()), *_placed(number, at, touched)))

    def forgotten(self, key: int) -> str:
        """What has the terminal forget the picture with this ``key``."""
        return f"\x1b_Ga=d,d=I,i={self._first + key},q=2\x1b\\"


def _sent(number: int, picture: Picture) -> Iterator[str]:
    file = io.BytesIO()
    picture.image.save(file, "png")
    data = b64encode(file.getvalue()).decode()
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    columns, rows = picture.cells
    head = f"a=T,U=1,i={number},c={columns},r={rows},f=100,"
    for left, piece in zip(reversed(range(len(pieces))), pieces, strict=True):
        yield f"\x1b_G{head}q=2,m={int(left > 0)};{piece}\x1b\\"
        head = ""


def _placed(number: int, at: Offset, parts: Sequence[Span]) -> Iterator[str]:
    """Each cell has both numbers: its neighbours may be overwritten alone."""
    colour = f"\x1b[38;2;{number >> 16};{number >> 8 & 255};{number & 255}m"
    for row, start, end in parts:
        cells = (f"{_PLACEHOLDER}{NUMBERS[row]}{NUMBERS[column]}" for column in range(start, end))
        yield f"\x1b[{at.y + row + 1};{at.x + start + 1}H{colour}{''.join(cells)}\x1b[0m"
