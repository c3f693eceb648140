"""Accumulation as it was seen: the backwards of one line that each step applies together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.check.recording.contributions import MAX_TOGETHER
from zgtui.check.timeline import HAND

if TYPE_CHECKING:
    from zgtui.check.observations import LossSeen
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace
    from zgtui.instrument.sites import Site

TWICE = 2
"""A step with fewer backwards than these accumulates nothing."""
EQUAL = 1e-6


@dataclass(frozen=True)
class Window:
    """A step and the losses of the micro-batches that it applied, in their order."""

    step: Step
    losses: tuple[LossSeen, ...]

    @property
    def size(self) -> int:
        """How many micro-batches."""
        return len(self.losses)


@dataclass(frozen=True)
class Accumulation:
    """The steps of a training that accumulates; ``size`` is that of most of its windows."""

    windows: tuple[Window, ...]
    backward: Site
    stack: int
    rescaled: bool = False
    """Whether gradients were scaled by hand: then nothing tells how their sum is."""

    @property
    def size(self) -> int:
        """The most frequent size of a window; of equally frequent ones the smallest."""
        counts = Counter(window.size for window in self.windows)
        most = max(counts.values())
        return min(size for size, count in counts.items() if count == most)

    @property
    def full(self) -> list[Window]:
        """The windows of that size."""
        return [window for window in self.windows if window.size == self.size]

    @property
    def is_steady(self) -> bool:
        """Whether most windows are of that size, and it is an accumulation."""
        return self.size >= TWICE <= len(self.full) and TWICE * len(self.full) >= len(self.windows)


def accumulation_of(trace: ProcessTrace, training: TrainingTrace) -> Accumulation | None:
    """The windows of ``training``; None where anything else than accumulation explains them.

    All that its steps apply has to come from one line, called from one place, with losses that
    reach the same parameters. Where others train beside it, they have to apply the same.
    """
    if training.name in {HAND, "LBFGS"} or not _is_alone(trace, training):
        return None
    windows = []
    for step in training.judged:
        if not step.origins or any(step.left.values()) or step.seen.lent:
            return None
        if len(step.origins) >= MAX_TOGETHER or not _is_of_one_kind(trace, training, step):
            return None
        windows.append(Window(step, tuple(trace.losses[one] for one in sorted(step.origins))))
    stacks = {trace.origins[one].stack for window in windows for one in window.step.origins}
    if len(stacks) != 1 or max(window.size for window in windows) < TWICE:
        return None
    last = trace.origins[windows[-1].losses[-1].origin]
    rescaled = any(window.step.seen.rescaled for window in windows)
    return Accumulation(tuple(windows), last.site, last.stack, rescaled)


def _is_alone(trace: ProcessTrace, training: TrainingTrace) -> bool:
    """Whether every other optimizer that steps applies the same backwards together."""
    own = _applied(training)
    return all(_applied(other) in (own, set()) for other in trace.trainings)


def _applied(training: TrainingTrace) -> set[frozenset[int]]:
    return {frozenset(step.origins) for step in training.judged}


def _is_of_one_kind(trace: ProcessTrace, training: TrainingTrace, step: Step) -> bool:
    """Whether the backwards that ``step`` applies are alike: parts of one batch, it may be."""
    own = set(training.leaves)
    reached = set()
    for number in step.origins:
        origin = trace.origins.get(number)
        if origin is None or origin.way != "backward" or number not in trace.losses:
            return False
        reached.add(frozenset(own & set(origin.leaves)))
    return len(reached) == 1


def is_about(value: float, other: float) -> bool:
    """Whether two numbers are equal but for their last digits."""
    return abs(value - other) <= EQUAL * abs(other)
