"""On which axes, and with which marker, the charts of a screen are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zgtui.charts.loss_axis import FLAT, RISEN, LossScale
from zgtui.charts.step_axis import CLOCK, ClockSteps
from zgtui.config.options import COMMON_MARKERS, MARKERS, Marker
from zgtui.tui.screens.looking import DIFFERENCE, LookingScreen
from zgtui.tui.widgets.chart import LossChart
from zgtui.tui.widgets.chart_pane import Note

if TYPE_CHECKING:
    from zgtui.tui.graphics.asking import Graphics


class AxesScreen(LookingScreen):
    """A screen whose charts of one measure share their loss axis, which suits what they show."""

    def __init__(self, marker: Marker, graphics: Graphics | None) -> None:
        super().__init__()
        if graphics is not None:
            self.show_pictures(graphics)
        self._apart: set[int] = set()
        """The charts, by number, that a shared loss axis would press flat."""
        self._risen: set[int] = set()
        """Those whose loss came far above its first one."""
        self.marker: Marker = marker
        self._graphics = graphics
        self.in_text = False
        """Whether charts are text for now, also where the marker is an image."""
        self._markers = [one for one in MARKERS if one in {*COMMON_MARKERS, marker}]
        self.log_choice: bool | None = None
        """Whether a logarithmic axis was asked for; until then it is taken where losses diverge."""
        self.grid = True
        """Whether charts have lines at the ticks of their axes."""
        self.show_all = False
        """Whether loss axes reach to every spike."""

    def text(self, text: str) -> str:
        """``text`` as this terminal shows it."""
        raise NotImplementedError

    @property
    def ended(self) -> bool:
        """Whether no chart gets more steps."""
        raise NotImplementedError

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

    @property
    def log_scale(self) -> bool:
        """Whether the loss axis is logarithmic."""
        if self.log_choice is not None and self.layout_of_curves != "difference":
            return self.log_choice
        return any(chart.log_scale for chart in self.charts)

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
            chart.ended = self.ended
        until = self._until()
        for chart in self.charts:
            chart.until = until

    def _until(self) -> float:
        """How far the charts reach together in time, or in what tables count."""
        if self.window is not None or not isinstance(self.step_axis, ClockSteps):
            return 0.0
        return max((chart.span.high for chart in self.charts), default=0.0)

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
            pane.note(self.notes(chart))

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

    def notes(self, chart: LossChart) -> list[Note]:
        """What is special of the axes of ``chart``, first what leaves something out."""
        found = [
            (self.shown.words(self.step_word), "", "whole_run"),
            ("loss axis zoomed" if chart.scale.chosen is not None else "", "zoomed", "whole_run"),
            *self._scale_notes(chart),
            (self.axis_words(), "", "step_axis"),
            (self.smoothing_words(chart), "", "smooth"),
        ]
        return [
            Note(self.text(words), f"screen.{action}" if action else "", short=short)
            for words, short, action in found
            if words
        ]

    def _scale_notes(self, chart: LossChart) -> Iterator[tuple[str, str, str]]:
        """What is special of its loss axis, in fewer words, and the action that changes it."""
        at = self.charts.index(chart)
        if self.own_axes and len(self.charts) > 1:
            yield "own loss axis", "own axis", "own_axes"
        elif at in self._apart:
            yield "own axis: far below another run", "own axis", ""
        if self.log_choice is None and chart.log_scale:
            whose = "loss" if at in self._risen else "another"
            yield f"log axis: {whose} rose over {RISEN:.0f}×", "log axis", "log_scale"
        if chart.clipped and chart.scale.chosen is None:
            yield "spikes cut off ({key:show-all} shows all)", "spikes cut off", "show_all"

    # Keys

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
        cut_off = any(chart.clipped for chart in self.charts)
        self.show_all = not self.show_all
        self._axes_changed()
        if not cut_off and not any(chart.clipped for chart in self.charts):
            # It holds for spikes to come.
            what = "show each spike" if self.show_all else "leave out spikes"
            self.notify(f"No spike is cut off now; from now on loss axes {what}.")

    def _action_marker(self) -> None:
        known = self._markers
        self.marker = known[(known.index(self.marker) + 1) % len(known)]
        self._axes_changed()

    def _action_grid(self) -> None:
        self.grid = not self.grid
        self._axes_changed()
