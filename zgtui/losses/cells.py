"""How the lines of each kind of table become cells."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from zgtui.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


MOST_QUOTED_LINES = 1000
"""A cell in quotes that goes on longer is a quote that nobody closed."""


class TableCells:
    """Splits lines into cells as they come; the ending of ``path`` names the kind of table.

    The first row is the header. An empty cell is an empty string.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        kinds = {".jsonl": self._json, ".md": self._markdown}
        self._split = kinds.get(path.suffix.lower(), self._delimited)
        self._number = 0
        self._columns: list[str] = []
        self._delimiter = ""
        self._quoted: list[str] = []

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """The cells of each row with the number of its (last) line, counted from 1.

        Raises TableError on a line that cannot be split.
        """
        return self._split(lines)

    def check_complete(self) -> None:
        """Raise TableError if the lines so far end within a cell."""
        if self._quoted:
            first = self._number - len(self._quoted) + 1
            raise TableError(f"{self._path}, line {first}: a cell in quotes does not end")

    def _delimited(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        for line in lines:
            self._number += 1
            if not self._delimiter:
                self._delimiter = max("\t;,", key=line.count) if line else ""
            if self._quoted or '"' in line:
                # A cell in quotes may go on in the next line.
                self._quoted.append(line)
                if sum(part.count('"') for part in self._quoted) % 2:
                    if len(self._quoted) > MOST_QUOTED_LINES:
                        self.check_complete()
                    continue
                cells = self._csv(self._quoted)
                self._quoted = []
            elif line:
                cells = line.split(self._delimiter)
            else:
                continue
            yield self._number, cells

    def _csv(self, lines: list[str]) -> list[str]:
        try:
            return next(csv.reader([f"{line}\n" for line in lines], delimiter=self._delimiter))
        except csv.Error as error:
            raise TableError(f"{self._path}, line {self._number}: {error}") from error

    def _markdown(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        for line in lines:
            self._number += 1
            text = line.strip()
            if text.startswith("|") and set(text) - set("|-: "):
                yield self._number, [cell.strip() for cell in text.strip("|").split("|")]

    def _json(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        for line in lines:
            self._number += 1
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise TableError(
                    f"{self._path}, line {self._number}: not JSON ({error})"
                ) from error
            if not isinstance(row, dict):
                raise TableError(f"{self._path}, line {self._number}: not a JSON object")
            if not self._columns:
                self._columns = list(row)
                yield self._number, self._columns
            yield self._number, [_json_text(row.get(name)) for name in self._columns]


def _json_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value if isinstance(value, str) else repr(value)
