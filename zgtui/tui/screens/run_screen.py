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
from zgtui.charts.colours import SERIES_COLOURS
from zgtui.config.settings import RUNS, RunName
from zgtui.curves.arrange import MAX_CURVES
from zgtui.launch.masking import masked
from zgtui.launch.script_curves import SeriesCurve
from zgtui.launch.words.optimizer_words import present_rates, steps_by_optimizer
from zgtui.launch.words.ranks_words import rank_label
from zgtui.outputs.gpu_monitor import gpu_words
from zgtui.tui.keys import bindings, hidden_bindings
from zgtui.tui.model.base import LossCurve, rate_words
from zgtui.tui.model.script_live import LiveScripts
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.runs_screen import RunsScreen
from zgtui.tui.widgets.chart import Curve, Source
from zgtui.tui.widgets.chart_pane import ChartView, RunPane, Words
from zgtui.tui.widgets.explanation_pane import MORE, fitting, rows_taken
from zgtui.tui.widgets.output_pane import Output, OutputPane, shown_output

OWN_RATE = "script's own"
VERDICT_SHARE, VERDICT_ROWS = 4, 4
"""What is said of both runs may take a quarter of the screen, and always four rows."""
FRAME_ROWS, BORDERS = 2, 2
"""Rows of the status line and of the keys; rows, or columns, that borders take of a pane."""
LOW = 30
"""On a screen of fewer rows, output is shown instead of more sentences."""
CHART_ROWS = 6
"""With so many a chart has axes and their names."""


class ScriptPane(RunPane):
    """A run's chart; its numbers, the legend of its curves among them, may take three lines."""

    FITS = False


