"""The apps: bases, which all keys of apps belong to, and one app for each screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from rich.markup import escape
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.notifications import SeverityLevel
from textual.screen import Screen

from zgtui.charts.words import ascii_text
from zgtui.config.settings import Settings
from zgtui.curves.recording import Recording
from zgtui.errors import UsageError, ZgtuiError
from zgtui.tui.files import Followers, LiveFiles, LogFiles, TableFiles
from zgtui.tui.keys import INTRODUCTIONS, Place, bindings, keymap, presses
from zgtui.tui.model.base import LiveComparison
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.model.script_live import LaunchedScripts, LiveScripts
from zgtui.tui.screens.chart_screen import ChartScreen, Display
from zgtui.tui.screens.dialogs import HelpScreen
from zgtui.tui.screens.docs_screen import DocsScreen
from zgtui.tui.screens.run_screen import ScriptsScreen
from zgtui.tui.screens.train_screen import ComparisonScreen
from zgtui.tui.screens.view_screen import ViewDisplay, ViewScreen
from zgtui.tui.themes import curve_colours, use_theme
from zgtui.worker.client import ClientFactory

MESSAGE_SECONDS = 6
SLICE_SECONDS = 0.01
POLL_SECONDS = 0.1


Main = TypeVar("Main", bound=Screen[None])
Charts = TypeVar("Charts", bound=ChartScreen)


class BaseApp(App[None], Generic[Main]):
    """An app with one main screen, whose keys are those of ``place``."""

    TITLE = "zgtui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    PLACE: ClassVar[Place]

    main_screen: Main
    """Also while a dialog is above it."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self.display_options = display
        self._refreshing = False
        self._keys: Sequence[Binding] = bindings(self.PLACE, keymap(display.keys))
        self.set_keymap(display.keys)
        use_theme(self, display.theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of curves; a theme may have its own."""
        return curve_colours(dark=self.current_theme.dark)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self.main_screen

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = MESSAGE_SECONDS,
        markup: bool = False,
    ) -> None:
        """Show one sentence for a while, in letters that the terminal has."""
        text = ascii_text(message) if self.display_options.ascii_only else message
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=markup)

    def say(self, message: str, *, error: bool = False) -> None:
        """One sentence for the user."""
        self.notify(message, severity="error" if error else "information")

    def cannot_start(self, message: str) -> None:
        """Wrong use: leave with the sentence and exit code 2."""
        self.give_up(UsageError(message))

    def give_up(self, error: ZgtuiError) -> None:
        """Leave with the sentence of ``error`` and its exit code."""
        self.exit(return_code=error.exit_code, message=f"zgtui: {escape(str(error))}")

    def signalled(self, number: int) -> None:
        """End because of a signal."""
        self.exit(return_code=128 + number)

    # Keys of every app

    def get_system_commands(self, _screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that has a key, and the themes."""
        for key in self._keys:

            async def run(action: str = key.action) -> None:
                await self.run_action(action, self.main_screen)

            yield SystemCommand(key.description, key.tooltip, run)
        yield SystemCommand("theme", "Choose a colour theme", self.action_change_theme)

    def action_command_palette(self) -> None:
        """Show the command palette, in words that every terminal can show."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="Search commands..."))

    def action_help(self) -> None:
        """Show all keys; what is chosen there is done."""

        async def answered(action: str | None) -> None:
            if action is not None:
                await self.run_action(action, self.main_screen)

        rows = [(self.key_display(key), key) for key in self._keys]
        self.push_screen(HelpScreen(rows, INTRODUCTIONS[self.PLACE]), answered)

    def key_display(self, key: Binding) -> str:
        """How the keys of a binding are written."""
        single = [self.get_key_display(key.with_key(one)) for one in presses(key)]
        return key.key_display or ", ".join(single)

    def action_save_svg(self) -> None:
        """Save the screen as a picture in the working folder."""
        path = Path.cwd() / f"zgtui-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        try:
            path.write_text(self.export_screenshot(), encoding="utf-8")
        except OSError as error:
            self.say(f"Cannot save {path}: {error.strerror}.", error=True)
        else:
            self.say(f"Saved {path}")


class ChartApp(BaseApp[Charts]):
    """An app whose screen is kept up to date, and whose ``files`` write what it shows."""

    files: LogFiles

    def on_ready(self) -> None:
        """Begin once the first frame is on the screen: it waits for nothing."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        try:
            self.begin()
        except ZgtuiError as error:
            self.give_up(error)
        else:
            self.set_interval(1 / self.display_options.fps, self.tick)

    def begin(self) -> None:
        """Start what is shown. Raises ZgtuiError if that cannot be."""
        raise NotImplementedError

    def tick(self) -> None:
        """Take in what is new and show it; the timer calls it as often as frames are drawn."""
        if self.is_running:  # while the app closes, its widgets go before its timers
            self.take_in()
            self.main_screen.update_all()

    def take_in(self) -> None:
        """Take in what is new."""
        raise NotImplementedError

    def refresh_soon(self) -> None:
        """Show what was confirmed as soon as all that has come with it is taken in."""
        if not self._refreshing:
            self._refreshing = True
            self.call_later(self._refresh_now)

    def _refresh_now(self) -> None:
        self._refreshing = False
        self.tick()

    def action_export(self) -> None:
        """Ask where to write the loss table."""
        self.files.ask_export()

    def action_picture(self) -> None:
        """Ask where to draw the losses."""
        self.files.ask_picture()


Live = TypeVar("Live", bound=LiveComparison)


class LiveApp(ChartApp[Charts], Generic[Charts, Live]):
    """An app that shows ``live`` while it is trained, and ends it."""

    live: Live
    files: LiveFiles

    def show(self, screen: Charts, followers: Followers | None) -> None:
        """Have ``screen`` show ``live``, and ``followers`` kept up to date with its log."""
        self.main_screen = screen
        self.files = LiveFiles(self.live, self, screen, followers)
        self._leaving: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start training."""
        self.live.start()

    def take_in(self) -> None:
        """Read the log; hand on what it holds."""
        self.live.read()
        self.files.follow(self.live.log)

    async def action_quit(self) -> None:
        """End training in order, then leave; the screen goes on meanwhile."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        self.files.follow(self.live.log)
        await self.live.stop()
        self._close(self.live.exit_code)

    def signalled(self, number: int) -> None:
        """End training at once, then leave."""
        self.live.kill()
        self._close(128 + number)

    def _close(self, return_code: int) -> None:
        self.exit(return_code=return_code)
        try:
            self.files.close(self.live.log)
        except ZgtuiError as error:
            self.give_up(error)


class ZgtuiApp(LiveApp[ComparisonScreen, RemoteComparison]):
    """Two runs side by side, live."""

    PLACE = "train"

    def __init__(
        self,
        settings: Settings,
        make_client: ClientFactory,
        display: Display | None = None,
        *,
        running: bool = True,
        followers: Followers | None = None,
    ) -> None:
        display = display or Display()
        super().__init__(display)
        self.live = RemoteComparison(settings, make_client, self, running=running)
        self.show(ComparisonScreen(self.live, display), followers)

    async def action_copy_script(self) -> None:
        """Copy a script that trains these runs, and ask where to save it."""
        await self.files.copy_script()


class ScriptsApp(LiveApp[ScriptsScreen, LiveScripts]):
    """Both runs of a script, live."""

    PLACE = "run"

    def __init__(
        self,
        comparison: LaunchedScripts,
        display: Display | None = None,
        *,
        followers: Followers | None = None,
    ) -> None:
        display = display or Display()
        super().__init__(display)
        self.live = LiveScripts(comparison, self)
        self.show(ScriptsScreen(self.live, display), followers)


class ViewApp(ChartApp[ViewScreen]):
    """Shows ``recordings``, which it reads beside the screen."""

    PLACE = "view"

    def __init__(self, recordings: Sequence[Recording], display: ViewDisplay | None = None) -> None:
        display = display or ViewDisplay()
        super().__init__(display)
        self.main_screen = ViewScreen(recordings, display)
        self.files = TableFiles(self, self.main_screen, display)
        self._follow = display.follow
        self._reading: asyncio.Task[None] | None = None
        self._ticked_at = 0.0

    def begin(self) -> None:
        """Read."""
        self._ticked_at = time.monotonic()
        self._reading = asyncio.create_task(self._read())

    def take_in(self) -> None:
        """Move the replay on."""
        now = time.monotonic()
        self.main_screen.replay.advance(now - self._ticked_at)
        self._ticked_at = now

    def tick(self) -> None:
        """A table may turn out to hold none of the curves that were asked for."""
        try:
            super().tick()
        except ZgtuiError as error:
            self.give_up(error)

    async def _read(self) -> None:
        """Read everything, a slice at a time; go on for ever where it is followed."""
        while True:
            until = time.monotonic() + SLICE_SECONDS
            news = True
            while news and time.monotonic() < until:
                news = sum(map(self._read_piece, self.main_screen.recordings)) > 0
            if not news and not self._follow:
                break
            await asyncio.sleep(0 if news else POLL_SECONDS)
        try:
            for recording in self.main_screen.recordings:
                recording.finish()
        except ZgtuiError as error:
            self.give_up(error)
        else:
            self.main_screen.complete = True

    def _read_piece(self, recording: Recording) -> bool:
        try:
            return recording.read()
        except ZgtuiError as error:
            if not self._follow:
                self.give_up(error)
            else:
                recording.give_up(str(error))
                self.say(str(error), error=True)
            return False


class DocsApp(BaseApp[DocsScreen]):
    """The reference, beginning with the topic ``name``."""

    PLACE = "docs"

    def __init__(self, name: str, display: Display | None = None) -> None:
        super().__init__(display or Display())
        self.main_screen = DocsScreen(name)
