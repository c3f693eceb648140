"""The columns of a script's lines that call ``backward()``: the loss of each, beside their sum.

A table has them where the script has several such lines. Column ``loss gan.py:25`` holds, in the
row of a step, the loss of line 25 of gan.py in that step; it is empty where the line did not run.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.runlog.events import Event, Place, SeriesFound
from zgtui.runlog.log import LossReader, read_series_steps

if TYPE_CHECKING:
    from zgtui.tables.formats import Cell

PREFIX = "loss "
BLOCK = 4096


def series_places(events: Iterable[Event]) -> dict[Place, dict[str, str]]:
    """Each line that was met with the name that it has in the log, by run; empty for one alone."""
    places: dict[Place, dict[str, str]] = {}
    for event in events:
        if isinstance(event, SeriesFound):
            places.setdefault((event.file, event.line), {})[event.run] = event.name
    return places if len(places) > 1 else {}


def line_names(places: Iterable[Place]) -> dict[Place, str]:
    """``FILE:LINE`` for each, with as much of the folder as tells files of one name apart."""
    known = list(places)
    files = dict.fromkeys(file for file, _ in known)
    length = 1
    while len({Path(file).parts[-length:] for file in files}) < len(files):
        length += 1
    return {(file, line): f"{'/'.join(Path(file).parts[-length:])}:{line}" for file, line in known}


def series_columns(places: Mapping[Place, object]) -> tuple[str, ...]:
    """The names of their columns."""
    return tuple(f"{PREFIX}{name}" for name in line_names(places).values())


class SeriesCells:
    """The cells of one run in these columns, row by row; steps ascend."""

    def __init__(self, folder: Path, run: str, places: Mapping[Place, Mapping[str, str]]) -> None:
        self._columns = [
            None if run not in names else _Losses(folder, names[run]) for names in places.values()
        ]

    def of(self, step: int) -> list[Cell]:
        """The cells of the row of ``step``."""
        return [None if losses is None else losses.at(step) for losses in self._columns]


class _Losses:
    """Reads the losses of one line as their steps come by."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._reader = LossReader(folder, name)
        self._steps: array[int] = array("q")
        self._losses: array[float] = array("d")
        self._at = 0

    def at(self, step: int) -> float | None:
        """The loss of ``step``, which is higher than at the last call; None without one."""
        while True:
            while self._at < len(self._steps) and self._steps[self._at] < step:
                self._at += 1
            if self._at < len(self._steps):
                return self._losses[self._at] if self._steps[self._at] == step else None
            if not self._read():
                return None

    def _read(self) -> bool:
        start = self._reader.position
        self._losses = self._reader.read(BLOCK)
        self._steps = read_series_steps(self._folder, self._name, start, len(self._losses))
        self._at = 0
        return len(self._steps) > 0
