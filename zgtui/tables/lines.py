"""A table file's lines, read as they are appended, and how each kind of table splits into cells."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, Any, Literal

from zgtui.errors import TableError
from zgtui.ipc import parse_json
from zgtui.tables.decimals import DecimalCommas
from zgtui.tables.formats import uncompressed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


CHUNK = 256 * 1024
LONGEST_LINE = 1024 * 1024
_REMEMBERED = 64
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\r\n") + b"\x7f"

News = Literal["lines", "nothing", "replaced", "gone"]


class TailedFile:
    """Reads a file's lines as they are appended; holds no file open between reads.

    A file that is shorter than what was read of it, is another one by that name, or no longer
    holds what was read last, counts as replaced: its lines then come from the beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        """Bytes read so far, whole lines or not."""
        self.size = 0
        """Bytes in the file when it was last looked at."""
        self._identity: tuple[int, int] | None = None
        self._last = b""
        self._partial = b""

    def read(self) -> tuple[News, list[str]]:
        """What happened, and the next whole lines without their ends, some 256 kB of them.

        ``replaced`` comes without lines.

        Raises:
            TableError: if the file cannot be read or is no text.
        """
        try:
            data = self._piece()
        except FileNotFoundError:
            return "gone", []
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise TableError(f"cannot read {self.path}: {reason}") from error
        if data is None:
            self._restart()
            return "replaced", []
        if not data:
            return "nothing", []
        whole, end, self._partial = (self._partial + data).rpartition(b"\n")
        if len(self._partial) > LONGEST_LINE:
            raise self._not_text()
        return "lines", self._texts(whole) if end else []

    def rest(self) -> list[str]:
        """The last line of a file that ends without a line's end; call it when all is read."""
        line, self._partial = self._partial, b""
        return [self._text(line)] if line else []

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return min(1.0, self.position / self.size) if self.size else 1.0

    def _piece(self) -> bytes | None:
        """The next bytes; None where they do not go on from those before."""
        with self.path.open("rb") as file:
            if self._is_another(file.fileno()):
                return None
            file.seek(self.position - len(self._last))
            if file.read(len(self._last)) != self._last:
                return None
            data = file.read(CHUNK)
        self.position += len(data)
        self._last = (self._last + data)[-_REMEMBERED:]
        return data

    def _is_another(self, descriptor: int) -> bool:
        status = os.fstat(descriptor)
        self.size = status.st_size
        identity = (status.st_dev, status.st_ino)
        before, self._identity = self._identity, identity
        return before is not None and (before != identity or self.size < self.position)

    def _restart(self) -> None:
        self.position, self._last, self._partial = 0, b"", b""

    def _texts(self, whole: bytes) -> list[str]:
        if whole.isascii() and b"\r" not in whole and b"\0" not in whole:
            return whole.decode("ascii").split("\n")
        return [self._text(line) for line in whole.split(b"\n")]

    def _text(self, line: bytes) -> str:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text = self._windows_text(line)
        if "\0" in text:
            raise self._not_text()
        return text.removeprefix("\ufeff").removesuffix("\r")

    def _windows_text(self, line: bytes) -> str:
        """As spreadsheets of Western Europe write it; what else is no UTF-8 has control codes."""
        if line.translate(None, _CONTROLS) != line:
            raise self._not_text()
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError as error:
            raise self._not_text() from error

    def _not_text(self) -> TableError:
        return TableError(f"{self.path} is not a table: it is not a text file")


MAX_QUOTED_LINES = 1000
"""A cell in quotes that goes on longer is a quote that nobody closed."""

MAX_NESTED = 4
"""Objects in objects whose values are columns of their own."""


