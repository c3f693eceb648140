"""A loss table that is looked at, whole or while another process writes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zgtui.curves.recordings.recording import FileState, RowsRecording
from zgtui.ipc import parse_json
from zgtui.runlog.events import from_fields
from zgtui.tables.compressed import open_lines
from zgtui.tables.destination import sidecar_path


class TableRecording(RowsRecording):
    """A table of ours or of others."""

    def __init__(
        self, path: Path, capacity: int | None, wanted: Sequence[str] = (), name: str = ""
    ) -> None:
        self._file = open_lines(path)
        self._lines: list[str] = []
        self._sidecar_stamp: tuple[int, int] | None = None
        super().__init__(path, capacity, wanted, name)

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return self._file.share

    def finish(self) -> None:
        """Take the last line also where it lacks its end."""
        if not self.trouble:
            self._rows.take(self._file.rest())
        super().finish()

    def _look(self) -> FileState:
        """Read some 256 kB. A line still being written waits for its end."""
        self._news, self._lines = self._file.read()
        return self._news if self._news in {"gone", "replaced"} else "there"

    def _take_piece(self) -> bool:
        renewed = self._read_sidecar()
        self._rows.take(self._lines)
        if self._lines or renewed:
            self._name_tracks()
        return self._news == "lines"

    def _read_sidecar(self) -> bool:
        """Read what stands beside the table, where it is ours and new; whether it was."""
        path = sidecar_path(self.path)
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if path == self.path or stamp == self._sidecar_stamp:
                return False
            self._sidecar_stamp = stamp
            read = parse_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # A table is complete without one; what lies there may be anything.
            return False
        ours = read if isinstance(read, dict) and read.get("table") == self.path.name else {}
        settings, changes = ours.get("settings"), ours.get("changes")
        self._settings = settings if isinstance(settings, dict) else {}
        events = map(from_fields, changes if isinstance(changes, list) else [])
        self._changes = [event for event in events if event is not None]
        self.full_batch = ours.get("full_batch") is True
        self.same_init = ours.get("same_init") is True
        self._take_pace(ours)
        return True
