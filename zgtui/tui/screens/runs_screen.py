"""What the screens of two runs share: a chart for each, or one for both, and keys for training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar, Generic, TypeVar

from textual.containers import Horizontal
from textual.widget import Widget

from zgtui.charts import words
from zgtui.charts.crosshair import measured
from zgtui.charts.step_axis import Pace
from zgtui.config.settings import RUNS, RunName
from zgtui.runlog.times import StepTimes
from zgtui.tui.model.base import LiveComparison, Phase
from zgtui.tui.screens.borders import Border, between
from zgtui.tui.screens.chart_screen import ChartScreen, Display
from zgtui.tui.screens.looking import DIFFERENCE
from zgtui.tui.widgets.chart import Curve, LossChart, Mark
from zgtui.tui.widgets.chart_pane import ChartPane, ChartView, Note, RunPane

Live = TypeVar("Live", bound=LiveComparison)
NEXT_KEYS: dict[Phase, dict[str, str]] = {
    "paused": {"pause": "resume"},
    "finished": {"pause": "", "step": "", "restart": "restart"},
    "failed": {"pause": "", "step": "", "restart": "restart"},
}
"""Where both runs stand still: the keys that go on from there, and those that do nothing."""


class RunsScreen(ChartScreen, Generic[Live]):
    """Shows both runs of ``live`` and turns keys into what is asked of it."""

    PANE: ClassVar[type[RunPane]] = RunPane
    AUTO_FOCUS = "#run-B"  # the one whose clearing is in question

    def __init__(self, live: Live, display: Display) -> None:
        super().__init__(display)
        self.live = live

    def compose_body(self) -> Iterable[Widget]:
        """Two panes side by side."""
        panes = [self.PANE(name) for name in RUNS]
        # It gets the focus in any case; later it would get all its looks once more with it.
        panes[-1].set_reactive(Widget.has_focus, True)  # noqa: FBT003 - Textual's own
        yield Horizontal(*panes, id="panes")

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

    @property
    def ended(self) -> bool:
        """Whether both runs are at their end."""
        return self.live.phase == "finished"

    @property
    def keys_now(self) -> Mapping[str, str]:
        """What there is to press where no step is taken."""
        return {**NEXT_KEYS.get(self.live.phase, {}), **super().keys_now}

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

    def notes(self, chart: LossChart) -> list[Note]:
        """Which curve is whose where both runs share a chart, and what is special of its axes."""
        if not self.together:
            return super().notes(chart)
        glyphs, colours = words.LEGEND[self.marker], self.app.theme_variables
        legend = [
            (f"{' ' if at else ''}{one.label} {glyphs[at % len(glyphs)]}", colours[one.style[1:]])
            for at, one in enumerate(measured(chart.curves))
        ]
        note = Note("".join(text for text, _ in legend), coloured=tuple(legend))
        return [*([note] if legend else []), *super().notes(chart)]

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
        small = self.has_class("-narrow", "-short")
        taken = any(map(self.has_class, ("-lesson", "-only", "-output")))
        beside = name == "B" and self.has_class("-short", "-together", "-only")
        untitled = self.has_class("-tiny") or (small and taken) or beside
        return f"{name} " if untitled else ""

    def planned(self, name: RunName) -> int:
        """The steps that run ``name`` is expected to take; 0 where that is not known."""
        raise NotImplementedError

    def marks(self, name: RunName) -> Iterable[Mark]:
        """Where run ``name`` was changed."""
        return self.live.runs[name].changes

    def lay_out(self) -> None:
        """Both runs in the pane of A, or each in its own."""
        if self.together and not self.has_class("-together"):
            self.lay_aside(self.pane(name) for name in RUNS)
        elif not self.together:
            self.take_up()
        self.set_class(self.together, "-together")
        self.pane("B").note()

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
