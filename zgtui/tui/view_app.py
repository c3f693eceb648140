"""The app that shows tables: it reads them beside the screen, and writes what is asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import cast

from textual.screen import Screen

from zgtui.curves.arrange import file_labels
from zgtui.curves.recording import LogRecording, Recording
from zgtui.errors import ZgtuiError
from zgtui.outputs.autosave import free_path, in_slices
from zgtui.outputs.picture import PictureRequest, draw_beside
from zgtui.tables.export import convert, export
from zgtui.tui.base import BaseApp
from zgtui.tui.keys import VIEW_KEYS
from zgtui.tui.screens.dialogs import ChoiceDialog, ExportDialog, PictureDialog
from zgtui.tui.screens.view import ViewDisplay, ViewScreen

INTRODUCTION = (
    "Loss tables and logs as charts. Space replays them as they came; end shows every step again,"
    " and goes along with a table that another process is writing (--follow)."
)
SLICE_SECONDS = 0.01
POLL_SECONDS = 0.1


class ViewApp(BaseApp):
    """Shows ``recordings``."""

    def __init__(self, recordings: Sequence[Recording], display: ViewDisplay | None = None) -> None:
        self.display_options = display or ViewDisplay()
        super().__init__(
            self.display_options.theme,
            VIEW_KEYS,
            INTRODUCTION,
            ascii_only=self.display_options.ascii_only,
        )
        self.recordings = recordings
        self._reading: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._ticked_at = 0.0

    def get_default_screen(self) -> Screen[None]:
        """The charts."""
        return ViewScreen(self.recordings, self.display_options)

    @property
    def view(self) -> ViewScreen:
        """The main screen, also while a dialog is above it."""
        return cast("ViewScreen", self.main_screen)

    def on_mount(self) -> None:
        """Be ended in order by every signal that asks for it."""
        self.end_on_signals(lambda number: self.exit(return_code=128 + number))

    def on_ready(self) -> None:
        """Read once the first frame is on the screen."""
        self._ticked_at = time.monotonic()
        self._reading = asyncio.create_task(self._read())
        self.set_interval(1 / self.display_options.fps, self._tick)

    def _tick(self) -> None:
        if not self.is_running:  # while the app closes, its screen goes before its timers
            return
        now = time.monotonic()
        self.view.replay.advance(now - self._ticked_at)
        self._ticked_at = now
        try:
            self.view.update_all()
        except ZgtuiError as error:
            self.cannot_start(str(error))

    async def _read(self) -> None:
        """Read everything, a slice at a time; go on for ever where it is followed."""
        follow = self.display_options.follow
        while True:
            until = time.monotonic() + SLICE_SECONDS
            news = True
            while news and time.monotonic() < until:
                news = sum(map(self._read_piece, self.recordings)) > 0
            if not news and not follow:
                break
            await asyncio.sleep(0 if news else POLL_SECONDS)
        try:
            for recording in self.recordings:
                recording.finish()
        except ZgtuiError as error:
            self.cannot_start(str(error))
            return
        self.view.complete = True

    def _read_piece(self, recording: Recording) -> bool:
        try:
            return recording.read()
        except ZgtuiError as error:
            if not self.display_options.follow:
                self.cannot_start(str(error))
            else:
                recording.give_up(str(error))
                self.say(str(error), error=True)
            return False

    # Files

    def ask_picture(self) -> None:
        """Ask where to draw the steps shown."""

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                view = self.view
                request = PictureRequest(
                    sources=tuple(str(recording.path) for recording in self.recordings),
                    files=(str(path),),
                    series=tuple(self.display_options.series),
                    until=view.replay.position,
                    log=view.log_scale,
                    overwrite=overwrite,
                )
                self._begin_writing(self._draw(request))

        if self._is_free():
            self.push_screen(PictureDialog(free_path(Path.cwd() / "losses.png")), answered)

    def ask_export(self) -> None:
        """Ask which table to write, and where to."""
        if not self._is_free():
            return
        labels = file_labels([recording.path for recording in self.recordings])
        by_label = dict(zip(labels, self.recordings, strict=True))
        if len(by_label) == 1:
            self._ask_destination(self.recordings[0])
            return

        def chosen(label: str | None) -> None:
            if label is not None:
                self._ask_destination(by_label[label])

        self.push_screen(ChoiceDialog("export", dict.fromkeys(labels, ""), labels[0]), chosen)

    def _ask_destination(self, recording: Recording) -> None:
        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self._begin_writing(self._export(recording, path, overwrite=overwrite))

        ending = ".md" if recording.path.suffix == ".csv" else ".csv"
        name = "losses" if isinstance(recording, LogRecording) else recording.path.stem
        self.push_screen(ExportDialog(free_path(Path.cwd() / f"{name}{ending}")), answered)

    def _is_free(self) -> bool:
        if self._writing is not None:
            self.say("The last file is still being written.")
        return self._writing is None

    def _begin_writing(self, writing: Coroutine[None, None, None]) -> None:
        self._writing = asyncio.create_task(self._write(writing))

    async def _write(self, writing: Coroutine[None, None, None]) -> None:
        try:
            await writing
        except ZgtuiError as error:
            self.say(str(error), error=True)
        finally:
            self._writing = None
            self.view.activity = ""

    async def _draw(self, request: PictureRequest) -> None:
        self.view.activity = "drawing"
        await draw_beside(request)
        self.say(f"Drew {request.files[0]}")

    async def _export(self, recording: Recording, path: Path, *, overwrite: bool) -> None:
        if isinstance(recording, LogRecording):
            writing = export(recording.path, path, overwrite=overwrite)
        else:
            writing = convert(recording.path, path, overwrite=overwrite)
        await in_slices(writing, self._export_share)
        self.say(f"Wrote {path}")

    def _export_share(self, share: float) -> None:
        self.view.activity = f"exporting {share:.0%}"
