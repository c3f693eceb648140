"""A terminal with the protocols that Kitty, foot, Ghostty, WezTerm and others have in common.

Keys come as Kitty's protocol has them, all of them, with their text and with the shift key itself
(https://sw.kovidgoyal.net/kitty/keyboard-protocol); sizes come in the stream (mode 2048), and the
mouse in pixels (mode 1016).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.terminal import PROGRAM, Terminal

CELL = (9, 19)
"""Width and height in pixels."""
ALL_KEYS = b"\x1b[>25u"
"""Asks for keys that are told apart (1), for all as such (8), and for their text (16)."""
KEYS_AS_BEFORE = b"\x1b[<u"
SIZES, SIZES_KNOWN = b"\x1b[?2048$p", "\x1b[?2048;2$y"
SIZES_ON, SIZES_OFF = b"\x1b[?2048h", b"\x1b[?2048l"
PIXELS_ON, PIXELS_OFF = b"\x1b[?1016h", b"\x1b[?1016l"
_TYPED = re.compile(
    r"\x1b\[<(?P<button>\d+);(?P<column>\d+);(?P<row>\d+)(?P<end>[Mm])"
    r"|(?P<sequence>\x1b\[[0-9;?]*[@-~])|.",
    re.DOTALL,
)
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
"""On the keyboards of the United States."""
SHIFT = 57441
NAMED = {"\x1b": 27, "\r": 13, "\t": 9, "\x7f": 127}


class ModernTerminal(Terminal):
    """Takes what a test types as a plain terminal would send it, and sends it as it does."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        program: Sequence[str] = PROGRAM,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._all_keys = self._pixels = self._tells_sizes = False
        super().__init__(
            folder, *arguments, columns=columns, rows=rows, program=program, variables=variables
        )

    def answer(self, data: bytes) -> None:
        """Also tell of sizes and pixels."""
        super().answer(data)
        if self.ends_in(SIZES, data):
            super().type(SIZES_KNOWN)
        self._all_keys = self._is_on(self._all_keys, ALL_KEYS, KEYS_AS_BEFORE, data)
        self._pixels = self._is_on(self._pixels, PIXELS_ON, PIXELS_OFF, data)
        told = self._tells_sizes
        self._tells_sizes = self._is_on(told, SIZES_ON, SIZES_OFF, data)
        if self._tells_sizes and not told:
            self._tell_size()

    def _is_on(self, before: bool, on: bytes, off: bytes, data: bytes) -> bool:  # noqa: FBT001 - private
        if self.ends_in(on, data) or self.ends_in(off, data):
            return self.output.rfind(on) > self.output.rfind(off)
        return before

    @property
    def given_back(self) -> bool:
        """Whether none of these protocols is on."""
        return not (self._all_keys or self._pixels or self._tells_sizes)

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window's corner."""
        super().resize(columns, rows)
        if self._tells_sizes:
            self._tell_size()

    def type(self, keys: str) -> None:
        """Press keys, and move the mouse."""
        super().type("".join(self._sent(found) for found in _TYPED.finditer(keys)))

    def _tell_size(self) -> None:
        columns, rows = self.size
        super().type(f"\x1b[48;{rows};{columns};{rows * CELL[1]};{columns * CELL[0]}t")

    def _sent(self, typed: re.Match[str]) -> str:
        if typed["button"]:
            at = [int(typed["column"]), int(typed["row"])]
            if self._pixels:
                at = [(one - 1) * of + of // 2 + 1 for one, of in zip(at, CELL, strict=True)]
            return f"\x1b[<{typed['button']};{at[0]};{at[1]}{typed['end']}"
        if typed["sequence"] or not self._all_keys:
            return typed[0]
        return "".join(_pressed(typed[0]))


def _pressed(key: str) -> Sequence[str]:
    """What is sent for one key, and for shift before it where that is held."""
    if key in NAMED:
        return [f"\x1b[{NAMED[key]}u"]
    if key < " ":
        return [f"\x1b[{ord(key) + 96};5u"]
    plain = SHIFTED.get(key, key.lower())
    if plain == key:
        return [f"\x1b[{ord(key)};;{ord(key)}u"]
    return [f"\x1b[{SHIFT};2u", f"\x1b[{ord(plain)};2;{ord(key)}u"]