class TableCells:
    """Splits lines into cells as they come; the ending of ``path`` names the kind of table.

    The first row is the header; JSON has none, but ``columns``, and cells for as many of them as
    are known at each row. An empty cell is an empty string.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        kinds = {".jsonl": self._json, ".md": self._markdown}
        self._split = kinds.get(uncompressed(path).suffix.lower(), self._delimited)
        self.number = 0
        """Of the last line or record, counted from 1."""
        self.columns: list[str] = []
        """The names that records had so far; text has a header instead."""
        self._known: set[str] = set()
        self._delimiter = ""
        self._others = b""
        self._quoted: list[str] = []
        self._decimals = DecimalCommas()

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """The cells of each row with the number of its (last) line, counted from 1.

        Raises:
            TableError: if a line cannot be split.
        """
        return self._split(lines)

    def block(self, lines: Sequence[str], width: int, used: int) -> Sequence[Any] | None:
        """The cells of ``lines``, row after row, where all have ``width`` and none is in quotes.

        ``used``: so many of these are needed. Where that is most of them, and no other cells are in
        these lines, they are numbers, and None for a gap; else texts. None where a line is
        otherwise. Call ``passed`` once they are used.
        """
        delimiter = self._delimiter
        if self._split != self._delimited or not delimiter or self._quoted or not lines:
            return None
        whole = "\n".join(lines)
        if '"' in whole:
            return None
        row = (delimiter * (width - 1) + "\n").encode()
        if whole.encode().translate(None, self._others) + b"\n" != row * len(lines):
            return None
        cells = whole.replace("\n", delimiter)
        numbers = self._numbers(cells, width * len(lines)) if 2 * used > width else None
        if numbers or delimiter == ",":
            return numbers or cells.split(delimiter)
        return self._decimals.in_block(cells.split(delimiter))

    def _numbers(self, cells: str, count: int) -> list[float | None] | None:
        """The numbers in ``cells``, read as JSON, at half the cost of a text and a number each."""
        if self._delimiter != "," or cells.encode().translate(None, b"0123456789.-+eE,"):
            return None
        if ",," in cells or cells[0] == "," or cells[-1] == ",":
            filled = f",{cells},".replace(",,", ",null,").replace(",,", ",null,")
            cells = filled[1:-1]
        try:
            found: list[float | None] = parse_json(f"[{cells}]")
        except ValueError:
            return None
        return found if len(found) == count else None

    def passed(self, lines: int) -> None:
        """So many lines were used as a block."""
        self.number += lines

    def check_complete(self) -> None:
        """Check that the lines so far do not end within a cell; TableError if they do."""
        if self._quoted:
            first = self.number - len(self._quoted) + 1
            raise TableError(f"{self._path}, line {first}: a quote is not closed")

    def _delimited(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        for line in lines:
            self.number += 1
            if not self._delimiter and line:
                self._delimiter = max("\t;,", key=line.count)
                kept = f"{self._delimiter}\n".encode()
                self._others = bytes(code for code in range(256) if code not in kept)
            if self._quoted or '"' in line:
                # A cell in quotes may go on in the next line.
                self._quoted.append(line)
                if sum(part.count('"') for part in self._quoted) % 2:
                    if len(self._quoted) > MAX_QUOTED_LINES:
                        self.check_complete()
                    continue
                cells = self._csv(self._quoted)
                self._quoted = []
            elif line:
                cells = line.split(self._delimiter)
            else:
                continue
            yield self.number, cells if self._delimiter == "," else self._decimals.in_row(cells)

    def _csv(self, lines: list[str]) -> list[str]:
        try:
            return next(csv.reader([f"{line}\n" for line in lines], delimiter=self._delimiter))
        except csv.Error as error:
            raise TableError(f"{self._path}, line {self.number}: {error}") from error

    def _markdown(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        for line in lines:
            self.number += 1
            text = line.strip()
            if text.startswith("|") and set(text) - set("|-: "):
                yield self.number, [cell.strip() for cell in text.strip("|").split("|")]

    def _json(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        for line in lines:
            self.number += 1
            if not line.strip():
                continue
            try:
                row = parse_json(line)
            except ValueError as error:
                raise TableError(f"{self._path}, line {self.number}: not JSON ({error})") from error
            if not isinstance(row, dict):
                raise TableError(f"{self._path}, line {self.number}: not a JSON object")
            yield self.number, self._cells_of(row)

    def records(self, records: Iterable[Mapping[str, object]]) -> Iterator[tuple[int, list[str]]]:
        """The cells of each record with its number, counted from 1."""
        for record in records:
            self.number += 1
            yield self.number, self._cells_of(record)

    def _cells_of(self, record: Mapping[str, object]) -> list[str]:
        flat = dict(_flat(record))
        new = [name for name in flat if name not in self._known]
        self.columns += new
        self._known.update(new)
        return [cell_text(flat.get(name)) for name in self.columns]


def _flat(record: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The values of ``record``; those of an object in it behind its name, as ``eval.loss``."""
    for name, value in record.items():
        if isinstance(value, dict) and prefix.count(".") < MAX_NESTED:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def cell_text(value: object) -> str:
    """``value`` as the cell of a table; empty for None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value if isinstance(value, str) else repr(value)
