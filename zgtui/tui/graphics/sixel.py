"""Pictures as Sixel graphics: bands of six rows of pixels, of one colour after the other.

Encoded here and not by a library: where curves of few colours lie on a plain background, whole
rows of pixels are put together as one large number each, several times as fast.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from textual.geometry import Offset, Region, Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

    from zgtui.tui.graphics.pixels import Picture, Span

_BAND = 6
_OFFSET = 0x3F
"""A column of a band is written as the character with this code + one bit for each pixel."""
_WRITTEN = bytes((_OFFSET + bits) % 256 for bits in range(256))
_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)


class Sixel:
    """A terminal that shows Sixel graphics, with cells of ``cell`` pixels."""

    max_columns = 1 << 16

    def __init__(self, cell: Size) -> None:
        self.cell = cell

    def shown(
        self,
        _key: int,
        at: Offset,
        picture: Picture,
        free: Sequence[Span],
        touched: Sequence[Span],
        *,
        new: bool,
    ) -> str:
        """What shows ``picture`` at ``at`` of the screen, in cells that are ``free``.

        Of one that is not ``new`` only where it was ``touched``: text takes it away there.
        """
        return "".join(
            _at(at.x + part.x, at.y + part.y) + encoded(self._cropped(picture.image, part))
            for part in _rectangles(free if new else touched)
        )

    def forgotten(self, _key: int) -> str:
        """Nothing: text takes it away."""
        return ""

    def _cropped(self, image: Image, part: Region) -> Image:
        width, height = self.cell
        return image.crop(
            (part.x * width, part.y * height, part.right * width, part.bottom * height)
        )


def encoded(image: Image) -> str:
    """``image``, which has a palette, in Sixel."""
    width, height = image.size
    data = image.tobytes()
    counts = image.histogram()
    used = [colour for colour, count in enumerate(counts) if count]
    paper = max(used, key=counts.__getitem__)
    planes = {colour: data.translate(_only(colour)) for colour in used if colour != paper}
    bands = [
        b"$".join(_band(planes, paper, width, range(top, min(top + _BAND, height))))
        for top in range(0, height, _BAND)
    ]
    head = f'\x1bP0;1;0q"1;1;{width};{height}{_colours(image, used)}'
    return f"{head}{b'-'.join(bands).decode()}\x1b\\"


def _band(planes: dict[int, bytes], paper: int, width: int, rows: range) -> Iterator[bytes]:
    """The background of a band, then each colour over it."""
    yield b"#%d!%d%c" % (paper, width, _OFFSET + (1 << len(rows)) - 1)
    for colour, plane in planes.items():
        bits = 0
        for shift, row in enumerate(rows):
            # each byte is 0 or 1: six of them fit into one without touching the next
            bits |= int.from_bytes(plane[row * width : (row + 1) * width], "big") << shift
        if bits:
            columns = bits.to_bytes(width, "big").translate(_WRITTEN).rstrip(b"?")
            yield b"#%d" % colour + _RUN.sub(_repeated, columns)


def _repeated(run: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(run[0]), run[1])


def _only(colour: int) -> bytes:
    return bytes(index == colour for index in range(256))


def _colours(image: Image, used: Sequence[int]) -> str:
    palette = image.getpalette() or []
    percent = [round(part * 100 / 255) for part in palette]
    return "".join(
        f"#{colour};2;{';'.join(map(str, percent[3 * colour : 3 * colour + 3]))}" for colour in used
    )


def _rectangles(parts: Sequence[Span]) -> Iterator[Region]:
    """``parts`` of rows, put together where rows below each other have the same ones."""
    rows = {y: [one[1:] for one in spans] for y, spans in groupby(parts, key=lambda one: one[0])}
    tops = list(rows)
    while tops:
        top = tops.pop(0)
        bottom = top + 1
        while tops and tops[0] == bottom and rows[bottom] == rows[top]:
            bottom = tops.pop(0) + 1
        for start, end in rows[top]:
            yield Region(start, top, end - start, bottom - top)


def _at(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"
