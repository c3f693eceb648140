"""The screen of ``zgtui view``: a chart for each curve of some tables, and a replay over all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from zgtui.charts import words
from zgtui.charts.colours import SERIES_COLOURS
from zgtui.charts.step_axis import CLOCK, LOG_STEPS, CountedSteps, Pace, Times
from zgtui.charts.words import number
from zgtui.curves.arrange import (
    Chart,
    ShownCurve,
    TrackUpTo,
    arrange,
    laid_out,
    recording_labels,
    remarks,
)
from zgtui.curves.recordings.log_recording import LogRecording
from zgtui.curves.recordings.recording import Recording
from zgtui.curves.replay import Replay
from zgtui.curves.trace import Trace, run_of
from zgtui.explain.table_verdict import table_verdicts
from zgtui.runlog.times import StepTimes
from zgtui.tables.step_counts import COUNTED, Counted, StepCounts
from zgtui.tui.keys import bindings, hidden_bindings
from zgtui.tui.screens.borders import Border, in_grid
from zgtui.tui.screens.chart_screen import ChartScreen, Display
from zgtui.tui.widgets.chart import Curve, LossChart, Mark
from zgtui.tui.widgets.chart_pane import ChartView, SeriesPane, Words
from zgtui.tui.widgets.explanation_pane import MORE, fitting

TAIL = 20
"""Points of each curve that are copied."""


@dataclass(frozen=True, kw_only=True)
class ViewDisplay(Display):
    """How tables are shown.

    ``series`` names the curves and ``runs`` the runs wanted; none means all.
    """

    speed: float | None = None
    series: Sequence[str] = ()
    runs: Sequence[str] = ()
    follow: bool = False
    log: bool = False


VERDICT_ROWS, SHORT_VERDICT_ROWS, VERDICT_GAP = 4, 2, 4
"""Rows that the verdict may take, also of a short screen, and columns beside it."""


class ViewScreen(ChartScreen):
    """Shows ``recordings`` as ``display`` says."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("view"), *hidden_bindings()]
    DEFAULT_CSS = """
    ViewScreen {
        & #charts { height: 1fr; layout: grid; grid-size: 2; grid-rows: 1fr; }
        & #charts.-one { grid-size: 1; }
        &.-narrow #charts { grid-size: 1; }
        & #verdict { height: auto; padding: 0 2; display: none; }
        &.-tiny #verdict { max-height: 0; }
        &.-low #verdict { max-height: 0; }
        &.-tall SeriesPane > .numbers { max-height: 5; }
        &.-low SeriesPane > .numbers, &.-tiny SeriesPane > .numbers { max-height: 1; }
        &.-tiny SeriesPane, &.-low SeriesPane { border: none; }
        &.-tiny SeriesPane > .state { display: none; }
        &.-ascii SeriesPane:focus { border: ascii $primary; }
    }
    """

    def __init__(self, recordings: Sequence[Recording], display: ViewDisplay) -> None:
        super().__init__(display)
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-low"), (14, "-short"), (20, "-tall")]
        self.recordings = list(recordings)
        self.replay = Replay(self._traces, display.speed)
        self.log_choice = display.log or None
        self.complete = False
        """Whether everything is read and nothing more is to come."""
        self._panes: list[SeriesPane] = []
        self._series, self._runs = display.series, display.runs
        self._following = display.follow
        self._arranged: list[Chart] = []
        """A chart for each measure, however they are laid out."""
        self._charts: list[Chart] = []
        self._shown: list[list[TrackUpTo]] = []
        self.verdicts: list[str] = []
        """Which curve is better, of what is shown; empty while that moves or cannot be said."""
        self._said = ""
        self._times: dict[tuple[Path, str], StepTimes] = {}
        self._judged: tuple[float, tuple[int, ...]] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """The charts, as soon as it is known how many there are."""
        yield Container(id="charts")
        yield Static(id="verdict", markup=False)

    def on_mount(self) -> None:
        """Show what was read already."""
        self.update_all()

    @property
    def panes(self) -> list[SeriesPane]:
        """One for each chart."""
        return self._panes

    @property
    def charts(self) -> list[LossChart]:
        """One in each pane."""
        return [pane.chart for pane in self._panes]

    def axis_of(self, at: int) -> str:
        """A loss, or the name of the column."""
        return words.value_name(self._charts[at].title)

    def _scale_notes(self, chart: LossChart) -> Iterator[tuple[str, str, str]]:
        """Also where losses of other names stand beside it, whose axis reaches elsewhere."""
        yield from super()._scale_notes(chart)
        at = self.charts.index(chart)
        axis = self.axis_of(at)
        losses = {self.axis_of(one) for one in range(len(self.charts))}
        losses = {one for one in losses if "loss" in one.lower()}
        if not self.own_axes and at not in self._apart and axis in losses and len(losses) > 1:
            yield "own loss axis", "own axis", ""

    def named_curves(self) -> list[Curve]:
        """A curve that is alone in its chart is called as that is; both where they differ."""
        if self.layout_of_curves == "difference":
            return [
                Curve(one, _colour(curve.colour), curve.label)
                for chart, shown in zip(self._charts, self._shown, strict=True)
                for curve, one in zip(chart.curves, shown, strict=True)
            ]
        return [
            replace(curve, label=chart.title) if len(chart.curves) == 1 else curve
            for pane, chart in zip(self._panes, self._charts, strict=True)
            for curve in pane.chart.curves
        ]

    @property
    def step_word(self) -> str:
        """As the table has it: ``epoch``, for example."""
        return self.recordings[0].axis

    @property
    def pace(self) -> Pace:
        """Of the first log among what is shown, and of columns that every table has."""
        times: Times | None = next(iter(self.all_times()), None)
        if times is None and self._every_table_counts("time"):
            times = self._counts_of(self._charts[0].curves[0], "time")
        counted = [kind for kind in ("epoch", "samples") if self._every_table_counts(kind)]
        first = self.recordings[0]
        if len({(one.steps_per_epoch, one.samples_per_step) for one in self.recordings}) > 1:
            return Pace(times=times, counted=counted)  # what one of them says holds for no other
        return Pace(first.steps_per_epoch, first.samples_per_step, times, counted)

    def _every_table_counts(self, kind: Counted) -> bool:
        curves = [curve for chart in self._charts for curve in chart.curves]
        return bool(curves) and all(self._counts_of(one, kind) is not None for one in curves)

    def axis_words(self) -> str:
        """What the axis counts; at its last kind also what is missing for more of them."""
        said = super().axis_words()
        known = {"time" if axis is CLOCK else axis.name for axis in self.pace.axes}
        missing = [one for one in COUNTED if one not in {*known, self.step_word.lower()}]
        if self.step_axis is not LOG_STEPS or not missing:
            return said
        return f"{said} (no column for {', '.join(missing)})"

    def all_times(self) -> list[StepTimes]:
        """Those of every run of every log."""
        return [
            times
            for chart in self._charts
            for curve in chart.curves
            if (times := self._times_of(curve)) is not None
        ]

    def _counted_at(self, curve: ShownCurve) -> Times | None:
        """What the axis counts at the steps of ``curve``, where that is not even."""
        if isinstance(self.step_axis, CountedSteps):
            counted = self.step_axis.name
            return self._counts_of(curve, "samples" if counted == "samples" else "epoch")
        return self._times_of(curve) or self._counts_of(curve, "time")

    @staticmethod
    def _counts_of(curve: ShownCurve, kind: Counted) -> StepCounts | None:
        return curve.recording.counts(curve.track.run, kind)

    def _times_of(self, curve: ShownCurve) -> StepTimes | None:
        if not isinstance(curve.recording, LogRecording):
            return None
        key = curve.recording.path, run_of(curve.track.name)
        if key not in self._times:
            self._times[key] = StepTimes(*key)
        return self._times[key]

    # Showing

    def update_body(self) -> None:
        """Bring every pane up to date with what was read; draws only what changed."""
        self._arrange()
        axis_end = self._axis_end()
        alarming: list[bool] = []
        for pane, chart, shown in zip(self.panes, self._charts, self._shown, strict=True):
            for one in shown:
                one.limit = self.replay.limit
            curves = self._curves_of(chart, shown)
            if pane.chart.curves != curves:
                pane.chart.curves = curves
            pane.chart.planned = axis_end
            pane.chart.marks = tuple(
                Mark(int(step), self.text(label))
                for step, label in sorted({change for one in shown for change in one.changes})
            )
            view = self._view(chart, shown)
            alarming.append(view.alarming)
            pane.show(view)
        self.draw_charts(alarming)
        self._tell_verdict()

    def _tell_verdict(self) -> None:
        """Which curve is better, of what is shown; while it moves there is nothing to read."""
        limit = self.replay.limit
        still = self.complete and not self.replay.direction
        shown = (limit, tuple(id(one.track) for one in self._all_shown)) if still else None
        if shown != self._judged:
            self._judged = shown
            finished = self.replay.position is None
            judged = table_verdicts(self._arranged, limit, finished=finished) if still else []
            self.verdicts = judged
        rows = VERDICT_ROWS if self.has_class("-tall") else SHORT_VERDICT_ROWS
        sentences = [*self.verdicts, *remarks(self.recordings)]
        said = self.text(
            "\n".join(fitting(sentences, self.size.width - VERDICT_GAP, rows, self.text(MORE)))
        )
        if said != self._said:
            self._said = said
            pane = self.query_one("#verdict", Static)
            pane.update(said)
            pane.display = bool(said)

    @property
    def newest(self) -> list[str]:
        """The newest points shown of each curve, as lines of CSV."""
        lines = []
        for chart, shown in zip(self._charts, self._shown, strict=True):
            for curve, one in zip(chart.curves, shown, strict=True):
                trace, until = one.track.trace, one.track.trace.points_until(one.limit)
                name = chart.title if len(chart.curves) == 1 else curve.label
                points = map(trace.point, range(max(0, until - TAIL), until))
                lines += [f"{csv_cell(name)},{step:.10g},{value!r}" for step, value in points]
        return ["curve,step,value", *lines] if lines else []

    @property
    def _all_shown(self) -> list[TrackUpTo]:
        return [one for shown in self._shown for one in shown]

    def _arrange(self) -> None:
        """Give each chart its pane and its curves, where these are others than before."""
        self._arranged = arrange(
            self.recordings, self._series, runs=self._runs, more_to_come=not self.complete
        )
        charts = laid_out(self._arranged, self.layout_of_curves)
        if _parts(charts) == _parts(self._charts):
            return
        self._charts = charts
        self._shown = [
            [TrackUpTo(curve.recording, curve.track) for curve in chart.curves] for chart in charts
        ]
        if len(self.panes) != len(charts):
            self._mount_panes(len(charts))
            self._scales = {}
        self.redraw()
        for pane, chart, shown in zip(self.panes, charts, self._shown, strict=True):
            pane.chart.curves = self._curves_of(chart, shown)

    def _curves_of(self, chart: Chart, shown: Sequence[TrackUpTo]) -> tuple[Curve, ...]:
        curves = [
            Curve(one, _colour(curve.colour), curve.label, times=self._counted_at(curve))
            for curve, one in zip(chart.curves, shown, strict=True)
        ]
        if self.layout_of_curves == "difference" and len(curves) > 1:
            found = self.difference(*curves[:2])
            curves = [] if found is None else [replace(found, label=chart.title)]
        return self.smoothed(curves)

    def _mount_panes(self, count: int) -> None:
        container = self.query_one("#charts")
        container.set_class(count < 2, "-one")
        for name in ("grid_columns", "grid_rows"):  # others than those that were made larger
            container.styles.clear_rule(name)
        container.remove_children()
        self._panes = [SeriesPane() for _ in range(count)]
        container.mount_all(self._panes)
        if self._panes:
            self._panes[0].focus()
        # The first chart does not wait for the next frame, which a large file makes late.
        self.call_after_refresh(self.update_all)

    def borders(self) -> Iterator[Border]:
        """Between the columns and the rows of charts."""
        if self._bordered:
            yield from in_grid(self._panes)

    @property
    def _bordered(self) -> bool:
        """Whether there is room for borders and titles."""
        return not self.has_class("-tiny") and not self.has_class("-low")

    def _axis_end(self) -> int:
        """The axis of a whole table, or of a replay, ends at its last step and holds still."""
        return int(-(-self.replay.last // 1)) if self.ended else 0

    @property
    def ended(self) -> bool:
        """Whether all is read that is shown."""
        return self.complete or self.replay.position is not None

    def _view(self, chart: Chart, shown: Sequence[TrackUpTo]) -> ChartView:
        state, alarming = words.states(chart, shown)
        if len(shown) == 1:
            facts = words.numbers(chart, shown[0])
            # Where the pane has no border, its title stands here.
            text = "   ".join(facts if self._bordered else [chart.title, *facts])
            numbers: Words = ((self.text(text), ""),)
        else:
            numbers = self._legend(chart, shown)
        title = self.text(words.title(chart, shown))
        return ChartView(title=title, numbers=numbers, state=self.text(state), alarming=alarming)

    def _legend(self, chart: Chart, shown: Sequence[TrackUpTo]) -> Words:
        parts: list[tuple[str, str]] = []
        glyphs = words.LEGEND[self.marker]
        for at, (curve, one) in enumerate(zip(chart.curves, shown, strict=True)):
            colour = self.app.theme_variables[_colour(curve.colour)[1:]]
            last = number(one.last[1] if one.last else None)
            drawn = self.layout_of_curves != "difference"
            parts += [
                (glyphs[at % len(glyphs)] if drawn else "", colour),
                (self.text(f" {curve.label} {last}   "), ""),
            ]
        return tuple(parts)

    def settings_words(self) -> Iterable[str]:
        """The files."""
        return recording_labels(self.recordings)

    def progress_words(self) -> str:
        """How much is read, or where the replay stands."""
        trouble = next((one.trouble for one in self.recordings if one.trouble), "")
        if trouble:
            return trouble
        if not self.complete and not self._following:
            shares = [recording.share for recording in self.recordings]
            return f"reading {sum(shares) / len(shares):.0%}"
        replay, axis = self.replay, self.recordings[0].axis
        if replay.position is None:
            parts = ["● following"] if self._following else []
            return " · ".join([*parts, f"{axis} {words.whole(replay.last)}"])
        state = {1: "▶ playing", -1: "◀ playing backward", 0: "paused"}[replay.direction]
        here = max((one.last[0] for shown in self._shown for one in shown if one.last), default=0)
        speed = f"{replay.speed:g} {axis}s/s" if replay.speed else "no limit"
        return f"{state} · {axis} {words.whole(here)} of {words.whole(replay.last)} · {speed}"

    def _traces(self) -> list[Trace]:
        return [curve.track.trace for chart in self._charts for curve in chart.curves]

    # Keys

    def _action_pause(self) -> None:
        self._action_play(1)

    def _action_play(self, direction: int) -> None:
        self.replay.play(direction)
        self.update_all()

    def _action_step(self) -> None:
        self._tell_ends(1)
        self.replay.step(1)
        self.update_all()

    def _action_step_back(self) -> None:
        self._tell_ends(-1)
        self.replay.step(-1)
        self.update_all()

    def _tell_ends(self, direction: int) -> None:
        """Where there is nothing more that way."""
        axis = self.step_word
        if direction > 0 and self.replay.position is None:
            self.notify(f"This is the last {axis}: {{key:pause}} replays from the first one.")
        elif direction < 0 and self.replay.limit <= self.replay.first:
            self.notify(f"This is the first {axis}.")

    def _action_together(self) -> None:
        if sum(len(chart.curves) for chart in self._arranged) > 1:
            super()._action_together()
        else:
            self.notify("There is only one curve.")

    def _action_move(self, direction: int) -> None:
        if self.crosshair.pinned:
            super()._action_move(direction)
        else:
            self._tell_ends(direction)
            self.replay.jump(direction)
            self.update_all()

    def _action_first_step(self) -> None:
        self.replay.start()
        self.update_all()

    def _action_all_steps(self) -> None:
        self.replay.finish()
        self.update_all()

    def _action_speed(self, direction: int) -> None:
        self.replay.change_speed(direction)
        if self.replay.position is None:
            speed = f"{self.replay.speed:g} steps per second" if self.replay.speed else "no limit"
            self.notify(f"Replay speed: {speed}")
        self.update_all()


def csv_cell(text: str) -> str:
    """``text`` as a cell of CSV."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def _parts(charts: Sequence[Chart]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """What makes charts the same ones as before."""
    return [
        (chart.title, tuple((curve.label, id(curve.track)) for curve in chart.curves))
        for chart in charts
    ]


def _colour(number: int) -> str:
    return f"$series-{number % len(SERIES_COLOURS)}"