class ScriptsScreen(RunsScreen[LiveScripts]):
    """Shows ``live`` and turns keys into what is asked of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("run"), *hidden_bindings()]
    DEFAULT_CSS = """
    ScriptsScreen {
        & #verdict { height: auto; padding: 0 1; display: none; }
        &.-tall #verdict.-known { display: block; }
        &.-tall ScriptPane > .numbers { height: auto; max-height: 3; }
        & #outputs { height: 0.65fr; display: none; }
        &.-output #outputs { display: block; }
        &.-tall #outputs { min-height: 3; }  /* which it has while nothing is printed */
        &.-narrow.-tall #outputs { min-height: 6; }
        &.-narrow #outputs { layout: vertical; }
        /* Its rows are of more use to the charts. */
        & #outputs.-empty { max-height: 3; }
        &.-narrow.-tall #outputs.-empty { max-height: 6; }
        &.-narrow.-tall OutputPane.-empty { max-height: 3; }
        &.-tiny OutputPane { border: none; }
        &.-narrow.-short OutputPane { border-left: none; border-right: none; border-bottom: none; }
    }
    """

    PANE = ScriptPane

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

    def update_words(self) -> None:
        """Bring words and output up to date with ``live``; draws only what changed."""
        super().update_words()
        self._show_verdict()
        live = self.live
        if live.finished and not self._end_shown and (self._failed or self._told_at_end):
            # How both ended and what they wrote is for everybody to see.
            self.add_class("-output")
        self._end_shown = live.finished
        if self.has_class("-output"):
            self._show_outputs()

    def _show_outputs(self) -> None:
        outputs = self._outputs
        for name, output in outputs.items():
            pane = self.query_one(f"#output-{name}", OutputPane)
            pane.show(self.text(output.text), empty=output.empty)
        empty = all(output.empty for output in outputs.values())
        below = self.query_one("#outputs")
        below.set_class(empty, "-empty")
        panes = self.query_one("#panes")
        if panes.styles.inline.height is None:  # else hands gave them their size
            words_rows = panes.outer_size.height - self.pane("A").chart.size.height
            below.styles.max_height = self._output_rows(outputs.values(), words_rows)

    def _output_rows(self, outputs: Iterable[Output], words_rows: int) -> int | None:
        """Rows of the outputs side by side: those that they fill, as far as charts keep their axes.

        Borders and words of the panes take ``words_rows``.
        Where they lie one below the other the style sheet says how high they are.
        """
        if self.has_class("-narrow") or not self.has_class("-tall"):
            return None
        width = max(1, self.size.width // 2 - BORDERS)
        taken = FRAME_ROWS + self._verdict.outer_size.height + words_rows + CHART_ROWS
        room = max(BORDERS + 1, self.size.height - taken)
        filled = [
            sum(rows_taken(line, width) for line in output.text.split("\n")[-room:])
            for output in outputs
        ]
        return min(room, max(filled) + BORDERS)

    @property
    def _told_at_end(self) -> bool:
        """Whether more than that it ended is to be told, and the charts are left any room."""
        printed = not all(one.empty for one in self._outputs.values())
        return printed and (self.has_class("-tall") or not self.has_class("-narrow"))

    @property
    def _outputs(self) -> dict[RunName, Output]:
        return {name: shown_output(run) for name, run in self.live.comparison.runs.items()}

    @property
    def _failed(self) -> list[RunName]:
        """The runs that did."""
        endings = {name: run.ending for name, run in self.live.comparison.runs.items()}
        return [name for name, ending in endings.items() if ending is not None and ending.failed]

    def _show_verdict(self) -> None:
        width, height = self.size
        rows = max(VERDICT_ROWS, height // VERDICT_SHARE)
        if self.has_class("-output") and height < LOW:
            rows = VERDICT_ROWS
        said = self.text(
            "\n".join(fitting(list(self.live.sentences), width - 2, rows, self.text(MORE)))
        )
        if said != self._said:
            self._said = said
            self._verdict.update(said)
            self._verdict.set_class(bool(said), "-known")

    def curves(self, name: RunName) -> Iterable[Curve]:
        """The curves that were chosen, where the run has them."""
        places = list(self.live.labels.items())[:MAX_CURVES]
        for at, (place, label) in enumerate(places):
            curve = self.live.curve(name, place)
            if curve is not None:
                colour = f"$run-{name.lower()}" if len(places) == 1 else f"${_series(at)}"
                times = self.live.runs[name].times
                yield Curve(_source(curve), colour, label or name, times=times)

    def planned(self, name: RunName) -> int:
        """As many steps as the other run took; of both at their end, as many as there are."""
        if self.live.finished:
            return max(map(self.live.steps, RUNS))
        return self.live.total(name) or 0

    def view(self, name: RunName) -> ChartView:
        """What the pane of run ``name`` says."""
        live = self.live
        run = live.comparison.runs[name]
        place = f" · {Path(live.place[0]).name}:{live.place[1]}" if live.place else ""
        failed = run.ending is not None and run.ending.failed
        alarming = live.trend(name).state in words.ALARMING
        return ChartView(
            title=self.text(f"{name}  {run.title}{place}"),
            numbers=(*self._losses(name), *self._facts(name)),
            state=self.text(self._state(name)),
            alarming=failed or alarming or bool(live.failure),
        )

    def _losses(self, name: RunName) -> Words:
        """The newest loss of each curve, with what it looks like where there are several."""
        live, glyphs = self.live, words.LEGEND[self.marker]
        short, shown = self.short_name(name), list(live.labels.items())
        if len(shown) == 1:
            loss = self.text(words.number(_last(live.curve(name, shown[0][0]))))
            return (short, "bold"), ("loss ", ""), (loss, "bold")
        found: list[tuple[str, str]] = [(short, "bold")]
        before = len(list(self.curves("A"))) if self.together and name == "B" else 0
        for at, (place, label) in enumerate(shown[:MAX_CURVES]):
            colour = f"run-{name.lower()}" if self.together else _series(at)
            glyph = glyphs[(before + at) % len(glyphs)]
            glyph = glyph if self.layout_of_curves != "difference" else ""
            loss = words.number(_last(live.curve(name, place)))
            variables = self.app.theme_variables
            found += [(glyph, variables[colour]), (self.text(f" {label} {loss}   "), "")]
        if len(shown) > MAX_CURVES:
            found.append((self.text(f"{len(shown) - MAX_CURVES} more (C)   "), ""))
        return tuple(found)

    def _facts(self, name: RunName) -> Words:
        """The learning rates, how fast it is, and the steps of each of several optimizers."""
        live, run = self.live, self.live.comparison.runs[name]
        alone = len(live.labels) == 1
        gap = "   " if alone else ""
        told = [f"lr {self._lr(name)}"]
        rate = rate_words(live.runs[name].rate.value, 0)
        told += [rate] if rate and run.ending is None and not live.runs[name].paused else []
        steps = steps_by_optimizer(run)
        told += [f"steps {steps}"] if steps else []
        return ((self.text(gap + "   ".join(told)), ""),)

    def _lr(self, name: RunName) -> str:
        """The script's own rates, as they are now, and the factor on them."""
        run = self.live.comparison.runs[name]
        factor = "" if run.lr_scale == 1.0 else f" × {run.lr_scale:.4g}"
        return f"{present_rates(run) or OWN_RATE}{factor}"

    def _state(self, name: RunName) -> str:
        """What the run does, and what its losses do."""
        live, run = self.live, self.live.comparison.runs[name]
        trend = self._trend_words(name)
        if run.ending is not None:
            if run.ending.failed or not live.steps(name):
                return run.ending.sentence.removeprefix("the script ")
            state = "stopped" if run.stopped else "ended"
        elif run.process is None:
            return "waiting for the other run to end"
        elif not live.runs[name].connected:
            return f"waiting for {run.waits_for}" if run.waits_for else "starting"
        elif trend and not live.runs[name].paused:
            return trend
        else:
            state = "paused" if live.runs[name].paused else "training"
        return f"{state} · {trend}" if trend else state

    def _trend_words(self, name: RunName) -> str:
        """What the losses of each curve do, where there is something to remark."""
        live, told = self.live, []
        for place, label in live.labels.items():
            curve = live.curve(name, place)
            said = "" if curve is None else words.trend_text(curve.trend(full_batch=False))
            told += [f"{label} {said}".strip()] if said else []
        return " · ".join(told)

    def settings_words(self) -> Iterable[str]:
        """What runs, what matters most first."""
        live, same = self.live.comparison, self.live.same_first_loss
        options = live.options
        yield options.script if options.module else Path(options.script).name
        yield rank_label(live.runs["A"])
        yield {None: "", True: "same first loss", False: "different first losses"}[same]
        yield "" if options.seed is None else f"seed {options.seed}"
        yield from gpu_words(self.gpus.ours)
        yield " ".join(masked(options.arguments))

    def progress_words(self) -> str:
        """How far both runs are."""
        live = self.live
        steps = " · ".join(self._steps(name) for name in RUNS)
        if live.phase == "failed":
            return live.failure
        if live.phase == "finished":
            return f"{self._end_words()} · {steps}"
        if live.ending:
            return "ending both scripts …"
        if live.phase == "loading":
            imported = any(run.imported for run in live.comparison.runs.values())
            return "waiting for the first step …" if imported else "importing PyTorch …"
        if live.phase == "paused":
            return f"paused · {steps}"
        left = live.seconds_left
        return f"● {steps}" + ("" if left is None else f" · {duration(left)} left")

    def _end_words(self) -> str:
        """How both ended: one that failed has not finished."""
        failed = self._failed
        if len(failed) == len(RUNS):
            return "failed"
        return f"{failed[0]} failed" if failed else "finished"

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


def _series(number: int) -> str:
    """The colour of a line's curve; those of the runs themselves come last."""
    return f"series-{(number + len(RUNS)) % len(SERIES_COLOURS)}"


def _source(curve: LossCurve | SeriesCurve) -> Source:
    """What is drawn of it."""
    return curve if isinstance(curve, SeriesCurve) else curve.history


def _last(curve: LossCurve | SeriesCurve | None) -> float | None:
    return curve.history.last if curve is not None else None


def duration(seconds: float) -> str:
    """``40 s``, ``3 min`` or ``2 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
