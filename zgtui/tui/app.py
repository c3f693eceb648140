"""The app: it holds the live comparison, its timer and its dialogs, and ends what it started."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.markup import escape
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from zgtui.errors import UsageError, ZgtuiError, suggest
from zgtui.options import Marker
from zgtui.settings import RUNS, Settings, parse_lr
from zgtui.tui.export import free_path, write_table
from zgtui.tui.keys import KEYS
from zgtui.tui.live import LiveComparison
from zgtui.tui.palette import THEMES, run_colour
from zgtui.tui.screens.comparison import ComparisonScreen
from zgtui.tui.screens.dialogs import ChoiceDialog, TextDialog
from zgtui.tui.screens.export import ExportDialog
from zgtui.tui.screens.help import HelpScreen
from zgtui.tui.table_keeper import UPDATE_SECONDS, TableKeeper
from zgtui.worker.client import ClientFactory
from zgtui.worker.protocol import Ack

SYNC_SECONDS = 2.0
"""How long an export waits for the worker to write its log before taking what is there."""


@dataclass(frozen=True, kw_only=True)
class Display:
    """How the app shows itself: options that do not concern training."""

    theme: str = "zgtui-dark"
    fps: float = 10.0
    marker: Marker = "braille"
    ascii_only: bool = False
    out: Path | None = None
    overwrite: bool = False


class ZgtuiApp(App[None]):
    """Two runs side by side, live."""

    TITLE = "zgtui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        settings: Settings,
        make_client: ClientFactory,
        display: Display | None = None,
        *,
        running: bool = True,
    ) -> None:
        super().__init__()
        self.show = display or Display()
        for theme in THEMES:
            self.register_theme(theme)
        if self.show.theme not in self.available_themes:
            raise UsageError(
                f"there is no theme {self.show.theme!r}."
                f"{suggest(self.show.theme, self.available_themes)}"
                f" There is: {', '.join(sorted(self.available_themes))}"
            )
        self.theme = self.show.theme
        self.live = LiveComparison(settings, make_client, self)
        self._start_running = running
        out = self.show.out
        self._keeper = TableKeeper(out, overwrite=self.show.overwrite) if out else None
        self._kept_at = 0.0
        self._exporting: asyncio.Task[None] | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of the two runs; a theme may have its own."""
        dark = self.current_theme.dark
        return {f"run-{name.lower()}": run_colour(name, dark=dark) for name in RUNS}

    def get_default_screen(self) -> Screen[None]:
        """The comparison."""
        return ComparisonScreen(self.live, self.show.marker, ascii_only=self.show.ascii_only)

    @property
    def comparison(self) -> ComparisonScreen:
        """The main screen, also while a dialog is above it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, ComparisonScreen)
        return screen

    def on_mount(self) -> None:
        """Be ended in order by every signal that asks for it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled, number)

    def on_ready(self) -> None:
        """Start training once the first frame is on the screen: it never waits for PyTorch."""
        self.call_after_refresh(self._begin)
        self.set_interval(1 / self.show.fps, self._tick)

    def _begin(self) -> None:
        try:
            self.live.start(running=self._start_running)
        except ZgtuiError as error:
            self.cannot_start(str(error))

    def _tick(self) -> None:
        self.live.read()
        self.comparison.update_all()
        self._keep_table()

    # What the live comparison tells

    def say(self, message: str, *, error: bool = False) -> None:
        """Show one sentence for a while."""
        self.notify(escape(message), severity="error" if error else "information", timeout=6)

    def cannot_start(self, message: str) -> None:
        """Wrong use: leave with the sentence and exit code 2."""
        self.exit(return_code=2, message=f"zgtui: {escape(message)}")

    # Leaving

    async def leave(self) -> None:
        """End training in order, then leave."""
        await self.live.stop()
        self.exit()
        self._close_table()

    def _signalled(self, number: int) -> None:
        self.live.kill()
        self.exit(return_code=128 + number)
        self._close_table()

    async def action_quit(self) -> None:
        """Textual's own way out, ctrl+q, ends training just so."""
        await self.leave()

    # Dialogs

    def ask_lr(self) -> None:
        """Ask for the learning rate of both runs."""
        current = self.live.runs[self.comparison.focused_run].lr

        def answered(text: str | None) -> None:
            if text is not None:
                self.live.set_lr(RUNS, parse_lr(text))

        self.push_screen(
            TextDialog(
                "learning rate of both runs",
                "" if current is None else f"{current:g}",
                "enter sets it, escape leaves",
                parse_lr,
            ),
            answered,
        )

    def ask_device(self) -> None:
        """Ask where to train."""
        if self.live.ready is None:
            self.say("PyTorch is still being imported; then the devices are known.")
            return

        def answered(device: str | None) -> None:
            if device is not None and device != self.live.settings.device:
                self.live.restart(device=device)

        self.push_screen(
            ChoiceDialog("device", self.live.ready.devices, self.live.settings.device), answered
        )

    def show_help(self) -> None:
        """Show all keys; what is chosen there is done."""
        rows = [
            (binding.key_display or self.get_key_display(binding), binding.action, binding.tooltip)
            for binding in KEYS
        ]

        async def answered(action: str | None) -> None:
            if action is not None:
                await self.run_action(action, self.comparison)

        self.push_screen(HelpScreen(rows), answered)

    def get_system_commands(self, _screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that has a key, and the themes."""
        for binding in KEYS:
            action = binding.action

            async def run(action: str = action) -> None:
                await self.run_action(action, self.comparison)

            yield SystemCommand(binding.description, binding.tooltip, run)
        yield SystemCommand("theme", "Choose a colour theme", self.action_change_theme)

    # Files

    def save_svg(self) -> None:
        """Save the screen as a picture in the working folder."""
        path = Path.cwd() / f"zgtui-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        try:
            path.write_text(self.export_screenshot(), encoding="utf-8")
        except OSError as error:
            self.say(f"Cannot save {path}: {error.strerror}.", error=True)
        else:
            self.say(f"Saved {path}")

    def ask_export(self) -> None:
        """Ask where to write the loss table of the steps done so far."""
        if self.live.started is None:
            self.say("There is nothing to export yet: no step was trained.")
            return
        if self._exporting is not None:
            self.say("The last export is still being written.")
            return
        proposal = self.show.out or Path.cwd() / "losses.csv"

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self._exporting = asyncio.create_task(self._export(path, overwrite=overwrite))

        self.push_screen(ExportDialog(free_path(proposal)), answered)

    async def _export(self, path: Path, *, overwrite: bool) -> None:
        """Write the steps done when this was asked for, and tell where."""
        try:
            steps = await self._synced_steps()
            assert self.live.started is not None
            log = Path(self.live.started.log)
            await write_table(log, path, steps, overwrite=overwrite, progress=self._export_share)
        except ZgtuiError as error:
            self.say(str(error), error=True)
        else:
            self.say(f"Wrote {steps:,} steps of both runs to {path}")
        finally:
            self._exporting = None
            self.comparison.export_share = None

    def _export_share(self, share: float) -> None:
        self.comparison.export_share = share

    async def _synced_steps(self) -> int:
        """The steps done now, all of them in the log; what is there if the worker is silent."""
        reached: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def acknowledged(ack: Ack) -> None:
            if not reached.done():
                reached.set_result(ack.step)

        if self.live.phase == "failed":
            return self.live.logged_steps
        self.live.sync(acknowledged)
        try:
            return await asyncio.wait_for(reached, SYNC_SECONDS)
        except asyncio.TimeoutError:
            return self.live.logged_steps

    def _keep_table(self) -> None:
        now = time.monotonic()
        if self._keeper is None or self.live.started is None or now < self._kept_at:
            return
        self._kept_at = now + UPDATE_SECONDS
        try:
            self._keeper.follow(self.live.started.log)
        except ZgtuiError as error:
            self.say(str(error), error=True)

    def _close_table(self) -> None:
        if self._keeper is None:
            return
        try:
            if self.live.started is not None:
                self._keeper.follow(self.live.started.log)
            self._keeper.close()
        except ZgtuiError as error:
            self.exit(return_code=error.exit_code, message=f"zgtui: {escape(str(error))}")
