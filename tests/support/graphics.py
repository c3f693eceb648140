"""What a terminal would make of pictures: Sixel and Kitty graphics, read back into pixels."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from typing import NamedTuple

from PIL import Image

SIXEL = re.compile(rb"\x1b\[(\d+);(\d+)H\x1bP([\d;]*)q([^\x1b]*)\x1b\\")
KITTY = re.compile(rb"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\")
_ITEM = re.compile(rb'"([\d;]*)|#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|([?-~])|([$-])')


class Shown(NamedTuple):
    """A picture whose upper left corner is in this cell, counted from 0."""

    column: int
    row: int
    image: Image.Image


def sixel_pictures(output: bytes) -> list[Shown]:
    """Those in ``output``, in turn."""
    return [
        Shown(int(found[2]) - 1, int(found[1]) - 1, decoded(found[4]))
        for found in SIXEL.finditer(output)
    ]


def decoded(body: bytes) -> Image.Image:
    """The picture between the introduction of a Sixel sequence and its end."""
    colours: dict[int, tuple[int, int, int]] = {}
    image = Image.new("RGB", (1, 1))
    x, top, colour = 0, 0, (0, 0, 0)
    for raster, number, red, green, blue, count, repeated, single, move in _ITEM.findall(body):
        if raster:
            width, height = map(int, raster.split(b";")[2:])
            image = Image.new("RGB", (width, height), (255, 0, 255))
        elif number:
            if red:
                share = (int(red), int(green), int(blue))
                colours[int(number)] = tuple(round(part * 2.55) for part in share)  # type: ignore[assignment]  # three
            colour = colours[int(number)]
        elif move:
            x, top = 0, top + 6 * (move == b"-")
        else:
            bits = ord(repeated or single) - 0x3F
            end = x + int(count or 1)
            for row in range(6):
                if bits >> row & 1:
                    image.paste(colour, (x, top + row, end, top + row + 1))
            x = end
    return image


class Sent(NamedTuple):
    """A command of Kitty's protocol: its keys, and what came with it in all its pieces."""

    keys: dict[str, str]
    data: bytes

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(b64decode(self.data, validate=True))).convert("RGB")


def kitty_commands(output: bytes) -> list[Sent]:
    """Those in ``output``, in turn, their pieces put together."""
    found: list[Sent] = []
    more = False
    for part in KITTY.finditer(output):
        keys = dict(one.split("=") for one in part[1].decode().split(",") if one)
        if more:
            found[-1] = Sent(found[-1].keys, found[-1].data + part[2])
        else:
            found.append(Sent(keys, part[2]))
        more = keys.get("m") == "1"
    return found


def without_graphics(output: bytes) -> bytes:
    """``output`` as a terminal that passes over pictures takes it."""
    return KITTY.sub(b"", re.sub(rb"\x1bP[\d;]*q[^\x1b]*\x1b\\", b"", output))
