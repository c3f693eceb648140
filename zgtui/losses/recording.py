"""A loss table or a run's log, opened to be looked at: read piece by piece, followed if asked for.

``open_recording`` tells which of the two a path is. Reading goes on in small pieces, so that a
screen stays alive beside it; whoever follows goes on calling ``read`` for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from zgtui.errors import LogError, TableError
from zgtui.losses.log import EVENTS
from zgtui.losses.log_recording import LogRecording
from zgtui.losses.table_recording import TableRecording
from zgtui.losses.track import Track

FOLLOWED_POINTS = 2**17
"""Points kept of each curve that is followed; beyond that the finest detail is merged."""


class Recording(Protocol):
    """What is being looked at."""

    path: Path
    axis: str
    """What counts the steps, as a word."""
    tracks: dict[str, Track]
    """The curves by name. A replaced file begins with new ones."""
    full_batch: bool
    """Whether every step is known to have seen the same data."""
    trouble: str
    """What keeps more from being read, as a sentence; empty where nothing does."""

    def read(self) -> bool:
        """Take in the next piece; False where there was nothing new.

        Raises TableError or LogError where what is there cannot be read.
        """

    def give_up(self, reason: str) -> None:
        """Read no more of what is there, for ``reason``; what takes its place is a new start."""

    def finish(self) -> None:
        """Say that nothing more is to come: what was read must now be complete.

        Raises TableError or LogError where it is nothing that can be shown.
        """

    @property
    def share(self) -> float:
        """How much of what is there was read, from 0 to 1."""


def open_recording(path: Path, *, follow: bool = False) -> Recording:
    """The table or log at ``path``, nothing of it read yet.

    ``follow``: keep memory bounded, and wait where there is nothing yet. Raises TableError or
    LogError where there is neither.
    """
    capacity = FOLLOWED_POINTS if follow else None
    if path.is_dir():
        if not (path / EVENTS).is_file():
            raise LogError(
                f"{path} is a folder, but no run's log: it has no {EVENTS}; name a loss table,"
                " or the folder of a run's log"
            )
        return LogRecording(path, capacity)
    if not path.exists():
        raise TableError(f"there is no file {path}; name a loss table that exists")
    if not path.is_file():
        raise TableError(f"{path} is neither a file nor a folder: it cannot be read as a table")
    return TableRecording(path, capacity)


def read_whole(path: Path) -> Recording:
    """Everything that ``path`` holds now. Raises TableError or LogError where it is nothing."""
    recording = open_recording(path)
    while recording.read():
        pass
    recording.finish()
    return recording
