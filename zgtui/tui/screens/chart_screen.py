"""What the screens of all apps share: a status line, charts, and the keys that change them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import ScreenResume
from textual.widget import Widget

from zgtui.charts import words
from zgtui.charts.crosshair import measured
from zgtui.charts.loss_axis import FLAT, RISEN, LossScale
from zgtui.charts.step_axis import CLOCK, Pace
from zgtui.charts.words import ascii_text
from zgtui.config.options import COMMON_MARKERS, MARKERS, Marker
from zgtui.config.settings import RUNS, RunName
from zgtui.lazy_dataclass import dataclass
from zgtui.outputs.gpu_monitor import GpuMonitor
from zgtui.runlog.times import StepTimes
from zgtui.terminal import printable
from zgtui.tui.keys import with_keys
from zgtui.tui.model.base import LiveComparison
from zgtui.tui.screens.borders import Border, between
from zgtui.tui.screens.looking import DIFFERENCE, LookingScreen
from zgtui.tui.widgets.chart import Curve, LossChart, Mark
from zgtui.tui.widgets.chart_pane import ChartPane, ChartView, RunPane
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from zgtui.tui.graphics.asking import Graphics

REMARK_SECONDS = 15
PAINT_SECONDS = 0.002
"""By then every widget has said that it has changed. Textual paints every 16 ms."""


@dataclass(frozen=True, kw_only=True)
class Display:
    """How an app shows itself: options that do not concern training.

    ``keys`` gives actions other keys, by name.
    """

    theme: str = "zgtui-dark"
    fps: float = 10.0
    marker: Marker = "braille"
    ascii_only: bool = False
    graphics: Graphics | None = None
    """How the terminal shows pictures, where it was asked."""
    remark: str = ""
    """What is to be said at first of how it is shown."""
    keys: Mapping[str, str] = field(default_factory=dict)


class ChartScreen(LookingScreen):
    """A status line, charts with what belongs to them, and the keys at the bottom."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        if display.graphics is not None:
            self.show_pictures(display.graphics)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide"), (150, "-rich")]
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-tall")]
        self.gpus = GpuMonitor()
        """What is known of the GPUs; nothing until it is started."""
        self._apart: set[int] = set()
        """The charts, by number, that a shared loss axis would press flat."""
        self._risen: set[int] = set()
        """Those whose loss came far above its first one."""
        self.activity = ""
        """What goes on besides, an export for example: the status line shows it."""
        self.remark = display.remark
        """What it shows for a while at first."""
        self.marker: Marker = display.marker
        self._graphics = display.graphics
        self.in_text = False
        """Whether charts are text for now, also where the marker is an image."""
        self._markers = [one for one in MARKERS if one in {*COMMON_MARKERS, display.marker}]
        self.log_choice: bool | None = None
        """Whether a logarithmic axis was asked for; until then it is taken where losses diverge."""
        self.grid = True
        """Whether charts have lines at the ticks of their axes."""
        self.show_all = False
        """Whether loss axes reach to every spike."""
        self.ascii_only, self.remapped = display.ascii_only, display.keys
        self._resumed = False
        self._status = StatusBar(self.text(" · "), id="status")

    def compose(self) -> ComposeResult:
        """Status, what the screen is about, keys."""
        # Classes that came with the first resize would have everything laid out once more.
        breakpoints = (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS)
        for points, cells in zip(breakpoints, self.app.size, strict=True):
            self.add_class(max(point for point in points or () if point[0] <= cells)[1])
        yield self._status
        yield from self.compose_body()
        yield KeyFooter()

    def compose_body(self) -> Iterable[Widget]:
        """What stands between status and keys."""
        raise NotImplementedError

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Every widget was given its styles a moment ago where the screen is new."""
        event.refresh_styles = event.refresh_styles and self._resumed
        self._resumed = True
        self._draw_in_text(yes=False)

    def on_screen_suspend(self) -> None:
        """Something comes above it, where text alone is seen of it."""
        self._draw_in_text(yes=True)

    @contextmanager
    def drawn_in_text(self) -> Iterator[None]:
        """Have no picture in it for a moment."""
        before = self.in_text
        self._draw_in_text(yes=True)
        try:
            yield
        finally:
            self._draw_in_text(yes=before)

    def _draw_in_text(self, *, yes: bool) -> None:
        if self.in_text != yes:
            self.in_text = yes
            self.redraw()

    def mount_hidden(self) -> None:
        """Mount what nobody sees at first: the first frame waits for none of it."""

    def on_mount(self) -> None:
        """Draw in ASCII where the terminal shows nothing else."""
        self.app.set_class(self.ascii_only, "-ascii")
        self.redraw()
        if self.remark:
            self.set_timer(REMARK_SECONDS, self._forget_remark)

    def _forget_remark(self) -> None:
        self.remark = ""
        self.answer()

    @property
    def log_scale(self) -> bool:
        """Whether the loss axis is logarithmic."""
        if self.log_choice is not None and self.layout_of_curves != "difference":
            return self.log_choice
        return any(chart.log_scale for chart in self.charts)

    def update_all(self) -> None:
        """Bring everything up to date; draws only what changed."""
        if self._status.is_attached:  # else the screen is being taken down
            self.update_body()
            self._update_status()

    def frame(self) -> Iterator[None]:
        """Do as ``update_all``, in pieces between which a key can be answered."""
        self.update_all()
        yield

    def answer(self) -> None:
        """Show what a key has changed; its curves come with the next frame, which takes longer."""
        if self._status.is_attached:
            self.update_words()
            self._update_status()

    def paint_soon(self) -> None:
        """Have what has changed on the screen before Textual's next turn: a key waits for it."""
        self.set_timer(PAINT_SECONDS, self._on_timer_update)

    def _update_status(self) -> None:
        settings = tuple(self.text(part) for part in self.settings_words() if part)
        told = self.activity or self.readout or self.remark or self.progress_words()
        borderless = self.has_class("-tiny") or self.has_class("-low")
        if borderless and self.shown.kind != "run":
            told = f"{told} · {self.shown.words(self.step_word)}"
        self._status.show(settings, self.text(told))

    def update_body(self) -> None:
        """Bring charts and panels up to date."""
        raise NotImplementedError

    def update_words(self) -> None:
        """Bring up to date what costs little; all where nothing does."""
        self.update_body()

    def settings_words(self) -> Iterable[str]:
        """What is shown, what matters most first."""
        raise NotImplementedError

    def progress_words(self) -> str:
        """How far it is."""
        raise NotImplementedError

    def text(self, text: str) -> str:
        """``text`` in letters that the terminal has, its keys as they are pressed."""
        lines = map(printable, with_keys(text, self.remapped).split("\n"))
        return "\n".join(map(ascii_text, lines) if self.ascii_only else lines)

    def axis_of(self, _at: int) -> str:
        """What the chart number ``_at`` measures: charts of one measure share their axis."""
        return "loss" if self.layout_of_curves != "difference" else DIFFERENCE

    def redraw(self) -> None:
        """Have every chart use the marker and the axis that were chosen."""
        for at, chart in enumerate(self.charts):
            apart = self.own_axes or at in self._apart
            measure = f"chart {at}" if apart else self.axis_of(at)
            chart.scale = self._scales.setdefault(measure, LossScale())
            chart.marker, chart.show_all = self.marker, self.show_all
            chart.graphics = self._graphics if self.marker == "image" and not self.in_text else None
            chart.grid = self.grid
            chart.window, chart.step_axis = self.window, self.step_axis
            chart.axis_names = self.axis_name, self.text(self.axis_of(at))
            chosen = self.log_choice
            chart.zero_line = self.layout_of_curves == "difference"
            log = chart.scale.diverged if chosen is None else chosen
            chart.log_scale = log and not chart.zero_line  # a difference may be negative

    def draw_charts(self, diverging: Sequence[bool]) -> None:
        """Draw what is new on axes that fit all; ``diverging`` says so of each chart in turn."""
        charts, window = self.charts, self.window
        if self.step_axis is CLOCK:
            self.read_times()
        for chart in charts:
            chart.window = window
            chart.step_axis = self.step_axis
            chart.update_data()
        for scale in {id(chart.scale): chart.scale for chart in charts}.values():
            mine = [at for at, chart in enumerate(charts) if chart.scale is scale]
            risen = [at for at in mine if charts[at].risen]
            if window is not None:
                continue  # of a part of a run it cannot be told
            self._risen = self._risen.difference(mine).union(risen)
            # once it is logarithmic it stays so while the rise can be seen
            scale.diverged = bool(risen) and (scale.diverged or any(diverging[at] for at in risen))
        if window is None:
            self._part_flattened()
        self.redraw()
        for chart, pane in zip(charts, self.panes, strict=True):
            chart.update_data()  # where another one has moved the axis they share
            pane.note(self.text(self.axis_note(chart)))

    def _part_flattened(self) -> None:
        """Give a chart its own axis that one beside it, which diverges, would press flat.

        Only where the logarithmic axis came by itself: one that was asked for stays shared.
        """
        charts = self.charts
        reach = max((one.decades for one in charts if one.scale.diverged), default=0.0)
        if self.own_axes or self.log_choice is not None or not reach:
            self._apart = set()
            return
        for at, chart in enumerate(charts):
            # once it is apart it takes twice as much to come back: axes must not flicker
            limit = FLAT * reach * (2 if at in self._apart else 1)
            flat = 0 < chart.decades < limit and not chart.risen
            self._apart = self._apart | {at} if flat else self._apart - {at}

    def axis_note(self, chart: LossChart) -> str:
        """What is special of the axis of ``chart``; empty where nothing is."""
        notes = [self.shown.words(self.step_word)] if self.shown.kind != "run" else []
        notes += filter(None, [self.axis_words(), self.smoothing_words(chart)])
        if chart.scale.chosen is not None:
            notes.append("loss axis zoomed")
        if self.own_axes and len(self.charts) > 1:
            notes.append("own loss axis")
        elif self.charts.index(chart) in self._apart:
            notes.append("own loss axis: far below another run")
        if self.log_choice is None and chart.log_scale:
            whose = "the" if self.charts.index(chart) in self._risen else "another"
            notes.append(f"log axis: {whose} loss rose over {RISEN:.0f}×")
        if chart.clipped and chart.scale.chosen is None:
            notes.append("spikes cut off ({key:show-all} shows all)")
        return " · ".join(notes)

    def _action_log_scale(self) -> None:
        self.log_choice = not self.log_scale
        self._axes_changed()

    def _action_own_axes(self) -> None:
        self.own_axes = not self.own_axes
        self._scales = {}
        self._axes_changed()

    def _action_show_all(self) -> None:
        for scale in self._scales.values():
            scale.refit()
        self.show_all = not self.show_all
        self._axes_changed()

    def _action_marker(self) -> None:
        known = self._markers
        self.marker = known[(known.index(self.marker) + 1) % len(known)]
        self._axes_changed()

    def _action_grid(self) -> None:
        self.grid = not self.grid
        self._axes_changed()


