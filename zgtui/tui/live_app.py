"""What the apps that show a training while it runs have in common."""

from __future__ import annotations

import asyncio
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from zgtui.charts import plot
from zgtui.errors import ZgtuiError
from zgtui.outputs.followers import Followers
from zgtui.outputs.gpu_monitor import GpuMonitor
from zgtui.outputs.processes import UPDATE_SECONDS
from zgtui.tui.base_app import ChartApp, Charts
from zgtui.tui.model.base import ANSWER_LIMIT, READ_LIMIT, LiveComparison

if TYPE_CHECKING:
    from zgtui.tui.files import LiveFiles

Live = TypeVar("Live", bound=LiveComparison)


class LiveApp(ChartApp[Charts], Generic[Charts, Live]):
    """An app that shows ``live`` while it is trained, and ends it."""

    live: Live

    def show(self, screen: Charts, followers: Followers | None) -> None:
        """Have ``screen`` show ``live``, and ``followers`` kept up to date with its log."""
        self.main_screen = screen
        screen.gpus = self.gpus = GpuMonitor()
        self._followers = followers or Followers()
        self._leaving: asyncio.Task[None] | None = None

    @cached_property
    def files(self) -> LiveFiles:
        """What writes the log of ``live``."""
        from zgtui.tui.files import LiveFiles  # noqa: PLC0415 - at its first use

        return LiveFiles(self.live, self, self.main_screen, self._followers)

    async def on_unmount(self) -> None:
        """However the app ends, nothing is asked of the GPUs any more."""
        self.gpus.close()

    def begin(self) -> None:
        """Start training."""
        self.start_training()
        # Meanwhile PyTorch is imported: else the first chart would keep a key waiting so long.
        threading.Thread(target=plot.prepare, daemon=True).start()
        self.set_interval(UPDATE_SECONDS, self._hand_on)

    def start_training(self) -> None:
        """Start what is trained first."""
        self.live.start()

    def take_in(self) -> None:
        """Read the log, and what the GPUs do."""
        self._read(READ_LIMIT)

    def take_in_confirmed(self) -> None:
        """Read no more than a key can wait for."""
        self._read(ANSWER_LIMIT)

    def _read(self, losses: int) -> None:
        self.live.read(losses)
        if self.live.phase != "loading":  # before that nothing is trained, and it has to be fast
            self.gpus.start()
        self.gpus.read()

    async def draw_frame(self) -> None:
        """Read, and draw in pieces; where a key comes in between, the next frame draws the rest."""
        if not self.is_running:
            return
        was_answering = self.is_answering
        self.take_in()
        await self.give_way()
        if self.behind or self._is_in_the_way(was_answering=was_answering):
            return
        for _ in self.main_screen.frame():
            await self.give_way()
            if self._is_in_the_way(was_answering=was_answering):
                return

    def _is_in_the_way(self, *, was_answering: bool) -> bool:
        """Whether the rest of a frame is, of a key or of the end."""
        return not self.is_running or (self.is_answering and not was_answering)

    def _hand_on(self) -> None:
        """Hand on what the log holds, however seldom frames are drawn."""
        if self.is_running and self._followers.are_there:
            self.files.follow(self.live.log)

    async def action_quit(self) -> None:
        """End training in order, then leave; the screen goes on meanwhile."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        self._hand_on()
        await self.live.stop()
        self._close(self.live.exit_code)

    def signalled(self, number: int) -> None:
        """End training at once, then leave."""
        self.live.kill()
        self._close(128 + number)

    def _close(self, return_code: int) -> None:
        self.exit(return_code=return_code)
        try:
            if self._followers.are_there:
                self.files.close(self.live.log)
        except ZgtuiError as error:
            self.give_up(error)
