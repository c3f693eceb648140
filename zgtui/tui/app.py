"""The app: it holds the live comparison, its timer and its dialogs, and ends what it started."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path

from rich.markup import escape
from textual.screen import Screen

from zgtui.errors import ZgtuiError
from zgtui.experiments import EXPERIMENTS
from zgtui.options import Marker
from zgtui.pictures import PictureRequest
from zgtui.settings import RUNS, RunName, RunSettings, Settings, parse_lr, parse_policy
from zgtui.tui.base import BaseApp
from zgtui.tui.export import free_path, write_table
from zgtui.tui.keys import KEYS
from zgtui.tui.live import LiveComparison
from zgtui.tui.picture import draw_beside
from zgtui.tui.screens.comparison import ComparisonScreen
from zgtui.tui.screens.dialogs import ChoiceDialog, TextDialog
from zgtui.tui.screens.export import ExportDialog, PictureDialog
from zgtui.tui.screens.hyper import Hyper, HyperDialog, hyper_texts
from zgtui.tui.table_keeper import UPDATE_SECONDS, TableKeeper
from zgtui.worker.client import ClientFactory
from zgtui.worker.companion import Companion
from zgtui.worker.protocol import Ack

SYNC_SECONDS = 2.0
"""How long an export waits for the worker to write its log before taking what is there."""


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
        board: Companion | None = None,
    ) -> None:
        self.show = display or Display()
        super().__init__(self.show.theme, KEYS, INTRODUCTION, ascii_only=self.show.ascii_only)
        self.live = LiveComparison(settings, make_client, self)
        self._start_running = running
        out = self.show.out
        self._keeper = TableKeeper(out, overwrite=self.show.overwrite) if out else None
        self._kept_at = 0.0
        self._board = board
        self._exporting: asyncio.Task[None] | None = None
        self._drawing: asyncio.Task[None] | None = None

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
        self._keep_table()
        self._feed_board()

    # Leaving

    async def leave(self) -> None:
        """End training in order, then leave."""
        self._feed_board()
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
                self.live.restart(replace(self.live.present_settings(), device=device))

        self.push_screen(
            ChoiceDialog("device", self.live.ready.devices, self.live.settings.device), answered
        )

    def ask_policy(self, name: RunName) -> None:
        """Ask when run ``name`` clears its gradients."""
        run = self.live.runs[name]
        parts = f", accumulate {run.accumulate}" if run.accumulate > 1 else ""

        def answered(text: str | None) -> None:
            if text is not None:
                self.live.set_policy(name, *parse_policy(text))

        self.push_screen(
            TextDialog(
                f"when run {name} clears its gradients",
                f"{run.clear}{parts}",
                "every · never · N: every N steps · accumulate N: N backwards, one step",
                parse_policy,
            ),
            answered,
        )

    def ask_experiment(self) -> None:
        """Ask what to train; its own defaults hold, clearing, seed and device stay."""

        def answered(name: str | None) -> None:
            if name is None:
                return
            present = self.live.present_settings()
            self.live.restart(
                Settings(
                    experiment=name,
                    seed=present.seed,
                    device=present.device,
                    a=RunSettings(clear=present.a.clear),
                    b=RunSettings(clear=present.b.clear),
                )
            )

        choices = {
            name: f"{entry.summary}\n{entry.description}" for name, entry in EXPERIMENTS.items()
        }
        self.push_screen(
            ChoiceDialog("experiment", choices, self.live.settings.experiment), answered
        )

    def ask_optimizer(self) -> None:
        """Ask for optimizer, learning rate, schedule and batch size; training starts again."""
        present = self.live.present_settings()

        def answered(hyper: Hyper | None) -> None:
            if hyper is None:
                return
            values = hyper.values
            settings = replace(
                self.live.present_settings(),
                optimizer=values["optimizer"],
                momentum=values["momentum"],
                nesterov=present.nesterov and bool(values["momentum"]),
                weight_decay=values["weight-decay"],
                clip=values["clip"],
                schedule=values["schedule"],
                batch_size=values["batch-size"],
            )
            for name in RUNS:
                settings = settings.with_run(name, lr=values["lr"])
            self.live.restart(settings)

        self.push_screen(HyperDialog(hyper_texts(present)), answered)

    # Files

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

    def ask_picture(self) -> None:
        """Ask where to draw the steps done so far, for a paper or a slide."""
        if self.live.started is None:
            self.say("There is nothing to draw yet: no step was trained.")
            return
        if self._drawing is not None:
            self.say("The last picture is still being drawn.")
            return

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self._drawing = asyncio.create_task(self._draw(path, overwrite=overwrite))

        self.push_screen(PictureDialog(free_path(Path.cwd() / "losses.png")), answered)

    async def _draw(self, path: Path, *, overwrite: bool) -> None:
        """Draw the steps done when this was asked for, and tell where."""
        try:
            steps = await self._synced_steps()
            assert self.live.started is not None
            request = PictureRequest(
                sources=(self.live.started.log,),
                files=(str(path),),
                until=steps,
                log=self.comparison.pane("A").chart.log_scale,
                overwrite=overwrite,
            )
            await draw_beside(request)
        except ZgtuiError as error:
            self.say(str(error), error=True)
        else:
            self.say(f"Drew {steps:,} steps of both runs to {path}")
        finally:
            self._drawing = None

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

    def _feed_board(self) -> None:
        """Have TensorBoard's writer follow the comparison under way."""
        if self._board is None or self.live.started is None:
            return
        try:
            self._board.start()
        except ZgtuiError as error:
            self._board = None
            self.say(str(error), error=True)
        else:
            self._board.follow(self.live.started.log)

    def _close_table(self) -> None:
        if self._keeper is None:
            return
        try:
            if self.live.started is not None:
                self._keeper.follow(self.live.started.log)
            self._keeper.close()
        except ZgtuiError as error:
            self.exit(return_code=error.exit_code, message=f"zgtui: {escape(str(error))}")
