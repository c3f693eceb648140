"""The losses that the Trainer of Hugging Face transformers keeps in ``trainer_state.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zgtui.curves.recordings.recording import FileState, RowsRecording
from zgtui.ipc import parse_json

STATE_FILE = "trainer_state.json"
HISTORY = "log_history"
PIECE = 2000
"""Entries taken in at once: a few milliseconds."""


def newest_state(path: Path) -> Path | None:
    """The newest state in the output folder ``path`` or its checkpoints; a file is itself."""
    if path.is_file():
        return path
    found = [path / STATE_FILE, *path.glob(f"checkpoint-*/{STATE_FILE}")]
    stamped = [(file.stat().st_mtime_ns, file) for file in found if file.is_file()]
    return max(stamped)[1] if stamped else None


class TrainerStateRecording(RowsRecording):
    """``log_history`` of the newest state, which the Trainer writes anew at each checkpoint."""

    def __init__(
        self, path: Path, capacity: int | None, wanted: Sequence[str] = (), name: str = ""
    ) -> None:
        super().__init__(path, capacity, wanted, name)
        self._stamp: tuple[str, int, int] | None = None

    @property
    def share(self) -> float:
        """How many of the entries are taken in, from 0 to 1."""
        return self._taken / len(self._history) if self._history else 1.0

    def _begin(self) -> None:
        super()._begin()
        self._history: list[dict[str, Any]] = []
        self._taken = 0

    def _look(self) -> FileState:
        file = newest_state(self.path)
        if file is None:
            return "gone"
        status = file.stat()
        stamp = (str(file), status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            before = self._history
            history = self._entries(file)
            if history is None:
                return "there"  # it is just being written, or it is no state
            self._stamp = stamp
            if history[: len(before)] != before:
                self._begin_with(history)
                return "there"
            self._history = history
        return "there"

    def _begin_with(self, history: list[dict[str, Any]]) -> None:
        self._begin()
        self._history = history

    def _entries(self, file: Path) -> list[dict[str, Any]] | None:
        try:
            state = parse_json(file.read_text(encoding="utf-8"))
            history = state[HISTORY]
        except OSError as error:
            self._problem = f"cannot read {file}: {(error.strerror or str(error)).lower()}"
            return None
        except (KeyError, TypeError, ValueError):
            self._problem = f"{file} is not a trainer's state: it has no {HISTORY}"
            return None
        self._problem = ""
        # The last entry of a finished training sums it up: its train_loss is a mean, no step's.
        return [one for one in history if isinstance(one, dict) and "train_runtime" not in one]

    def _take_piece(self) -> bool:
        new = self._history[self._taken : self._taken + PIECE]
        if not new:
            return False
        self._taken += len(new)
        self._rows.take_records(new)
        self._name_tracks()
        return True
