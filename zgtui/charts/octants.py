"""Octants, the filled halves of Unicode 16 that stand for the eight dots of a braille pattern.

A cell has four rows of two. Twenty-six of the patterns were in Unicode before, as quadrants for
example; the others follow each other from U+1CD00 on, in the order of their bits.
"""

from __future__ import annotations

_BRAILLE = 0x2800
_FIRST = 0x1CD00
_DOTS = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
"""The bit of braille for each eighth, from the upper left one on, row by row."""
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By their bits: upper left, upper right, lower left, lower right."""
_OTHERS = {
    0x01: 0x1CEA8,
    0x02: 0x1CEAB,
    0x03: 0x1FB82,
    0x14: 0x1FBE6,
    0x28: 0x1FBE7,
    0x3F: 0x1FB85,
    0x40: 0x1CEA3,
    0x80: 0x1CEA0,
    0xC0: 0x2582,
    0xFC: 0x2586,
}
"""Single eighths, quarters and three quarters; the bits are those of the eighths in turn."""


def _glyphs() -> list[str]:
    """The glyph of each of the 256 sets of eighths."""
    known = dict(_OTHERS)
    for quarters, glyph in enumerate(_QUADRANTS):
        upper = (quarters & 3) * 0b0101
        lower = (quarters >> 2) * 0b0101
        known[upper | lower << 4] = ord(glyph)
    following = iter(range(_FIRST, _FIRST + 256))
    return [chr(known[bits] if bits in known else next(following)) for bits in range(256)]


FROM_BRAILLE = {
    _BRAILLE + sum(dot for at, dot in enumerate(_DOTS) if bits >> at & 1): glyph
    for bits, glyph in enumerate(_glyphs())
}
"""For ``str.translate``."""
