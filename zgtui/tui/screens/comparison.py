"""The main screen: two runs side by side, the loop that trains them, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer, Static

from zgtui.options import MARKERS, Marker
from zgtui.settings import RUNS, RunName
from zgtui.tui import wording
from zgtui.tui.keys import HIDDEN_KEYS, KEYS
from zgtui.tui.live import LiveComparison
from zgtui.tui.widgets.chart import Curve, Mark
from zgtui.tui.widgets.code_pane import CodePane
from zgtui.tui.widgets.run_pane import RunPane, RunView
from zgtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from zgtui.tui.app import ZgtuiApp

SPEEDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 0)
"""Steps a second, slowest first; the last is without limit."""


class ComparisonScreen(Screen[None]):
    """Shows ``live`` and turns keys into what is asked of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS, *HIDDEN_KEYS]

    def __init__(self, live: LiveComparison, marker: Marker, *, ascii_only: bool) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-tall")]
        self.live = live
        self._marker: Marker = marker
        self._ascii = ascii_only
        self._shown_histories: tuple[int, ...] = ()
        self.export_share: float | None = None
        """How much of an export under way is written, from 0 to 1."""

    def compose(self) -> ComposeResult:
        """Status, two panes, the loop with its explanation, keys."""
        yield StatusBar(self._text(" · "), id="status")
        with Horizontal(id="panes"):
            for name in RUNS:
                yield RunPane(name)
        with Horizontal(id="below"):
            yield CodePane()
            notes = Static(id="notes")
            notes.border_title = "what it means"
            yield notes
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin at run B, the one whose clearing is in question."""
        self.app.set_class(self._ascii, "-ascii")
        for name in RUNS:
            self.pane(name).chart.marker = self._marker
        self.pane("B").focus()
        self.update_all()

    def pane(self, name: RunName) -> RunPane:
        """The pane of run ``name``."""
        return self.query_one(f"#run-{name}", RunPane)

    @property
    def focused_run(self) -> RunName:
        """The run that keys for one run mean."""
        return next((name for name in RUNS if self.pane(name).has_focus), "B")

    # Showing

    def update_all(self) -> None:
        """Bring everything up to date with ``live``; draws only what changed."""
        live = self.live
        self._attach_histories()
        for name in RUNS:
            pane = self.pane(name)
            pane.show(self._view(name))
            pane.chart.marks = tuple(
                Mark(change.step, self._text(change.label)) for change in live.runs[name].changes
            )
            pane.chart.update_data()
        self.query_one("#status", StatusBar).show(
            self._settings_words(), self._text(self._progress_words())
        )
        # What failed is a long sentence: it gets the room of the loop, which runs no more.
        self.set_class(live.phase == "failed", "-failed")
        clearing = {name: live.runs[name].clear for name in RUNS}
        in_parts = live.settings.clip is not None or any(
            run.accumulate > 1 for run in live.runs.values()
        )
        self.query_one(CodePane).show(clearing, in_parts=in_parts, dark=self.app.current_theme.dark)
        notes = self._text(self._notes())
        widget = self.query_one("#notes", Static)
        if notes != getattr(widget, "content", None):
            widget.update(notes)

    def _attach_histories(self) -> None:
        """Give each chart its run's curve; a restart brings new histories."""
        histories = tuple(id(run.history) for run in self.live.runs.values())
        if histories == self._shown_histories:
            return
        self._shown_histories = histories
        for name in RUNS:
            chart = self.pane(name).chart
            chart.planned = self.live.settings.steps or 0
            chart.curves = (Curve(self.live.runs[name].history, f"$run-{name.lower()}", name),)

    def _view(self, name: RunName) -> RunView:
        run, trend = self.live.runs[name], self.live.trend(name)
        return RunView(
            title=run.title,
            loss=self._text(wording.number(run.history.last)),
            lr=self._text(wording.number(self.live.lr(name))),
            accuracy="" if run.accuracy is None else f"{run.accuracy:.1%}",
            state=self._text(wording.state_words(self.live.phase, trend)),
            name=f"{name} " if self.has_class("-tiny") else "",
            alarming=trend.state in {"diverged", "growing"} or self.live.phase == "failed",
        )

    def _settings_words(self) -> tuple[str, ...]:
        """What is trained, what matters most first."""
        live = self.live
        optimizer = live.started.optimizer if live.started else ""
        twins = "" if live.started is None or live.started.twins else "different starts"
        parts = (
            live.settings.experiment, twins, optimizer, live.settings.device,
            f"seed {live.settings.seed}",
        )  # fmt: skip
        return tuple(part for part in parts if part)

    def _progress_words(self) -> str:
        live = self.live
        if self.export_share is not None:
            return f"exporting {self.export_share:.0%}"
        if live.phase == "loading":
            return f"importing PyTorch … {live.loading_seconds:.0f} s"
        if live.silence:
            return f"no answer for {live.silence:.0f} s · r starts anew"
        if live.phase == "failed":
            return f"stopped at step {live.step:,} · r starts anew"
        limit = f" (limit {live.settings.speed:g})" if live.settings.speed else ""
        if live.phase == "training":
            return f"● step {live.step:,} · {live.rate:,.0f} steps/s{limit}"
        return f"{live.phase} · step {live.step:,}{limit if live.phase == 'paused' else ''}"

    def _notes(self) -> str:
        live = self.live
        if live.phase == "failed":
            return (
                f"{live.failure}.\nThe losses so far stay: e exports them, r starts a new process."
            )
        if live.phase == "loading":
            return "The training process is importing PyTorch. Keys work already."
        plain = live.settings.optimizer in {None, "SGD"} and not live.settings.momentum
        return wording.explanation(live.runs["A"].clear, live.runs["B"].clear, plain_sgd=plain)

    def _text(self, text: str) -> str:
        return wording.ascii_text(text) if self._ascii else text

    # Keys

    @property
    def _zgtui(self) -> ZgtuiApp:
        return cast("ZgtuiApp", self.app)

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self.live.phase == "finished":
            self._zgtui.say("Finished: c continues beyond, r starts again.")
        else:
            self.live.set_running(running=not self.live.running)

    def action_step(self) -> None:
        """Pause; when paused, one step."""
        self.live.single_step()

    def action_toggle_clearing(self) -> None:
        """The other clearing policy for the focused run."""
        self.live.toggle_clearing((self.focused_run,))

    def action_toggle_both(self) -> None:
        """The other clearing policy for both runs."""
        self.live.toggle_clearing(RUNS)

    def action_lr_up(self) -> None:
        """Raise both learning rates."""
        self.live.scale_lr(RUNS, 1)

    def action_lr_down(self) -> None:
        """Lower both learning rates."""
        self.live.scale_lr(RUNS, -1)

    def action_run_lr_up(self) -> None:
        """Raise the focused run's learning rate."""
        self.live.scale_lr((self.focused_run,), 1)

    def action_run_lr_down(self) -> None:
        """Lower the focused run's learning rate."""
        self.live.scale_lr((self.focused_run,), -1)

    def action_reset(self) -> None:
        """Step 0 again, same seed."""
        self.live.reset()

    def action_new_seed(self) -> None:
        """Step 0 again, new seed."""
        self.live.new_seed()

    def action_proceed(self) -> None:
        """Train beyond the planned length."""
        self.live.proceed()

    def action_slower(self) -> None:
        """The next lower speed."""
        self._move_speed(-1)

    def action_faster(self) -> None:
        """The next higher speed, without limit at last."""
        self._move_speed(1)

    def _move_speed(self, direction: int) -> None:
        current = self.live.settings.speed or 0
        slower = [speed for speed in SPEEDS if speed and (not current or speed < current)]
        faster = [speed for speed in SPEEDS if current and (not speed or speed > current)]
        if direction < 0:
            self.live.set_speed(slower[-1] if slower else SPEEDS[0])
        else:
            self.live.set_speed(faster[0] if faster else 0)

    def action_log_scale(self) -> None:
        """Logarithmic or linear losses, in both charts."""
        for name in RUNS:
            chart = self.pane(name).chart
            chart.log_scale = not chart.log_scale

    def action_marker(self) -> None:
        """The next way to draw curves, in both charts."""
        self._marker = MARKERS[(MARKERS.index(self._marker) + 1) % len(MARKERS)]
        for name in RUNS:
            self.pane(name).chart.marker = self._marker

    def action_type_lr(self) -> None:
        """Ask for a learning rate."""
        self._zgtui.ask_lr()

    def action_policy(self) -> None:
        """Ask for the focused run's clearing policy."""
        self._zgtui.ask_policy(self.focused_run)

    def action_experiment(self) -> None:
        """Ask what to train."""
        self._zgtui.ask_experiment()

    def action_optimizer(self) -> None:
        """Ask for the optimizer and its settings."""
        self._zgtui.ask_optimizer()

    def action_export(self) -> None:
        """Ask where to write the loss table."""
        self._zgtui.ask_export()

    def action_picture(self) -> None:
        """Ask where to draw both losses."""
        self._zgtui.ask_picture()

    def action_save_svg(self) -> None:
        """Save a picture of the screen."""
        self._zgtui.save_svg()

    def action_device(self) -> None:
        """Ask for a device."""
        self._zgtui.ask_device()

    def action_help(self) -> None:
        """Show all keys."""
        self._zgtui.show_help()

    async def action_leave(self) -> None:
        """End training and leave."""
        await self._zgtui.leave()
