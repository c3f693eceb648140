"""Where the replay of a table stands: which of its steps are shown, and how that moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from zgtui.config.settings import SPEEDS, next_speed
from zgtui.curves.trace import Trace

REPLAY_SECONDS = 20
JUMPS = 50
"""Jumps from one end to the other."""


class Replay:
    """Shows the steps up to ``position``; None shows all, also those still to come.

    ``traces`` hands out the curves that are shown. ``speed`` is in steps a second, 0 without
    limit; None leaves it to the length of the table.
    """

    def __init__(self, traces: Callable[[], Sequence[Trace]], speed: float | None) -> None:
        self.position: float | None = None
        self._chosen = speed
        self.direction = 0
        """1 forward, -1 backwards, 0 paused."""
        self._traces = traces

    @property
    def speed(self) -> float:
        """Steps a second; until it is chosen, what shows everything in some twenty seconds."""
        if self._chosen is not None:
            return self._chosen
        span = self.last - self.first
        return next((speed for speed in SPEEDS if speed * REPLAY_SECONDS >= span), SPEEDS[-2])

    @property
    def limit(self) -> float:
        """The last step shown."""
        return math.inf if self.position is None else self.position

    @property
    def first(self) -> float:
        """The lowest step there is."""
        return min(
            (step for trace in self._traces() if (step := trace.first_step) is not None), default=0
        )

    @property
    def last(self) -> float:
        """The highest step there is."""
        return max(
            (step for trace in self._traces() if (step := trace.last_step) is not None), default=0
        )

    def play(self, direction: int) -> None:
        """Move on by itself, or stop where it moves that way already; from the ends, begin anew."""
        if self.direction == direction:
            self.direction = 0
            return
        self.direction = direction
        if direction > 0 and self.position is None:
            self.position = self.first
        elif direction < 0 and self.limit <= self.first:
            self.position = self.last

    def advance(self, seconds: float) -> None:
        """Move as far as ``seconds`` of playing do; at an end it stops."""
        if not self.direction:
            return
        here = min(self.limit, self.last)
        self._move_to(here + self.direction * (self.speed * seconds if self.speed else math.inf))
        if self.position is None or self.position <= self.first:
            self.direction = 0

    def step(self, direction: int) -> None:
        """One step on or back, to the next that there is; pauses."""
        self.direction = 0
        here = min(self.limit, self.last)
        if direction > 0:
            steps = [trace.step_after(here) for trace in self._traces()]
            self._move_to(min((step for step in steps if step is not None), default=math.inf))
        else:
            steps = [trace.step_before(here) for trace in self._traces()]
            self._move_to(max((step for step in steps if step is not None), default=self.first))

    def jump(self, direction: int) -> None:
        """A fiftieth of all steps on or back, to a step that there is."""
        here = min(self.limit, self.last)
        target = here + direction * (self.last - self.first) / JUMPS
        beyond = math.nextafter(target, math.inf)
        steps = [trace.step_before(beyond) for trace in self._traces()]
        reached = max((step for step in steps if step is not None), default=self.first)
        if reached == here:
            playing = self.direction
            self.step(direction)
            self.direction = playing
        else:
            self._move_to(reached)

    def start(self) -> None:
        """The first step alone."""
        self.position, self.direction = self.first, 0

    def finish(self) -> None:
        """Everything."""
        self.position, self.direction = None, 0

    def change_speed(self, direction: int) -> None:
        """The next higher speed, without limit at last, or the next lower one."""
        self._chosen = next_speed(self.speed, direction)

    def _move_to(self, step: float) -> None:
        self.position = None if step >= self.last else max(step, self.first)
