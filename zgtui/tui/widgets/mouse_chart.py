"""What the mouse does in a chart: which step it is at, and what is zoomed or dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset, Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from zgtui.charts import axes
from zgtui.charts.crosshair import near
from zgtui.charts.step_axis import STEPS, StepAxis
from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from zgtui.charts.loss_axis import LossScale
    from zgtui.charts.plot import Curve
    from zgtui.charts.step_axis import Times

WHEEL_ZOOMS, WHEEL_MOVES = 1.25, 0.1
"""One click of the wheel shows so many times as much, or moves by this share of what is shown."""


class MouseChart(Widget):
    """A chart that tells what the mouse does over its canvas; who shows it says what that means."""

    @dataclass
    class Pointed(Message):
        """The mouse is at ``step`` of ``chart``, None: at none; ``pinned`` by a click."""

        chart: MouseChart
        step: float | None
        pinned: bool = False

    @dataclass
    class Zoomed(Message):
        """``factor`` times as much is to be shown of an axis of ``chart``.

        Of the step axis around ``step``; where that is None, of the loss axis, around what lies
        ``share`` of it above its lower end.
        """

        chart: MouseChart
        factor: float
        step: float | None
        share: float

    @dataclass
    class Moved(Message):
        """The chart was dragged by so much of the steps and the losses it shows."""

        chart: MouseChart
        steps: float
        losses: float = 0.0

    @dataclass
    class Selected(Message):
        """These steps of ``chart`` are to be shown; None: the whole run."""

        chart: MouseChart
        steps: axes.Limits | None

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._has_axes = False
        self._canvas = Region()
        self._x_axis = axes.Axis(axes.fit_steps(0), ())
        self._pressed: Offset | None = None
        self._dragged = False

    @property
    def drawn_curves(self) -> Sequence[Curve]:
        """Those that it draws."""
        raise NotImplementedError

    step_axis: reactive[StepAxis] = reactive(STEPS, init=False, repaint=False)
    """What the horizontal axis counts."""

    @property
    def _times(self) -> Times | None:
        """Those of the first curve, where it has any."""
        return next((curve.times for curve in self.drawn_curves), None)

    @property
    def scale(self) -> LossScale:
        """The loss axis."""
        raise NotImplementedError

    @property
    def moves(self) -> bool:
        """Whether a part of an axis is shown, which a drag moves."""
        raise NotImplementedError

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell the step under the mouse, and how far it was dragged."""
        self.post_message(self.Pointed(self, self._step_under(event)))
        offset = event.get_content_offset_capture(self)
        if self._pressed is None or offset == self._pressed:
            return
        self._dragged = True
        if self.moves:
            by, self._pressed = offset - self._pressed, offset
            width, height = max(1, self._canvas.width - 1), max(1, self._canvas.height - 1)
            self.post_message(self.Moved(self, -by.x / width, by.y / height))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A drag may begin."""
        self._dragged = False
        if event.button == 1 and self._step_under(event) is not None:
            self._pressed = event.get_content_offset_capture(self)
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """It ends; of a whole run it has chosen a window."""
        if self._pressed is None:
            return
        pressed, self._pressed = self._pressed, None
        self.release_mouse()
        if not self._dragged or self.moves:
            return
        ends = sorted(map(self._step_at, (pressed.x, event.get_content_offset_capture(self).x)))
        if ends[0] < ends[1]:
            self.post_message(self.Selected(self, axes.Limits(*ends)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look closer."""
        self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look from further away."""
        self._wheel(event, 1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Earlier steps."""
        event.stop()
        self.post_message(self.Moved(self, -WHEEL_MOVES))

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Later steps."""
        event.stop()
        self.post_message(self.Moved(self, WHEEL_MOVES))

    def _wheel(self, event: events.MouseEvent, direction: int) -> None:
        """Over the labels of the loss axis, or with ctrl, that is meant; with shift it moves."""
        offset = event.get_content_offset(self)
        if offset is None or not self._has_axes:
            return
        event.stop()
        if event.shift:
            self.post_message(self.Moved(self, direction * WHEEL_MOVES))
            return
        height = max(1, self._canvas.height - 1)
        share = min(max(0.0, 1 - (offset.y - self._canvas.y) / height), 1.0)
        losses = event.ctrl or offset.x < self._canvas.x
        step = None if losses else self._step_at(offset.x)
        self.post_message(self.Zoomed(self, WHEEL_ZOOMS**direction, step, share))

    def on_leave(self) -> None:
        """It is gone."""
        self.post_message(self.Pointed(self, None))

    def on_click(self, event: events.Click) -> None:
        """Pin the step under the mouse; a second click shows the whole run."""
        step = self._step_under(event)
        if self._dragged:
            return
        if event.chain == 2:
            self.post_message(self.Selected(self, None))
        elif step is not None:
            self.post_message(self.Pointed(self, step, pinned=True))

    def beside(self, step: float, columns: int) -> float | None:
        """The step with a loss that lies ``columns`` to the right of ``step``: always another one.

        None where there is none at all.
        """
        limits, direction = self._x_axis.limits, 1 if columns > 0 else -1
        by = columns * (limits.high - limits.low) / max(1, self._canvas.width - 1)
        wanted = self.step_axis.step(self._position_of(step) + by, self._times)
        found = near(self.drawn_curves, wanted)
        if found is None or (found - step) * direction > 0:
            return found
        return near(self.drawn_curves, step, direction)

    def _step_under(self, event: events.MouseEvent) -> float | None:
        offset = event.get_content_offset(self)
        if offset is None or not self._has_axes or not self._canvas.contains(*offset):
            return None
        return near(self.drawn_curves, self._step_at(offset.x))

    def _position_of(self, step: float) -> float:
        """Where ``step`` lies on the axis; that of the first curve where times differ."""
        return self.step_axis.position(step, self._times)

    def _step_at(self, x: int) -> float:
        """The step at column ``x``; at an end of the axis beyond it."""
        limits = self._x_axis.limits
        share = (x - self._canvas.x) / max(1, self._canvas.width - 1)
        position = limits.low + min(max(0.0, share), 1.0) * (limits.high - limits.low)
        return self.step_axis.step(position, self._times)
