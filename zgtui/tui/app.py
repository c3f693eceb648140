"""One app for each main screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.screen import Screen

from zgtui.config.settings import Clearing, MapAxis, Settings
from zgtui.curves.recording import Recording
from zgtui.errors import ZgtuiError
from zgtui.tui.base_app import BaseApp, ChartApp, Charts
from zgtui.tui.files import Followers, LiveFiles, TableFiles
from zgtui.tui.keys import Place
from zgtui.tui.model.base import LiveComparison
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.model.script_live import LaunchedScripts, LiveScripts
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.docs_screen import DocsScreen
from zgtui.tui.screens.map_screen import MapScreen
from zgtui.tui.screens.run_screen import ScriptsScreen
from zgtui.tui.screens.train_screen import ComparisonScreen
from zgtui.tui.screens.view_screen import ViewDisplay, ViewScreen
from zgtui.worker.client import ClientFactory

SLICE_SECONDS = 0.01
POLL_SECONDS = 0.1


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

    def __init__(  # noqa: PLR0913 - what is trained and how it is shown, one by one
        self,
        settings: Settings,
        make_client: ClientFactory,
        display: Display | None = None,
        *,
        running: bool = True,
        followers: Followers | None = None,
        map_of: tuple[MapAxis, Clearing] | None = None,
    ) -> None:
        """``map_of`` are the rows and the policy of the map to show first."""
        display = display or Display()
        super().__init__(display)
        self.live = RemoteComparison(settings, make_client, self, running=running)
        self.show(ComparisonScreen(self.live, display), followers)
        self._map: MapScreen | None = None
        if map_of is not None:
            axis, clearing = map_of
            self._map = MapScreen(
                self.live, ascii_only=display.ascii_only, axis=axis, clearing=clearing
            )

    @property
    def map_screen(self) -> MapScreen | None:
        """The map, while it is shown."""
        shown = [screen for screen in self.screen_stack if isinstance(screen, MapScreen)]
        return shown[0] if shown else None

    @property
    def keyed_screen(self) -> tuple[Place, Screen[None]]:
        """The map's while it is shown."""
        shown = self.map_screen
        return super().keyed_screen if shown is None else ("map", shown)

    def begin(self) -> None:
        """Start training, or show the map first."""
        super().begin()
        if self._map is not None:
            self.push_screen(self._map)

    def action_map(self) -> None:
        """Show where each loop is stable, or close the map."""
        shown = self.map_screen
        if shown is None:
            self.push_screen(MapScreen(self.live, ascii_only=self.display_options.ascii_only))
        else:
            shown.dismiss()

    def action_export(self) -> None:
        """Ask where to write the loss table, or the map."""
        shown = self.map_screen
        if shown is None:
            super().action_export()
        else:
            shown.ask_export()

    def action_picture(self) -> None:
        """Ask where to draw the losses, or the map."""
        shown = self.map_screen
        if shown is None:
            super().action_picture()
        else:
            shown.ask_picture()

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