Live = TypeVar("Live", bound=LiveComparison)


class RunsScreen(ChartScreen, Generic[Live]):
    """Shows both runs of ``live`` and turns keys into what is asked of it."""

    PANE: ClassVar[type[RunPane]] = RunPane
    AUTO_FOCUS = "#run-B"  # the one whose clearing is in question

    def __init__(self, live: Live, display: Display) -> None:
        super().__init__(display)
        self.live = live

    def compose_body(self) -> Iterable[Widget]:
        """Two panes side by side."""
        yield Horizontal(*map(self.PANE, RUNS), id="panes")

    def mount_hidden(self) -> None:
        """Mount what an audience sees."""
        for name in RUNS:
            self.pane(name).mount_hidden()

    def pane(self, name: RunName) -> RunPane:
        """The pane of run ``name``."""
        return self.query_one(f"#run-{name}", RunPane)

    @property
    def focused_run(self) -> RunName:
        """The run that keys for one run mean."""
        return next((name for name in RUNS if self.pane(name).has_focus), "B")

    @property
    def panes(self) -> list[ChartPane]:
        """Those with a chart: the first alone where both runs are drawn in one."""
        return [self.pane(name) for name in (RUNS[:1] if self.together else RUNS)]

    @property
    def charts(self) -> list[LossChart]:
        """One in each of ``panes``."""
        return [pane.chart for pane in self.panes]

    def update_body(self) -> None:
        """Bring both panes up to date."""
        self.update_words()
        for chart, runs in self._drawn_charts():
            self._feed(chart, runs)
        self.draw_charts(self._diverging())

    def frame(self) -> Iterator[None]:
        """The words, then each chart: half a frame is what a key waits for."""
        self.answer()
        yield
        for chart, runs in self._drawn_charts():
            self._feed(chart, runs)
            chart.update_data()
            yield
        self.draw_charts(self._diverging())

    def update_words(self) -> None:
        """All but the charts."""
        for name in RUNS:
            self.pane(name).show(self.view(name))

    def _drawn_charts(self) -> list[tuple[LossChart, tuple[RunName, ...]]]:
        """Each chart with the runs whose curves it draws."""
        drawn: list[tuple[RunName, ...]] = [RUNS] if self.together else [(name,) for name in RUNS]
        return list(zip(self.charts, drawn, strict=True))

    def _feed(self, chart: LossChart, runs: tuple[RunName, ...]) -> None:
        """Give ``chart`` the curves and marks of ``runs``."""
        curves = self.smoothed(self._drawn(runs))
        if chart.curves != curves:
            chart.curves = curves
        chart.planned = max(map(self.planned, runs))
        chart.marks = tuple(
            Mark(mark.step, self.text(f"{name} {mark.label}" if self.together else mark.label))
            for name in runs
            for mark in self.marks(name)
        )

    def _diverging(self) -> list[bool]:
        """Whether each chart has a run that does."""
        return [
            any(self.live.trend(name).state in words.ALARMING for name in runs)
            for _, runs in self._drawn_charts()
        ]

    def _drawn(self, runs: tuple[RunName, ...]) -> tuple[Curve, ...]:
        """The curves of ``runs``, or the difference of both."""
        if self.layout_of_curves == "difference":
            return self._differences_of()
        return self._curves_of(runs)

    def _differences_of(self) -> tuple[Curve, ...]:
        """A less B for each curve that both have, called as that is."""
        each = [measured(list(self.curves(name))) for name in RUNS]
        found: list[Curve] = []
        for a, b in zip(*each, strict=False):
            one = self.difference(a, b)
            style = "$foreground" if a.style == "$run-a" else a.style
            label = DIFFERENCE if len(each[0]) == 1 else f"{DIFFERENCE}, {a.label}"
            found += [] if one is None else [replace(one, style=style, label=label)]
        return tuple(found)

    def named_curves(self) -> list[Curve]:
        """Those of both runs, also where their difference is drawn."""
        if self.layout_of_curves == "difference":
            return list(self._curves_of(RUNS))
        return super().named_curves()

    def _curves_of(self, runs: tuple[RunName, ...]) -> tuple[Curve, ...]:
        """The curves of ``runs``; where several share a chart, each says by colour whose it is."""
        if len(runs) == 1:
            return tuple(self.curves(runs[0]))
        return tuple(
            curve
            if curve.dotted
            else replace(
                curve,
                style=f"$run-{name.lower()}",
                label=name if curve.label == name else f"{name} {curve.label}",
            )
            for name in runs
            for curve in self.curves(name)
        )

    def axis_note(self, chart: LossChart) -> str:
        """Which curve is whose where both runs share a chart, and what is special of its axis."""
        glyphs = words.LEGEND[self.marker]
        labels = [curve.label for curve in measured(chart.curves)]
        legend = " ".join(f"{one} {glyphs[at % len(glyphs)]}" for at, one in enumerate(labels))
        note = super().axis_note(chart)
        return " · ".join(filter(None, [legend, note])) if self.together else note

    def curves(self, name: RunName) -> Iterable[Curve]:
        """The curves of run ``name``."""
        run = self.live.runs[name]
        return [Curve(run.history, f"$run-{name.lower()}", name, times=run.times)]

    @property
    def pace(self) -> Pace:
        """When the steps were done, by the log."""
        return Pace(times=self.live.runs["A"].times)

    def all_times(self) -> list[StepTimes]:
        """Those of both runs."""
        return [run.times for run in self.live.runs.values() if run.times is not None]

    def borders(self) -> Iterator[Border]:
        """Between both runs, between them and what is below, and between that."""
        if self.has_class("-tiny"):  # no pane has a border
            return
        panes = self.query_one("#panes")
        if not self.together:
            yield from between(panes.children)
        for below in self.query("#below, #outputs"):
            yield from between([panes, below], upright=False)
            yield from between(below.children)

    def view(self, name: RunName) -> ChartView:
        """What the pane of run ``name`` says."""
        raise NotImplementedError

    def short_name(self, name: RunName) -> str:
        """What stands before the numbers where there is no room for a title."""
        untitled = self.has_class("-tiny") or self.has_class("-narrow", "-short", "-lesson")
        return f"{name} " if untitled else ""

    def planned(self, name: RunName) -> int:
        """The steps that run ``name`` is expected to take; 0 where that is not known."""
        raise NotImplementedError

    def marks(self, name: RunName) -> Iterable[Mark]:
        """Where run ``name`` was changed."""
        return self.live.runs[name].changes

    def lay_out(self) -> None:
        """Both runs in the pane of A, or each in its own."""
        for border in self.borders():
            if not border.upright:
                border.reset()  # one pane above the other has no use for such shares
        self.set_class(self.together, "-together")
        self.pane("B").note("")

    def _action_pause(self) -> None:
        self.live.toggle_running()

    def _action_step(self) -> None:
        self.live.single_step()

    def _action_toggle_clearing(self) -> None:
        self.live.toggle_clearing((self.focused_run,))

    def _action_toggle_both(self) -> None:
        self.live.toggle_clearing(RUNS)

    def _action_lr(self, presses: int) -> None:
        self.live.scale_lr(RUNS, presses)

    def _action_run_lr(self, presses: int) -> None:
        self.live.scale_lr((self.focused_run,), presses)

    def _action_restart(self) -> None:
        self.live.restart()
