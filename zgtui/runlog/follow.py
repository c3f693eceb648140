"""The losses of both runs as they reach the log, in order, each exactly once."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zgtui.config.settings import RUNS, RunName
from zgtui.runlog.log import LossReader

CHUNK = 4096


@dataclass(frozen=True)
class Chunk:
    """Losses of some steps from ``first_step`` on, oldest first; one run may be behind."""

    first_step: int
    losses: dict[RunName, array[float]]

    @property
    def steps(self) -> int:
        """Steps in it."""
        return max(map(len, self.losses.values()))


class LogFollower:
    """Reads what is new in the log ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._readers = {name: LossReader(folder, name) for name in RUNS}

    def news(self, *, rest: bool = False) -> Iterator[Chunk]:
        """What both runs have reached since the last call; ``rest``: what either has.

        After ``rest`` nothing more may be asked for: the runs no longer stand at the same step.
        """
        reached = [reader.available() for reader in self._readers.values()]
        last = max(reached) if rest else min(reached)
        for start in range(self._readers["A"].position, last, CHUNK):
            length = min(CHUNK, last - start)
            losses = {name: reader.read(length) for name, reader in self._readers.items()}
            yield Chunk(start + 1, losses)
