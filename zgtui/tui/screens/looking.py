"""How charts are looked at: the crosshair over all of them, and which part of them is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args
from weakref import WeakKeyDictionary

from zgtui.charts.axes import Limits
from zgtui.charts.crosshair import Crosshair, near, readout
from zgtui.charts.loss_axis import LossScale
from zgtui.charts.shown_steps import ShownSteps
from zgtui.charts.step_axis import CLOCK, LOG_STEPS, STEPS, Pace
from zgtui.runlog.times import StepTimes
from zgtui.tui.narrow_updates import NarrowCompositor
from zgtui.tui.screens.borders import ResizingScreen
from zgtui.tui.widgets.chart import Curve, LossChart, Source
from zgtui.tui.widgets.chart_pane import ChartPane
from zgtui.tui.widgets.mouse_chart import MouseChart

if TYPE_CHECKING:
    from zgtui.curves.difference import CurveDifference
    from zgtui.curves.smoothing import LossRow, SmoothedCurve
    from zgtui.tui.graphics.asking import Graphics

LOSSES_MOVE = 0.1
"""A key moves the loss axis by this share of itself."""


Layout = Literal["panes", "overlay", "difference"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
DIFFERENCE = "A - B"
"""What a difference is called."""


class LookingScreen(ResizingScreen):
    """A screen with charts, which keys and the mouse look into."""

    def __init__(self) -> None:
        super().__init__()
        self.own_axes = False
        """Whether each chart has a loss axis of its own."""
        self.crosshair = Crosshair()
        self._narrow = self._compositor = NarrowCompositor()
        self.layout_of_curves: Layout = "panes"
        """Whether runs have a chart each, one together, or one of their difference."""
        self._differences: WeakKeyDictionary[LossRow, tuple[LossRow, CurveDifference]] = (
            WeakKeyDictionary()
        )
        self.step_axis = STEPS
        """What the horizontal axes count."""
        self.strength: float | None = None
        """How strongly losses are smoothed, β; None: not at all."""
        self._usual_strength = 0.9
        self._smoothed: WeakKeyDictionary[LossRow, SmoothedCurve] = WeakKeyDictionary()
        self.shown = ShownSteps()
        """Which steps every chart shows."""
        self._scales: dict[str, LossScale] = {}

    def show_pictures(self, graphics: Graphics) -> None:
        """Have the pictures of charts shown by ``graphics``."""
        from zgtui.tui.graphics.layer import PictureLayer  # noqa: PLC0415 - most draw in text

        narrow = self._narrow
        narrow.pictures = PictureLayer(
            graphics, lambda: self.query(LossChart), lambda: narrow.visible_widgets
        )

    @property
    def charts(self) -> list[LossChart]:
        """Every chart there is now."""
        raise NotImplementedError

    @property
    def panes(self) -> Sequence[ChartPane]:
        """Every pane with a chart, in the order of ``charts``."""
        raise NotImplementedError

    def update_all(self) -> None:
        """Bring everything up to date; draws only what changed."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Have every chart use what was chosen."""
        raise NotImplementedError

    # The crosshair

    @property
    def readout(self) -> str:
        """What every curve was at the crosshair; empty where there is none."""
        if self.crosshair.step is None:
            return ""
        step, curves = self.crosshair.step, self.named_curves()
        times = next((one.times for one in curves if one.times is not None), None)
        return readout(curves, step, self.step_word, self.step_axis.words(step, times))

    @property
    def keys_now(self) -> Mapping[str, str]:
        """Words for the keys that matter in its present state, the most first.

        Empty for one that does nothing.
        """
        if not self.crosshair.pinned:
            return {}
        return {"close": "hide it", "backward": "crosshair left", "forward": "crosshair right"}

    def named_curves(self) -> list[Curve]:
        """Every curve drawn, each with a name that tells it from all others."""
        return [curve for chart in self.charts for curve in chart.curves]

    def on_mouse_chart_pointed(self, event: MouseChart.Pointed) -> None:
        """Put the crosshair where the mouse is."""
        self.crosshair.point(event.step, pinned=event.pinned)
        self.show_crosshair()

    def show_crosshair(self) -> None:
        """Have every chart show it, and the status line what it tells."""
        for chart in self.charts:
            chart.crosshair = self.crosshair.step
        self.update_all()

    def _move_crosshair(self, columns: int) -> None:
        """By so many columns; where there is no crosshair it comes at the newest step."""
        here, curves = self.crosshair.step, self.named_curves()
        if here is None:
            self._pin(near(curves, max((curve.source.steps for curve in curves), default=0)))
        elif columns:
            chart = next((one for one in self.charts if one.curves), None)
            self._pin(here if chart is None else chart.beside(here, columns))

    def _pin(self, step: float | None) -> None:
        if step is None:
            self.notify("There is no step to look at yet.")
            return
        self.crosshair.point(step, pinned=True)
        self.show_crosshair()

    def _action_crosshair(self) -> None:
        if self.crosshair.leave():
            self.show_crosshair()
        else:
            self._move_crosshair(0)

    def _action_move(self, direction: int) -> None:
        self._move_crosshair(direction)

    def _action_nudge(self, direction: int) -> None:
        here = self.crosshair.step
        if here is None:
            self._move_crosshair(0)
        else:
            self._pin(near(self.named_curves(), here, direction))

    def close_looks(self) -> bool:
        """Take away the crosshair, or then what is zoomed; whether there was any."""
        if self.crosshair.leave():
            self.show_crosshair()
            return True
        zoomed = [scale for scale in self._scales.values() if scale.chosen is not None]
        if self.shown.kind == "run" and not zoomed:
            return False
        self._show_whole_runs()
        return True

    def _action_close(self) -> None:
        self.close_looks()

    # Together

    @property
    def together(self) -> bool:
        """Whether both runs are drawn in one chart."""
        return self.layout_of_curves != "panes"

    def difference(self, a: Curve, b: Curve) -> Curve | None:
        """The losses of ``a`` less those of ``b``; None where they are not kept."""
        from zgtui.curves.difference import difference_of  # noqa: PLC0415 - the first frame has none
        from zgtui.curves.smoothing import LossRow  # noqa: PLC0415

        if not isinstance(a.source, LossRow) or not isinstance(b.source, LossRow):
            return None
        of, found = self._differences.get(a.source, (None, None))
        if found is None or of is not b.source:
            found = difference_of(a.source, b.source)
            self._differences[a.source] = (b.source, found)
        found.catch_up()
        if not found.kept:
            return None
        return Curve(found.source, "$foreground", DIFFERENCE, times=a.times)

    def _action_together(self) -> None:
        at = LAYOUTS.index(self.layout_of_curves)
        self.layout_of_curves = LAYOUTS[(at + 1) % len(LAYOUTS)]
        self._scales = {}
        self.lay_out()
        self._axes_changed()

    def lay_out(self) -> None:
        """Make room for the charts that are drawn now."""

    # The horizontal axis

    @property
    def step_word(self) -> str:
        """What a step is called."""
        return "step"

    @property
    def pace(self) -> Pace:
        """What is known of the steps of what is shown."""
        raise NotImplementedError

    def read_times(self) -> None:
        """Take in when steps were done."""
        for times in {id(one): one for one in self.all_times()}.values():
            times.read()

    def all_times(self) -> Iterable[StepTimes]:
        """The times of every run that has some."""
        raise NotImplementedError

    @property
    def axis_name(self) -> str:
        """What the horizontal axes are called."""
        if self.step_axis in (STEPS, LOG_STEPS):
            return self.step_word
        return "time" if self.step_axis is CLOCK else self.step_axis.name

    def axis_words(self) -> str:
        """What the horizontal axis counts, where that is not plain steps."""
        if self.step_axis is STEPS:
            return ""
        return "steps by time" if self.step_axis is CLOCK else f"by {self.step_axis.name}"

    def _action_step_axis(self) -> None:
        self.read_times()
        known = self.pace.axes
        names = [axis.name for axis in known]
        at = names.index(self.step_axis.name) if self.step_axis.name in names else -1
        self.step_axis = known[(at + 1) % len(known)]
        self._axes_changed()

    # Smoothing

    def smoothed(self, curves: Iterable[Curve]) -> tuple[Curve, ...]:
        """``curves`` as they are drawn: each average over the losses it is of, which are faint."""
        return tuple(one for curve in curves for one in self._with_average(curve))

    def _with_average(self, curve: Curve) -> list[Curve]:
        average = None if curve.dotted else self._average_of(curve.source)
        if average is None:
            return [curve]
        return [replace(curve, faint=True), replace(curve, source=average, smooth=True)]

    def _average_of(self, source: Source) -> SmoothedCurve | None:
        if self.strength is None:
            return None
        from zgtui.curves.smoothing import LossRow, SmoothedCurve  # noqa: PLC0415 - see difference

        if not isinstance(source, LossRow):
            return None
        average = self._smoothed.get(source)
        if average is None:
            average = self._smoothed[source] = SmoothedCurve(source, self.strength)
        average.catch_up()
        return average if average.kept else None

    def smoothing_words(self, chart: LossChart) -> str:
        """How strongly ``chart`` is smoothed, and how far where that takes time; else empty."""
        if self.strength is None:
            return ""
        from zgtui.curves.smoothing import SmoothedCurve  # noqa: PLC0415 - see difference

        averages = [one.source for one in chart.curves if isinstance(one.source, SmoothedCurve)]
        if not averages:
            return "not smoothed: not every loss is kept" if chart.curves else ""
        share = min(one.share for one in averages)
        return f"smoothed {self.strength:g}" + (f" ({share:.0%})" if share < 1 else "")

    def _action_smooth(self) -> None:
        self._smooth(self._usual_strength if self.strength is None else None)

    def _action_strength(self, more: int) -> None:
        if self.strength is None:
            self._smooth(self._usual_strength)
            return
        from zgtui.curves.smoothing import STRENGTHS  # noqa: PLC0415 - see difference

        at = STRENGTHS.index(self.strength) + more
        self._usual_strength = STRENGTHS[min(max(0, at), len(STRENGTHS) - 1)]
        self._smooth(self._usual_strength)

    def _smooth(self, strength: float | None) -> None:
        if strength != self.strength:
            self.strength = strength
            self._smoothed.clear()
        self.update_all()

    # What is shown of runs and losses

    def on_mouse_chart_zoomed(self, event: MouseChart.Zoomed) -> None:
        """The wheel was turned over a chart."""
        if event.step is None:
            event.chart.scale.zoom(event.factor, event.share)
            self._axes_changed()
        else:
            self._zoom_steps(event.factor, event.step)

    def on_mouse_chart_moved(self, event: MouseChart.Moved) -> None:
        """A chart was dragged."""
        if event.chart.scale.chosen is not None:
            event.chart.scale.move(event.losses)
        self._show_steps(self.shown.moved(event.steps, self.run_limits, self.last_step))

    def on_mouse_chart_selected(self, event: MouseChart.Selected) -> None:
        """A window was chosen with the mouse, or the whole run."""
        if event.steps is None:
            self._show_whole_runs()
        else:
            chosen = ShownSteps("window", event.steps.low, event.steps.high)
            self._show_steps(chosen.kept_in(self.run_limits))

    def _show_whole_runs(self) -> None:
        for scale in self._scales.values():
            scale.refit()
        self._show_steps(ShownSteps())

    def _action_whole_run(self) -> None:
        self._show_whole_runs()

    def _show_steps(self, shown: ShownSteps) -> None:
        self.shown = shown
        self._axes_changed()

    def _zoom_steps(self, factor: float, at: float) -> None:
        self._show_steps(self.shown.zoomed(factor, at, self.run_limits, self.last_step))

    def _action_zoom(self, factor: float) -> None:
        """Around the crosshair where it can be seen, else the newest step or the middle."""
        now = self.shown.limits(self.run_limits, self.last_step)
        wanted = self.crosshair.step if self.crosshair.pinned else None
        if wanted is None or not now.low <= wanted <= now.high:
            last = float(self.last_step)
            wanted = last if now.low < last <= now.high else (now.low + now.high) / 2
        before = self.shown
        self._zoom_steps(factor, wanted)
        if self.shown == before:
            some = f"All {self.step_word}s are already shown." if factor > 1 else ""
            self.notify(some or f"Fewer {self.step_word}s cannot be shown.")

    def _action_pan(self, share: float) -> None:
        before = self.shown
        self._show_steps(before.moved(share, self.run_limits, self.last_step))
        if before.kind == "run":
            self.notify(f"All {self.step_word}s are shown: {{key:zoom-in}} zooms in.")
        elif self.shown == before:
            which = "earlier" if share < 0 else "later"
            self.notify(f"There are no {which} {self.step_word}s.")

    def _action_follow(self) -> None:
        self._show_steps(self.shown.follow(self.run_limits, self.last_step))

    def _action_zoom_losses(self, factor: float) -> None:
        for scale in {id(chart.scale): chart.scale for chart in self._zoomed_charts}.values():
            scale.zoom(factor, 0.0 if factor < 1 and scale.chosen is None else 0.5)
        self._axes_changed()

    def _action_move_cursor(self, up: int, _right: int) -> None:
        for scale in {id(chart.scale): chart.scale for chart in self._zoomed_charts}.values():
            scale.move(up * LOSSES_MOVE)
        self._axes_changed()

    @property
    def _zoomed_charts(self) -> list[LossChart]:
        """That of the pane with the focus where it has an axis of its own, else all."""
        focused = [pane.chart for pane in self.panes if pane.has_focus]
        return focused if self.own_axes and focused else self.charts

    @property
    def run_limits(self) -> Limits:
        """The step axis of the longest run."""
        return max(
            (one.run_limits for one in self.charts),
            key=lambda one: one.high,
            default=Limits(0.0, 1.0),
        )

    @property
    def last_step(self) -> int:
        """The newest step of any curve."""
        return max((curve.source.steps for curve in self.named_curves()), default=0)

    @property
    def window(self) -> Limits | None:
        """The steps shown; None for whole runs."""
        if self.shown.kind == "run":
            return None
        return self.shown.limits(self.run_limits, self.last_step)

    def _axes_changed(self) -> None:
        self.redraw()
        self.update_all()
