"""The screen of ``zgtui run``: both charts of a script's two runs, and what the script prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from zgtui.charts import words
from zgtui.config.settings import RUNS, RunName
from zgtui.launch.masking import masked
from zgtui.tui.keys import bindings, hidden_bindings
from zgtui.tui.model.script_live import LiveScripts
from zgtui.tui.screens.chart_screen import Display, RunsScreen
from zgtui.tui.widgets.chart import Curve, Mark
from zgtui.tui.widgets.chart_pane import ChartView, run_numbers
from zgtui.tui.widgets.output_pane import OutputPane, shown_output


class ScriptsScreen(RunsScreen[LiveScripts]):
    """Shows ``live`` and turns keys into what is asked of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("run"), *hidden_bindings()]
    DEFAULT_CSS = """
    ScriptsScreen {
        & #verdict { height: auto; max-height: 4; padding: 0 1; display: none; }
        &.-tall #verdict.-known { display: block; }
        & #outputs { height: 0.65fr; display: none; }
        &.-output #outputs { display: block; }
        &.-narrow #outputs { layout: vertical; }
        &.-tiny OutputPane { border: none; }
    }
    """

    def __init__(self, live: LiveScripts, display: Display) -> None:
        super().__init__(live, display)
        self._end_shown = False
        self._verdict = Static(id="verdict", markup=False)
        self._said = ""

    def compose_body(self) -> Iterable[Widget]:
        """Two panes; what was seen of the clearing and the output of both below them."""
        yield from super().compose_body()
        yield self._verdict
        yield Horizontal(*map(OutputPane, RUNS), id="outputs")

    # Showing

    def update_body(self) -> None:
        """Bring charts and output up to date with ``live``; draws only what changed."""
        super().update_body()
        self._show_verdict()
        live = self.live
        if live.finished and not self._end_shown:
            # How both ended and what they wrote is for everybody to see.
            self.add_class("-output")
        self._end_shown = live.finished
        if self.has_class("-output"):
            for name in RUNS:
                text = shown_output(live.comparison.runs[name])
                self.query_one(f"#output-{name}", OutputPane).show(self.text(text))

    def _show_verdict(self) -> None:
        said = self.text(self.live.verdict)
        if said != self._said:
            self._said = said
            self._verdict.update(said)
            self._verdict.set_class(bool(said), "-known")

    def curves(self, name: RunName) -> Iterable[Curve]:
        """The curve that was chosen, where the run has it."""
        shown = self.live.shown(name)
        return [] if shown is None else [Curve(shown.history, f"$run-{name.lower()}", name)]

    def planned(self, name: RunName) -> int:
        """As many steps as the other run took; a single line may run less often."""
        return 0 if self.live.place else self.live.total(name) or 0

    def marks(self, name: RunName) -> Iterable[Mark]:
        """Where the run was changed; a single line counts other steps."""
        return [] if self.live.place else super().marks(name)

    def view(self, name: RunName) -> ChartView:
        """What the pane of run ``name`` says."""
        live = self.live
        run, shown = live.comparison.runs[name], live.shown(name)
        place = f" · {Path(live.place[0]).name}:{live.place[1]}" if live.place else ""
        failed = run.ending is not None and run.ending.failed
        alarming = live.trend(name).state in words.ALARMING
        loss = self.text(words.number(shown.history.last if shown else None))
        return ChartView(
            title=self.text(f"{name}  {run.title}{place}"),
            numbers=run_numbers(loss, self.text(self._lr(name)), name=self.short_name(name)),
            state=self.text(self._state(name)),
            alarming=failed or alarming or bool(live.failure),
        )

    def _lr(self, name: RunName) -> str:
        """The script's own rate, as far as it is known, and the factor on it."""
        scale, first = self.live.comparison.runs[name].lr_scale, self.live.runs[name].first_lrs
        factor = "" if scale == 1.0 else f" × {scale:.4g}"
        # A scheduler of the script may have moved it since.
        own = f"{next(iter(first)):.4g} at start" if len(first) == 1 else "script's own"
        return f"{own}{factor}"

    def _state(self, name: RunName) -> str:
        """What the run does, and what its losses do."""
        live, run = self.live, self.live.comparison.runs[name]
        trend = live.trend(name).words
        if run.ending is not None:
            if run.ending.failed or not live.steps(name):
                return run.ending.sentence.removeprefix("the script ")
            state = "stopped" if run.stopped else "ended"
        elif run.process is None:
            return "waiting for the other run to end"
        elif not live.runs[name].connected:
            return "starting"
        elif trend and not live.runs[name].paused:
            return trend
        else:
            state = "paused" if live.runs[name].paused else "training"
        return f"{state} · {trend}" if trend else state

    def settings_words(self) -> Iterable[str]:
        """What runs, what matters most first."""
        options, same = self.live.comparison.options, self.live.same_first_loss
        yield options.script if options.module else Path(options.script).name
        yield {None: "", True: "same first loss", False: "different first losses"}[same]
        yield "" if options.seed is None else f"seed {options.seed}"
        yield " ".join(masked(options.arguments))

    def progress_words(self) -> str:
        """How far both runs are."""
        live = self.live
        steps = " · ".join(self._steps(name) for name in RUNS)
        if live.phase == "failed":
            return live.failure
        if live.phase == "finished":
            return f"finished · {steps}"
        if live.ending:
            return "ending both scripts …"
        if live.phase == "loading":
            return "importing PyTorch …"
        if live.phase == "paused":
            return f"paused · {steps}"
        left = live.seconds_left
        return f"● {steps}" + ("" if left is None else f" · {duration(left)} left")

    def _steps(self, name: RunName) -> str:
        total = self.live.total(name)
        over = self.live.comparison.runs[name].ending is not None
        of = f" of {total:,}" if total and not over else ""
        return f"{name} step {self.live.steps(name):,}{of}"

    # Keys

    def _action_curve(self) -> None:
        self.live.next_curve()

    def _action_output(self) -> None:
        self.toggle_class("-output")


def duration(seconds: float) -> str:
    """``40 s``, ``3 min`` or ``2 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
