"""Numbers with decimal commas, as spreadsheets of many countries write them between semicolons."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMA = re.compile(r"\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*", re.ASCII)
_POINT = re.compile(r"\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*", re.ASCII)


class DecimalCommas:
    """Writes the numbers of a table with points.

    What the first number with either sign has, all have: beside 0.5, 1,000 is not a fraction.
    """

    def __init__(self) -> None:
        self._used: bool | None = None

    def in_row(self, cells: list[str]) -> list[str]:
        """The cells of a row, with points."""
        if self._used is None:
            self._judge(cells)
        return self._with_points(cells) if self._used else cells

    def in_block(self, cells: list[str]) -> list[str] | None:
        """The cells of many rows, with points; None where each row needs a look of its own."""
        if self._used is None:
            if any("," in cell for cell in cells):
                return None
            self._judge(cells)
        return self._with_points(cells) if self._used else cells

    def _judge(self, cells: Sequence[str]) -> None:
        if any(map(_POINT.fullmatch, cells)):
            self._used = False
        elif any(map(_COMMA.fullmatch, cells)):
            self._used = True

    @staticmethod
    def _with_points(cells: list[str]) -> list[str]:
        return [
            cell.replace(",", ".") if "," in cell and _COMMA.fullmatch(cell) else cell
            for cell in cells
        ]
