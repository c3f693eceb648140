"""A stability map without the app: made by the training process, printed, and written to files."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zgtui.charts.heat_map import common_words, plain_map
from zgtui.charts.words import ascii_text
from zgtui.config.settings import Settings
from zgtui.config.sources import state_path
from zgtui.errors import UsageError, WorkerError, ZgtuiError
from zgtui.ipc import Ack
from zgtui.launch.interruption import ENDING_SIGNALS
from zgtui.outputs.pictures.map_picture import MapPicture, draw_map
from zgtui.outputs.pictures.picture import FORMATS, check_picture
from zgtui.runlog.sessions import new_session
from zgtui.tables.destination import check_destination
from zgtui.tables.map_table import write_map
from zgtui.terminal import tell, tell_text
from zgtui.theory.stability_map import MapGrid, StabilityMap
from zgtui.worker.client import WorkerClient
from zgtui.worker.protocol import Failed, MapMade, MapStability, Notice, Start

COLUMNS, ROWS = 60, 20
"""Beside the labels within eighty columns, and below a prompt within twenty-four lines."""


def grid_of(values: Mapping[str, Any]) -> MapGrid:
    """The map that the resolved options ask for."""
    return MapGrid(values["over"], COLUMNS, ROWS, values["clear"])


def map_headless(settings: Settings, values: Mapping[str, Any]) -> int:
    """Make the map of ``settings`` and tell it; returns the exit code.

    Raises:
        ZgtuiError: if an option cannot be used, or the map cannot be made.
    """
    overwrite = bool(values["overwrite"])
    table = Path(values["out"]) if values["out"] else None
    pictures = [Path(values[ending[1:]]) for ending in FORMATS if values[ending[1:]]]
    if table is not None:
        check_destination(table, overwrite=overwrite, sidecar=False)
    for path in pictures:
        check_picture(path, overwrite=overwrite)
    made = asyncio.run(_Request(settings, grid_of(values)).made())
    if isinstance(made, int):
        return 128 + made
    if table is not None:
        write_map(made, table, overwrite=overwrite)
    for path in pictures:
        draw_map(MapPicture.of(made, settings.experiment, path, overwrite=overwrite))
    _print(made, settings, ascii_only=bool(values["ascii"]))
    return 0


def _print(made: StabilityMap, settings: Settings, *, ascii_only: bool) -> None:
    unicode = (sys.stdout.encoding or "").lower().startswith("utf") and not ascii_only

    def shown(text: str) -> str:
        return text if unicode else ascii_text(text)

    tell(shown(f"{settings.experiment}: {common_words(made.grid)}"))
    sharpness = f"λ is {made.modes[0].sharpness:.4g}"
    tell(shown(f"{sharpness}; each cell was trained for {made.steps:,} steps"))
    tell_text(shown("\n".join(["", *plain_map(made)])))
    tell(shown(made.agreement()))


class _Request:
    """Asks a training process for a map; hears what it says."""

    def __init__(self, settings: Settings, grid: MapGrid) -> None:
        self._settings, self._grid = settings, grid
        self._client = WorkerClient(new_session(state_path()))
        self._message = ""
        self._progress = sys.stderr.isatty()

    async def made(self) -> StabilityMap | int:
        """The whole map, or the number of the signal that came first."""
        loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[StabilityMap | int] = loop.create_future()
        for number in ENDING_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._answered, number)
        grid = self._grid
        try:
            self._client.start(self)
            self._client.send(Start(self._settings, running=False))
            self._client.send(MapStability(grid.axis, grid.columns, grid.rows, grid.clearing))
            return await self._answer
        finally:
            if self._progress:
                sys.stderr.write("\r\033[K")
            self._client.kill()

    def _answered(self, answer: StabilityMap | int) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

    def _failed(self, error: ZgtuiError) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)

    def worker_notice(self, notice: Notice) -> None:
        """Take in a notice."""
        if isinstance(notice, MapMade):
            self._tell(notice)
            if notice.measured:
                self._answered(notice.map())
        elif isinstance(notice, Ack) and notice.error is not None:
            self._failed(UsageError(notice.error))
        elif isinstance(notice, Failed):
            self._message = notice.message

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        """It is gone without having been asked to go."""
        self._failed(WorkerError(f"{self._message} ({reason})" if self._message else reason))

    def _tell(self, notice: MapMade) -> None:
        if self._progress:
            cells = len(notice.predicted) * len(notice.predicted[0])
            sys.stderr.write(
                f"\rtraining {cells:,} runs: step {notice.step:,} of {notice.steps:,}\033[K"
            )
            sys.stderr.flush()
