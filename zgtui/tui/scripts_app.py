"""The app of a script's two runs: its timer, its dialogs, and the end of what it started."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

from rich.markup import escape
from textual.screen import Screen

from zgtui.errors import ZgtuiError
from zgtui.launch.script_comparison import ScriptComparison
from zgtui.launch.summary import exit_code
from zgtui.outputs.autosave import UPDATE_SECONDS, TableKeeper, free_path, in_slices
from zgtui.outputs.processes import FollowerProcess
from zgtui.tables.export import export
from zgtui.tui.app import Display
from zgtui.tui.base import BaseApp
from zgtui.tui.keys import SCRIPT_KEYS
from zgtui.tui.model.script_live import LiveScripts
from zgtui.tui.screens.dialogs import ExportDialog
from zgtui.tui.screens.scripts import ScriptsScreen

INTRODUCTION = (
    "Your script runs twice, unchanged. In one run its gradients are cleared before each step, in"
    " the other they are not; checkpoints of both go to folders of their own."
)
END_SECONDS = 5.0
"""How long the runs may take to end in order; the supervisor of each kills it long before."""


class ScriptsApp(BaseApp):
    """Both runs of a script, live."""

    CSS_PATH = "app.tcss"

    def __init__(
        self,
        comparison: ScriptComparison,
        display: Display | None = None,
        *,
        board: FollowerProcess | None = None,
    ) -> None:
        self.show = display or Display()
        super().__init__(
            self.show.theme, SCRIPT_KEYS, INTRODUCTION, ascii_only=self.show.ascii_only
        )
        self.live = LiveScripts(comparison, self)
        out = self.show.out
        self._keeper = (
            TableKeeper(out, wide=self.show.wide, overwrite=self.show.overwrite) if out else None
        )
        self._kept_at = 0.0
        self._board = board
        self._ending: asyncio.Task[None] | None = None
        self._exporting: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    def get_default_screen(self) -> Screen[None]:
        """Both runs."""
        return ScriptsScreen(self.live, self.show.marker, ascii_only=self.show.ascii_only)

    @property
    def scripts(self) -> ScriptsScreen:
        """The main screen, also while a dialog is above it."""
        screen = self.main_screen
        assert isinstance(screen, ScriptsScreen)
        return screen

    def on_mount(self) -> None:
        """Be ended in order by every signal that asks for it; start the scripts at once."""
        self.end_on_signals(self._signalled)
        try:
            self.live.start()
        except ZgtuiError as error:
            self.exit(return_code=error.exit_code, message=f"zgtui: {escape(str(error))}")
            return
        asyncio.get_running_loop().add_reader(self.live.comparison.fileno(), self._take_news)
        self.set_interval(1 / self.show.fps, self._tick)

    def on_unmount(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self.live.comparison.fileno())

    def _take_news(self) -> None:
        self.live.take_news()
        if self.live.finished:
            self._over.set()

    def _tick(self) -> None:
        if not self.is_running:  # while the app closes, its widgets go before its timers
            return
        self.live.read()
        self.scripts.update_all()
        self._keep_table()
        self._feed_board()

    # Ending

    async def leave(self) -> None:
        """End both runs in order, then leave with the worse of both exit codes."""
        if self._ending is not None:
            return
        self._ending = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        await self._end_runs()
        self._feed_board()
        self.exit(return_code=exit_code(self.live.comparison))
        self._close_table()

    def restart_runs(self) -> None:
        """End both runs in order, then start them again."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._restart())

    async def _restart(self) -> None:
        await self._end_runs()
        try:
            self.live.restart()
        except ZgtuiError as error:
            self.say(str(error), error=True)
        finally:
            self._ending = None

    async def _end_runs(self) -> None:
        self._over.clear()
        self.live.stop()
        if not self.live.finished:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._over.wait(), END_SECONDS)

    def _signalled(self, number: int) -> None:
        self.live.comparison.stop()
        self.exit(return_code=128 + number)
        self._close_table()

    async def action_quit(self) -> None:
        """Textual's own way out, ctrl+q, ends the runs just so."""
        await self.leave()

    # Files

    def ask_export(self) -> None:
        """Ask where to write the loss table of the steps done so far."""
        if self._exporting is not None:
            self.say("The last export is still being written.")
            return

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self._exporting = asyncio.create_task(self._export(path, overwrite=overwrite))

        self.push_screen(
            ExportDialog(free_path(self.show.out or Path.cwd() / "losses.csv")), answered
        )

    async def _export(self, path: Path, *, overwrite: bool) -> None:
        """Write the steps in the log when this was asked for, and tell where."""
        try:
            writing = export(self.live.comparison.log, path, overwrite=overwrite)
            await in_slices(writing, self._export_share)
        except ZgtuiError as error:
            self.say(str(error), error=True)
        else:
            self.say(f"Wrote the losses of both runs to {path}")
        finally:
            self._exporting = None
            self.scripts.activity = ""

    def _export_share(self, share: float) -> None:
        self.scripts.activity = f"exporting {share:.0%}"

    def _keep_table(self) -> None:
        now = time.monotonic()
        if self._keeper is None or now < self._kept_at:
            return
        self._kept_at = now + UPDATE_SECONDS
        try:
            self._keeper.follow(str(self.live.comparison.log))
        except ZgtuiError as error:
            self.say(str(error), error=True)

    def _feed_board(self) -> None:
        """Have TensorBoard's writer follow the log under way."""
        if self._board is None:
            return
        try:
            self._board.start()
        except ZgtuiError as error:
            self._board = None
            self.say(str(error), error=True)
        else:
            self._board.follow(str(self.live.comparison.log))

    def _close_table(self) -> None:
        if self._keeper is None:
            return
        try:
            self._keeper.follow(str(self.live.comparison.log))
            self._keeper.close()
        except ZgtuiError as error:
            self.exit(return_code=error.exit_code, message=f"zgtui: {escape(str(error))}")
