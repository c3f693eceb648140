"""The app: it holds the live comparison, its timer and its dialogs, and ends what it started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.screen import Screen

from zgtui.config.options import Marker
from zgtui.config.settings import Settings
from zgtui.errors import ZgtuiError
from zgtui.outputs.processes import FollowerProcess
from zgtui.tui.base import BaseApp
from zgtui.tui.files import Files
from zgtui.tui.keys import KEYS
from zgtui.tui.model.live import LiveComparison
from zgtui.tui.screens.comparison import ComparisonScreen
from zgtui.tui.screens.questions import Questions
from zgtui.worker.client import ClientFactory

INTRODUCTION = (
    "Two runs train on the same batches from the same weights. PyTorch adds each backward() into"
    " .grad; a run that does not call zero_grad() steps along the sum of its gradients."
)


@dataclass(frozen=True, kw_only=True)
class Display:
    """How the app shows itself: options that do not concern training."""

    theme: str = "zgtui-dark"
    fps: float = 10.0
    marker: Marker = "braille"
    ascii_only: bool = False
    out: Path | None = None
    wide: bool = False
    overwrite: bool = False


class ZgtuiApp(BaseApp):
    """Two runs side by side, live."""

    CSS_PATH = "app.tcss"

    def __init__(
        self,
        settings: Settings,
        make_client: ClientFactory,
        display: Display | None = None,
        *,
        running: bool = True,
        board: FollowerProcess | None = None,
    ) -> None:
        self.show = display or Display()
        super().__init__(self.show.theme, KEYS, INTRODUCTION, ascii_only=self.show.ascii_only)
        self.live = LiveComparison(settings, make_client, self)
        self.ask = Questions(self)
        self.files = Files(self, self.show.out, overwrite=self.show.overwrite, board=board)
        self._start_running = running

    def get_default_screen(self) -> Screen[None]:
        """The comparison."""
        return ComparisonScreen(self.live, self.show.marker, ascii_only=self.show.ascii_only)

    @property
    def comparison(self) -> ComparisonScreen:
        """The main screen, also while a dialog is above it."""
        screen = self.main_screen
        assert isinstance(screen, ComparisonScreen)
        return screen

    def on_mount(self) -> None:
        """Be ended in order by every signal that asks for it."""
        self.end_on_signals(self._signalled)

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
        if not self.is_running:  # while the app closes, its widgets go before its timers
            return
        self.live.read()
        self.comparison.update_all()
        self.files.follow()

    # Leaving

    async def leave(self) -> None:
        """End training in order, then leave."""
        self.files.feed_board()
        await self.live.stop()
        self.exit()
        self.files.close()

    def _signalled(self, number: int) -> None:
        self.live.kill()
        self.exit(return_code=128 + number)
        self.files.close()

    async def action_quit(self) -> None:
        """Textual's own way out, ctrl+q, ends training just so."""
        await self.leave()
