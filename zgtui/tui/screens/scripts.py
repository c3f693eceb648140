"""The screen of a script's two runs: both charts, and what the script itself prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from zgtui.charts import words
from zgtui.config.options import MARKERS, Marker
from zgtui.config.settings import RUNS, RunName
from zgtui.tui.keys import HIDDEN_KEYS, SCRIPT_KEYS
from zgtui.tui.model import captions
from zgtui.tui.model.script_live import LiveScripts
from zgtui.tui.widgets.chart import Curve, Mark
from zgtui.tui.widgets.output_pane import OutputPane, shown_output
from zgtui.tui.widgets.run_pane import RunPane, RunView
from zgtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from zgtui.tui.scripts_app import ScriptsApp


class ScriptsScreen(Screen[None]):
    """Shows ``live`` and turns keys into what is asked of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*SCRIPT_KEYS, *HIDDEN_KEYS]
    DEFAULT_CSS = """
    ScriptsScreen {
        & #outputs { height: 0.65fr; display: none; }
        &.-output #outputs { display: block; }
        &.-narrow #outputs { layout: vertical; }
        &.-tiny OutputPane { border: none; }
    }
    """

    def __init__(self, live: LiveScripts, marker: Marker, *, ascii_only: bool) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-tall")]
        self.live = live
        self.activity = ""
        """What goes on beside training, an export for example."""
        self._marker: Marker = marker
        self._ascii = ascii_only
        self._shown_curves: tuple[int, ...] = ()
        self._told_end = False

    def compose(self) -> ComposeResult:
        """Status, two panes, the output of both below them, keys."""
        yield StatusBar(self._text(" · "), id="status")
        with Horizontal(id="panes"):
            for name in RUNS:
                yield RunPane(name)
        with Horizontal(id="outputs"):
            for name in RUNS:
                yield OutputPane(name)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin at run B, the one whose clearing is in question."""
        self.app.set_class(self._ascii, "-ascii")
        for name in RUNS:
            self.pane(name).chart.marker = self._marker
        self.pane("B").focus()

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
        self._attach_curves()
        for name in RUNS:
            pane, run = self.pane(name), live.runs[name]
            pane.show(self._view(name))
            chart = pane.chart
            chart.planned = 0 if live.place else live.total(name) or 0
            chart.marks = tuple(
                Mark(change.step, self._text(change.label))
                for change in ([] if live.place else run.changes)
            )
            chart.update_data()
        self.query_one("#status", StatusBar).show(
            tuple(self._text(part) for part in captions.settings(live)),
            self._text(self.activity or captions.progress(live)),
        )
        if live.finished and not self._told_end:
            # How both ended and what they wrote is for everybody to see.
            self.add_class("-output")
        self._told_end = live.finished
        if self.has_class("-output"):
            for name in RUNS:
                text = shown_output(live.comparison.runs[name])
                self.query_one(f"#output-{name}", OutputPane).show(self._text(text))

    def _attach_curves(self) -> None:
        """Give each chart the curve that was chosen; a restart brings new ones."""
        shown = {name: self.live.shown(name) for name in RUNS}
        curves = tuple(id(losses) for losses in shown.values())
        if curves == self._shown_curves:
            return
        self._shown_curves = curves
        for name, losses in shown.items():
            self.pane(name).chart.curves = (
                () if losses is None else (Curve(losses.history, f"$run-{name.lower()}", name),)
            )

    def _view(self, name: RunName) -> RunView:
        live = self.live
        run, shown = live.comparison.runs[name], live.shown(name)
        place = f" · {Path(live.place[0]).name}:{live.place[1]}" if live.place else ""
        failed = run.ending is not None and run.ending.failed
        alarming = shown is not None and shown.trend.state in {"diverged", "growing"}
        return RunView(
            title=self._text(f"{name}  {run.title}{place}"),
            loss=self._text(words.number(shown.history.last if shown else None)),
            lr=self._text("as it is" if run.lr_scale == 1.0 else f"×{run.lr_scale:.4g}"),
            state=self._text(captions.state(live, name)),
            name=f"{name} " if self.has_class("-tiny") else "",
            alarming=failed or alarming or bool(live.failure),
        )

    def _text(self, text: str) -> str:
        if not self._ascii:
            return text
        return "\n".join(map(words.ascii_text, text.split("\n")))

    # Keys

    @property
    def _scripts(self) -> ScriptsApp:
        return cast("ScriptsApp", self.app)

    def action_pause(self) -> None:
        """Pause, or go on."""
        self.live.toggle_running()

    def action_step(self) -> None:
        """Pause; when paused, one step."""
        self.live.single_step()

    def action_toggle_clearing(self) -> None:
        """The other clearing for the focused run."""
        self.live.toggle_clearing(self.focused_run)

    def action_lr_up(self) -> None:
        """Raise all learning rates."""
        self.live.scale_lr(RUNS, 1)

    def action_lr_down(self) -> None:
        """Lower all learning rates."""
        self.live.scale_lr(RUNS, -1)

    def action_run_lr_up(self) -> None:
        """Raise the focused run's learning rates."""
        self.live.scale_lr((self.focused_run,), 1)

    def action_run_lr_down(self) -> None:
        """Lower the focused run's learning rates."""
        self.live.scale_lr((self.focused_run,), -1)

    def action_curve(self) -> None:
        """The losses of the next call of ``backward()``."""
        self.live.next_curve()

    def action_output(self) -> None:
        """Show or hide what the scripts print."""
        self.toggle_class("-output")

    def action_restart(self) -> None:
        """Start both runs again."""
        self._scripts.restart_runs()

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

    def action_export(self) -> None:
        """Ask where to write the loss table."""
        self._scripts.ask_export()

    def action_save_svg(self) -> None:
        """Save a picture of the screen."""
        self._scripts.save_svg()

    def action_help(self) -> None:
        """Show all keys."""
        self._scripts.show_help()

    async def action_leave(self) -> None:
        """End both runs and leave."""
        await self._scripts.leave()
