"""The scalars in TensorBoard's event files of one run, read with its own reader (an extra)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zgtui.curves.recordings.recording import FileState, RowsRecording
from zgtui.errors import TableError, need_extra

PATTERN = "*tfevents*"
PIECE = 400
"""Events taken in at once: some milliseconds."""
FRAME_BYTES = 16
"""What a record has beside its data: its length and two checksums."""
NOT_SCALARS = 2
"""What every record has: its step, and when it was written."""


class EventsRecording(RowsRecording):
    """A folder of event files, or one of them; files that come later are read as well."""

    @property
    def share(self) -> float:
        """How much of the files is read, from 0 to 1."""
        size = sum(file.size for file in self._files.values())
        done = sum(file.position for file in self._files.values())
        return min(1.0, done / size) if size and not self._drained else 1.0

    def _begin(self) -> None:
        super()._begin()
        self._files: dict[Path, _EventFile] = {}
        self._drained = False

    def _look(self) -> FileState:
        if not self.path.exists():
            return "gone"
        paths = [self.path] if self.path.is_file() else sorted(self.path.glob(PATTERN))
        if any(file not in paths for file in self._files):
            return "replaced"
        for path in paths:
            if path not in self._files:
                self._files[path] = _EventFile(path)
        return "there"

    def _take_piece(self) -> bool:
        records: list[dict[str, object]] = []
        for file in self._files.values():
            while len(records) < PIECE and (record := file.read()) is not None:
                records.append(record)
        self._drained = not records
        self._rows.take_records(record for record in records if len(record) > NOT_SCALARS)
        self._name_tracks()
        return bool(records)


class _EventFile:
    """Reads one file as it grows."""

    def __init__(self, path: Path) -> None:
        read_with = "TensorBoard's event files are read with"
        need_extra("tensorboard", "tensorboard", read_with, error=TableError)
        from tensorboard.backend.event_processing.event_file_loader import (  # noqa: PLC0415 - an extra, and slow to import
            RawEventFileLoader,
        )
        from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - as above
        from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415 - as above

        self.position = 0
        self._path = path
        self._parse, self._array = Event.FromString, make_ndarray
        try:
            self._loader: Any = RawEventFileLoader(str(path))
        except Exception as error:
            raise TableError(f"cannot read {path}: {error}") from error
        self._records: Iterator[bytes] = iter(())

    @property
    def size(self) -> int:
        """Bytes in the file now; 0 where it is gone."""
        return self._path.stat().st_size if self._path.exists() else 0

    def read(self) -> dict[str, object] | None:
        """The scalars of the next event with its step; None where there is none yet."""
        data = next(self._records, None)
        if data is None:
            self._records = self._loader.Load()
            data = next(self._records, None)
        if data is None:
            return None
        self.position += len(data) + FRAME_BYTES
        try:
            event = self._parse(data)
        except Exception as error:
            raise TableError(f"{self._path} is not an event file of TensorBoard") from error
        record = {value.tag: self._scalar(value) for value in event.summary.value}
        return {"wall time": event.wall_time, **record, "step": event.step}

    def _scalar(self, value: Any) -> float | None:
        """The number of a scalar, as it is written by PyTorch or by TensorFlow 2; else None."""
        if value.HasField("simple_value"):
            return float(value.simple_value)
        if not value.HasField("tensor") or value.tensor.tensor_shape.dim:
            return None
        try:
            return float(self._array(value.tensor))
        except (TypeError, ValueError):  # a text
            return None
