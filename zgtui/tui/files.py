"""The files that the app writes: tables, pictures, and TensorBoard's through its writer."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from zgtui.config.settings import Settings
from zgtui.errors import ZgtuiError
from zgtui.outputs.autosave import UPDATE_SECONDS, TableKeeper, free_path, write_table
from zgtui.outputs.picture import PictureRequest, draw_beside
from zgtui.reproduce import reproduce
from zgtui.tables.rows import read_facts
from zgtui.tui.screens.dialogs import ExportDialog, PictureDialog, ScriptDialog
from zgtui.worker.protocol import Ack

if TYPE_CHECKING:
    from zgtui.outputs.processes import FollowerProcess
    from zgtui.tui.app import ZgtuiApp

SYNC_SECONDS = 2.0
"""How long an export waits for the worker to write its log before taking what is there."""


class Files:
    """Writes what the comparison of ``app`` has trained.

    ``out`` is a table kept up to date all along, ``board`` TensorBoard's writer; either may be
    missing.
    """

    def __init__(
        self, app: ZgtuiApp, out: Path | None, *, overwrite: bool, board: FollowerProcess | None
    ) -> None:
        self._app = app
        self._live = app.live
        self._out = out
        self._keeper = TableKeeper(out, overwrite=overwrite) if out else None
        self._kept_at = 0.0
        self._board = board
        self.exporting: asyncio.Task[None] | None = None
        self.drawing: asyncio.Task[None] | None = None

    def follow(self) -> None:
        """Hand on what was trained since the last call."""
        self._keep_table()
        self.feed_board()

    def ask_export(self) -> None:
        """Ask where to write the loss table of the steps done so far."""
        if self._live.started is None:
            self._app.say("There is nothing to export yet: no step was trained.")
            return
        if self.exporting is not None:
            self._app.say("The last export is still being written.")
            return
        proposal = self._out or Path.cwd() / "losses.csv"

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self.exporting = asyncio.create_task(self._export(path, overwrite=overwrite))

        self._app.push_screen(ExportDialog(free_path(proposal)), answered)

    async def _export(self, path: Path, *, overwrite: bool) -> None:
        """Write the steps done when this was asked for, and tell where."""
        try:
            steps = await self.synced_steps()
            assert self._live.started is not None
            log = Path(self._live.started.log)
            await write_table(log, path, steps, overwrite=overwrite, progress=self._export_share)
        except ZgtuiError as error:
            self._app.say(str(error), error=True)
        else:
            self._app.say(f"Wrote {steps:,} steps of both runs to {path}")
        finally:
            self.exporting = None
            self._app.comparison.export_share = None

    def _export_share(self, share: float) -> None:
        self._app.comparison.export_share = share

    def ask_picture(self) -> None:
        """Ask where to draw the steps done so far, for a paper or a slide."""
        if self._live.started is None:
            self._app.say("There is nothing to draw yet: no step was trained.")
            return
        if self.drawing is not None:
            self._app.say("The last picture is still being drawn.")
            return

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self.drawing = asyncio.create_task(self._draw(path, overwrite=overwrite))

        self._app.push_screen(PictureDialog(free_path(Path.cwd() / "losses.png")), answered)

    async def _draw(self, path: Path, *, overwrite: bool) -> None:
        """Draw the steps done when this was asked for, and tell where."""
        try:
            steps = await self.synced_steps()
            assert self._live.started is not None
            request = PictureRequest(
                sources=(self._live.started.log,),
                files=(str(path),),
                until=steps,
                log=self._app.comparison.pane("A").chart.log_scale,
                overwrite=overwrite,
            )
            await draw_beside(request)
        except ZgtuiError as error:
            self._app.say(str(error), error=True)
        else:
            self._app.say(f"Drew {steps:,} steps of both runs to {path}")
        finally:
            self.drawing = None

    async def copy_script(self) -> None:
        """Put a script that gives the same losses on the clipboard, and ask where to save it."""
        if self._live.started is None:
            self._app.say("There is nothing to copy yet: no step was trained.")
            return
        try:
            steps = await self.synced_steps() or self._live.settings.steps or 1
            facts = read_facts(Path(self._live.started.log))
            began = Settings.from_dict(facts.start["settings"])
            script = reproduce(began, facts.changes, steps)
        except ZgtuiError as error:
            self._app.say(str(error), error=True)
            return
        self._app.copy_to_clipboard(script)

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is None:
                return
            try:
                answer[0].write_text(script, encoding="utf-8")
            except OSError as error:
                self._app.say(f"Cannot save {answer[0]}: {error.strerror}.", error=True)
            else:
                self._app.say(f"Saved {answer[0]}: python {answer[0].name} prints the losses")

        self._app.push_screen(ScriptDialog(free_path(Path.cwd() / "reproduce.py")), answered)

    async def synced_steps(self) -> int:
        """The steps done now, all of them in the log; what is there if the worker is silent."""
        reached: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def acknowledged(ack: Ack) -> None:
            if not reached.done():
                reached.set_result(ack.step)

        if self._live.phase == "failed":
            return self._live.logged_steps
        self._live.sync(acknowledged)
        try:
            return await asyncio.wait_for(reached, SYNC_SECONDS)
        except asyncio.TimeoutError:
            return self._live.logged_steps

    def _keep_table(self) -> None:
        now = time.monotonic()
        if self._keeper is None or self._live.started is None or now < self._kept_at:
            return
        self._kept_at = now + UPDATE_SECONDS
        try:
            self._keeper.follow(self._live.started.log)
        except ZgtuiError as error:
            self._app.say(str(error), error=True)

    def feed_board(self) -> None:
        """Have TensorBoard's writer follow the comparison under way."""
        if self._board is None or self._live.started is None:
            return
        try:
            self._board.start()
        except ZgtuiError as error:
            self._board = None
            self._app.say(str(error), error=True)
        else:
            self._board.follow(self._live.started.log)

    def close(self) -> None:
        """Write the rest of the table that is kept."""
        if self._keeper is None:
            return
        try:
            if self._live.started is not None:
                self._keeper.follow(self._live.started.log)
            self._keeper.close()
        except ZgtuiError as error:
            self._app.exit(return_code=error.exit_code, message=f"zgtui: {escape(str(error))}")
