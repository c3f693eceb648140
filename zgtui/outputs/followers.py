"""What follows a comparison beside the text: the loss table, TensorBoard and the window."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zgtui.errors import UsageError, ZgtuiError
from zgtui.outputs.processes import FollowerProcess
from zgtui.tables.destination import check_destination
from zgtui.tables.streaming import StreamingTable

TABLE_SECONDS = 0.3


class TableFile:
    """``--out``: the loss table, kept up to date. A full disk may get room again: it goes on."""

    def __init__(self, path: Path, *, wide: bool, overwrite: bool) -> None:
        check_destination(path, overwrite=overwrite)
        self._path = path
        self._wide = wide
        self._overwrite = overwrite
        self._table: StreamingTable | None = None
        self._due = 0.0

    def follow(self, log: Path) -> None:
        """Begin the table of ``log``. Raises TableError where it cannot be made."""
        self._table = StreamingTable(log, self._path, wide=self._wide, overwrite=self._overwrite)

    def update(self) -> None:
        """Write what is new, if it is time to."""
        now = time.monotonic()
        if self._table is None or now < self._due:
            return
        self._due = now + TABLE_SECONDS
        try:
            self._table.update()
        except ZgtuiError:
            return  # its rows wait for the next update; what ``close`` cannot write, it tells

    def close(self) -> None:
        """Write the rest. Raises TableError or LogError where that fails."""
        if self._table is not None:
            self._table.close()


def table_file(values: Mapping[str, Any]) -> TableFile | None:
    """What ``--out`` asks for. Raises TableError where it cannot be written there."""
    if not values["out"]:
        if values.get("wide"):
            raise UsageError("--wide is about a loss table: name its file with --out")
        return None
    path = Path(values["out"]).expanduser().absolute()
    return TableFile(path, wide=bool(values.get("wide")), overwrite=bool(values["overwrite"]))


def loss_window(values: Mapping[str, Any], session: Path) -> FollowerProcess | None:
    """What ``--live`` asks for, not yet started. Raises UsageError without matplotlib."""
    if not values.get("live"):
        return None
    if find_spec("matplotlib") is None:
        raise UsageError("--live needs the package matplotlib: pip install 'zgtui[plot]'")
    return FollowerProcess("zgtui.outputs.window", [], session / "window.log")
