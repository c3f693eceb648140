"""What ``zgtui view`` writes of the tables and logs that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textual.app import App

from zgtui.curves.arrange import file_labels
from zgtui.curves.recording import LogRecording, Recording
from zgtui.outputs.picture import PictureRequest
from zgtui.tables.export import convert, export
from zgtui.tui.files import LogFiles, Rows
from zgtui.tui.screens.view_screen import ViewDisplay, ViewScreen


class TableFiles(LogFiles):
    """Writes the tables and logs that ``screen`` shows."""

    def __init__(self, app: App[None], screen: ViewScreen, display: ViewDisplay) -> None:
        super().__init__(app, screen)
        recordings = screen.recordings
        labels = file_labels([recording.path for recording in recordings])
        self._recordings = dict(zip(labels, recordings, strict=True))
        self._replay, self._series = screen.replay, tuple(display.series)

    def tables(self) -> Mapping[str, Path]:
        """Each file under another ending than it has."""
        return {label: _proposal(one) for label, one in self._recordings.items()}

    async def table(self, label: str, path: Path, *, overwrite: bool) -> tuple[Rows, str]:
        """A log as a table, or a table in another format."""
        recording = self._recordings[label]
        write = export if isinstance(recording, LogRecording) else convert
        return write(recording.path, path, overwrite=overwrite), f"Wrote {path}"

    async def picture(self, path: Path, *, overwrite: bool) -> tuple[PictureRequest, str]:
        """The steps shown."""
        request = PictureRequest(
            sources=tuple(str(recording.path) for recording in self._recordings.values()),
            files=(str(path),),
            series=self._series,
            until=self._replay.position,
            overwrite=overwrite,
        )
        return request, f"Drew {path}"


def _proposal(recording: Recording) -> Path:
    ending = ".md" if recording.path.suffix == ".csv" else ".csv"
    name = "losses" if isinstance(recording, LogRecording) else recording.path.stem
    return Path.cwd() / f"{name}{ending}"
