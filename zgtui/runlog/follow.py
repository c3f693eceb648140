"""Follow a log while it is written: each new loss and each new event, exactly once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from zgtui.config.settings import RUNS
from zgtui.errors import LogError
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.events import Event
from zgtui.runlog.log import EventReader, LossReader

CHUNK = 4096
"""Losses of a run read in one go, some milliseconds of work."""
EVENT_LINES = 2048
"""Lines of events read in one go."""


@dataclass(frozen=True)
class Chunk:
    """Losses of some steps from ``first_step`` on, oldest first, by run; one may be behind."""

    first_step: int
    losses: dict[Any, array[float]]

    @property
    def steps(self) -> int:
        """Steps in it."""
        return max(map(len, self.losses.values()))


@dataclass(frozen=True)
class Update:
    """What is new in a log: events, oldest first, and a chunk for each run that has gone on."""

    events: list[Event]
    chunks: list[Chunk]
    more: bool
    """Whether the next read will find something at once."""

    def __bool__(self) -> bool:
        return bool(self.events or self.chunks)


class Follower:
    """Reads what is new in the log ``folder`` of ``runs``; holds no file open between reads."""

    def __init__(self, folder: Path, runs: Iterable[str] = RUNS) -> None:
        self._folder = folder
        self._events = EventReader(folder)
        self._readers: dict[str, LossReader] = {}
        for run in runs:
            self.add(run)

    def add(self, run: str) -> None:
        """Follow ``run`` too, from its first step on."""
        self._readers.setdefault(run, LossReader(self._folder, run))

    def written(self) -> dict[str, int]:
        """Steps of each run in the log now."""
        return {run: reader.available() for run, reader in self._readers.items()}

    @property
    def share(self) -> float:
        """How much of the losses is read, from 0 to 1."""
        there = sum(self.written().values())
        read = sum(reader.position for reader in self._readers.values())
        return min(1.0, read / there) if there else 1.0

    @property
    def cut_short(self) -> bool:
        """Whether the log holds less than was read: it is another one by now."""
        return any(reader.available() < reader.position for reader in self._readers.values())

    def events(self) -> list[Event]:
        """The new events, so many that it takes some milliseconds.

        Raises:
            LogError: if there is no log, or it cannot be read.
        """
        return list(self._events.read(EVENT_LINES))

    def read(self, limit: int = CHUNK, *, until: Mapping[str, int] | None = None) -> Update:
        """New events, and at most ``limit`` new losses of each run, up to the step in ``until``.

        Every event about a step comes before or with the loss of that step, as far as it was
        written before.

        Raises:
            LogError: if there is no log, or it cannot be read.
        """
        # Counted before the events are read: whatever holds for these steps is among them.
        until = self.written() if until is None else until
        events = self.events()
        if self._events.behind:
            return Update(events, [], more=True)
        chunks, error = self._taken(limit, until)
        if error is not None and not events and not chunks:
            raise error
        more = bool(chunks) and any(at < until[run] for run, at in self._positions())
        return Update(events, chunks, more or error is not None)

    def _taken(self, limit: int, until: Mapping[str, int]) -> tuple[list[Chunk], LogError | None]:
        """What could be read, and what kept the rest from it: the next read meets that again."""
        chunks: list[Chunk] = []
        for run, at in self._positions():
            try:
                chunk = self._take(run, min(limit, until[run] - at))
            except LogError as error:
                return chunks, error
            if chunk.steps:
                chunks.append(chunk)
        return chunks, None

    def chunks(self, *, rest: bool = False) -> Iterator[Chunk]:
        """New losses of all runs side by side, as far as every run has come.

        ``rest``: as far as any has. Nothing more may be asked for after that, for the runs no
        longer stand at the same step.
        """
        written = self.written().values()
        last = max(written, default=0) if rest else min(written, default=0)
        start = max((at for _, at in self._positions()), default=0)
        for at in range(start, last, CHUNK):
            length = min(CHUNK, last - at)
            losses = {run: reader.read(length) for run, reader in self._readers.items()}
            yield Chunk(at + 1, losses)

    def _positions(self) -> list[tuple[str, int]]:
        return [(run, reader.position) for run, reader in self._readers.items()]

    def _take(self, run: str, limit: int) -> Chunk:
        reader = self._readers[run]
        first = reader.position + 1
        return Chunk(first, {run: reader.read(max(0, limit))})
