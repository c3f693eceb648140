"""The app of ``zgtui view``: tables and logs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from textual.app import SystemCommand
from textual.events import Event, InputEvent
from textual.screen import Screen

from zgtui.curves.recordings.opening import Opening
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import ZgtuiError
from zgtui.tui.base_app import ChartApp
from zgtui.tui.screens.view_screen import ViewDisplay, ViewScreen
from zgtui.tui.table_files import TableFiles

SLICE_SECONDS = 0.01
MAX_SLICE_SECONDS = 0.08
"""A key waits no longer for what is being read."""
HANDS_SECONDS = 1.0
PAUSE_SECONDS = 0.03
"""So long after each key the screen has the thread to itself again and again: one key is answered
in many small turns, and none of these is to wait for a slice."""
READING_FRAME_SECONDS = 0.5
"""Between two frames as long as something is read: each shows more, and costs the reading less."""
FRAME_SHARE = 8
"""How many times as long as a frame took the next one waits: on a busy machine all take longer."""
READING_SHARE = 4
"""How many times as long as for frames a large file is read: both share one thread."""
POLL_SECONDS = 0.1
SEARCH_SECONDS = 2.0
"""How often a followed folder is searched for runs that have begun."""


class ViewApp(ChartApp[ViewScreen]):
    """Shows ``recordings``, which it reads beside the screen, and what ``opening`` finds later."""

    PLACE = "view"

    def __init__(
        self,
        recordings: Sequence[Recording],
        display: ViewDisplay | None = None,
        opening: Opening | None = None,
    ) -> None:
        display = display or ViewDisplay()
        super().__init__(display)
        self.main_screen = ViewScreen(recordings, display)
        self._view_display, self._follow, self._opening = display, display.follow, opening
        self._searched_at = time.monotonic()
        self._reading: asyncio.Task[None] | None = None
        self._hurrying = False
        self._ticked_at = 0.0
        self._touched_at = 0.0
        self._next_frame = 0.0

    @cached_property
    def files(self) -> TableFiles:
        """What writes the steps shown."""
        return TableFiles(self, self.main_screen, self._view_display)

    async def on_event(self, event: Event) -> None:
        """Note when a hand is at work."""
        if isinstance(event, InputEvent):
            self._touched_at = time.monotonic()
        await super().on_event(event)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """With what can be copied."""
        yield from super().get_system_commands(screen)
        shown = self.main_screen
        yield SystemCommand(
            "copy verdict", "Copy which curve is better", lambda: self._copy(shown.verdicts)
        )
        yield SystemCommand(
            "copy newest values",
            "Copy the newest values of each curve as CSV",
            lambda: self._copy(shown.newest),
        )

    async def _copy(self, lines: Sequence[str]) -> None:
        await self.copy_text("".join(f"{line}\n" for line in lines))

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
        began = time.monotonic()
        if self._hurrying and began < self._next_frame:
            return
        try:
            super().tick()
        except ZgtuiError as error:
            self.give_up(error)
        ended = time.monotonic()
        self._next_frame = ended + max(READING_FRAME_SECONDS, FRAME_SHARE * (ended - began))

    async def _read(self) -> None:
        """Read everything, a slice at a time; go on for ever where it is followed."""
        seconds = SLICE_SECONDS
        while True:
            until = time.monotonic() + seconds
            news = True
            while news and time.monotonic() < until:
                news = sum(map(self._read_piece, self.main_screen.recordings)) > 0
            if not news and not self._follow:
                break
            self._search()
            began = time.monotonic()
            pause = PAUSE_SECONDS if began < self._touched_at + HANDS_SECONDS else 0
            await asyncio.sleep(pause if news else POLL_SECONDS)
            others = READING_SHARE * (time.monotonic() - began) if news and not pause else 0.0
            seconds = min(max(SLICE_SECONDS, others), MAX_SLICE_SECONDS)
            self._hurrying = news
        self._hurrying = False
        try:
            for recording in self.main_screen.recordings:
                recording.finish()
        except ZgtuiError as error:
            self.give_up(error)
        else:
            self.main_screen.complete = True

    def _search(self) -> None:
        """Take in runs that have begun since, where what is shown is followed."""
        if not self._follow or self._opening is None:
            return
        if time.monotonic() < self._searched_at + SEARCH_SECONDS:
            return
        self._searched_at = time.monotonic()
        # What was shown may be gone, which its recording tells.
        with suppress(ZgtuiError):
            self.main_screen.recordings += self._opening.find()

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
