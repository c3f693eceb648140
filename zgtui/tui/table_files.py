"""What ``zgtui view`` writes of the tables and logs that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textual.app import App

from zgtui.curves.arrange import recording_labels
from zgtui.curves.recordings.log_recording import LogRecording
from zgtui.curves.recordings.recording import Recording
from zgtui.outputs.pictures.picture import PictureRequest
from zgtui.outputs.table_export import table_of
from zgtui.tui.files import LogFiles, Rows
from zgtui.tui.screens.view_screen import ViewDisplay, ViewScreen


class TableFiles(LogFiles):
    """Writes the tables and logs that ``screen`` shows."""

    def __init__(self, app: App[None], screen: ViewScreen, display: ViewDisplay) -> None:
        super().__init__(app, screen)
        self._shown, self._display = screen, display
        self._replay = screen.replay

    def tables(self) -> Mapping[str, Path]:
        """Each file under another ending than it has."""
        return {label: _proposal(one) for label, one in self._recordings.items()}

    async def table(self, label: str, path: Path, *, overwrite: bool) -> tuple[Rows, str]:
        """A log as a table, or a table in another format."""
        recording = self._recordings[label]
        return table_of(recording, path, overwrite=overwrite), f"Wrote {path}"

    @property
    def _recordings(self) -> dict[str, Recording]:
        """By what tells them apart; a followed folder may have more of them by now."""
        recordings = self._shown.recordings
        return dict(zip(recording_labels(recordings), recordings, strict=True))

    async def picture(self, path: Path, *, overwrite: bool) -> tuple[PictureRequest, str]:
        """The steps shown."""
        request = PictureRequest(
            sources=tuple(dict.fromkeys(str(one.path) for one in self._shown.recordings)),
            files=(str(path),),
            series=tuple(self._display.series),
            runs=tuple(self._display.runs),
            until=self._replay.position,
            overwrite=overwrite,
        )
        return request, f"Drew {path}"


def _proposal(recording: Recording) -> Path:
    ending = ".md" if recording.path.suffix == ".csv" else ".csv"
    name = "losses" if isinstance(recording, LogRecording) else recording.path.stem
    return Path.cwd() / f"{name}{ending}"
