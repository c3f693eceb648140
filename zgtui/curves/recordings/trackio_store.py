"""One run of a project of trackio, which keeps each project in an SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from zgtui.curves.recordings.recording import FileState, RowsRecording
from zgtui.errors import TableError
from zgtui.ipc import parse_json

MAGIC = b"SQLite format 3\x00"
PIECE = 2000
"""Rows taken in at once: some milliseconds."""


def is_sqlite(path: Path) -> bool:
    """Whether ``path`` is a file of SQLite."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def runs_in(path: Path) -> list[str]:
    """The runs of the project in ``path``, in the order in which they began.

    Raises:
        TableError: if it is no store of trackio.
    """
    query = "SELECT run_name FROM metrics GROUP BY run_name ORDER BY MIN(id)"
    return [str(name) for (name,) in _rows(path, query)]


def _rows(path: Path, query: str, *values: str | int) -> list[tuple[str, ...]]:
    import sqlite3  # noqa: PLC0415 - for this case alone; some Pythons are built without it

    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as store:
            return store.execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise TableError(f"{path} cannot be read as a project of trackio: {error}") from error


class TrackioRecording(RowsRecording):
    """The run ``name`` of the project in ``path``."""

    def __init__(
        self, path: Path, capacity: int | None, wanted: Sequence[str] = (), name: str = ""
    ) -> None:
        super().__init__(path, capacity, wanted, name)
        self._identity: tuple[int, int] | None = None

    @property
    def share(self) -> float:
        """How many of the rows are taken in, from 0 to 1."""
        return self._taken / self._total if self._total else 1.0

    def _begin(self) -> None:
        super()._begin()
        self._last = 0
        self._taken = self._total = 0

    def _look(self) -> FileState:
        try:
            status = self.path.stat()
        except OSError:
            return "gone"
        identity = (status.st_dev, status.st_ino)
        before, self._identity = self._identity, identity
        return "replaced" if before not in {None, identity} else "there"

    def _take_piece(self) -> bool:
        if self._taken >= self._total:
            count = "SELECT COUNT(*) FROM metrics WHERE run_name = ?"
            self._total = int(_rows(self.path, count, self.name)[0][0])
        query = (
            "SELECT id, step, timestamp, metrics FROM metrics WHERE run_name = ? AND id > ?"
            " ORDER BY id LIMIT ?"
        )
        rows = _rows(self.path, query, self.name, self._last, PIECE)
        if not rows:
            return False
        self._last = int(rows[-1][0])
        self._taken += len(rows)
        self._rows.take_records(_record(self.path, *row[1:]) for row in rows)
        self._name_tracks()
        return True


def _record(path: Path, step: str, time: str, metrics: str) -> dict[str, object]:
    try:
        values = parse_json(metrics)
    except (TypeError, ValueError) as error:
        raise TableError(f"{path}, step {step}: the metrics are not JSON") from error
    return {"timestamp": time, **(values if isinstance(values, dict) else {}), "step": step}
