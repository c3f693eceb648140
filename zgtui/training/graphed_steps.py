"""Steps of all runs that a GPU does by itself, many at a time: for small models Python is too slow.

Each run has graphs of its own, so that one is changed without the others. `run` of a user's script
has nothing of this.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.optim import SGD

from zgtui.training.graphed_run import GraphedRun, NotCapturableError
from zgtui.training.joinable import joinable

if TYPE_CHECKING:
    from zgtui.training.batches import Batches
    from zgtui.training.capturers import ArrivingLosses, Capturer
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

LONGEST = 32
"""Steps in one graph, where so many are to be done; else there is one of a single step."""
SETTLED_STEPS = 64
"""Steps at the same rates before they are captured: keys may be pressed on, and that takes time."""
AHEAD = 2
"""Graphs of each run that may be under way: a change waits for no more."""


class GraphedSteps:
    """Trains all of ``runs`` on the batches of ``batches``; ``problem`` says why it does not."""

    def __init__(
        self, runs: Sequence[Run], criterion: Criterion, batches: Batches, capturer: Capturer
    ) -> None:
        self.problem = ""
        self._runs, self._criterion, self._batches = runs, criterion, batches
        self._capturer = capturer
        self._graphed: list[GraphedRun] = []
        self._rates: list[float] = []
        self._settled = 0
        """The step from which on steps at these rates are worth to be captured."""
        self._under_way: deque[ArrivingLosses] = deque()
        self._chosen = torch.zeros(
            LONGEST, batches.size, dtype=torch.int64, device=batches.inputs.device
        )
        """Which samples the batches of the steps under way are made of."""

    @classmethod
    def of(
        cls, runs: Sequence[Run], criterion: Criterion, batches: Batches, capturer: Capturer | None
    ) -> GraphedSteps | None:
        """One of ``runs``; None without a ``capturer``, and where it is not known to do the same.

        Other optimizers than SGD count their steps on the processor, which a graph would not.
        """
        known = all(type(run.optimizer) is SGD for run in runs)
        if capturer is None or not known:
            return None
        same = joinable(runs, criterion, batches.inputs.device.type)
        return cls(runs, criterion, batches, capturer) if same else None

    def train(self, step: int, room: float) -> list[tuple[int, ArrivingLosses]] | None:
        """Train all runs from ``step`` on by as many steps as a graph has, at most ``room``.

        Returns how many there were, and the losses of each run, in order; None where the next
        step has to be done by itself.
        """
        for count in (LONGEST, 1):
            clears = self._clears(step, count) if count <= room else None
            if clears is not None:
                ready = self._ready(step, clears, count)
                return [(count, one) for one in self._train(clears, count)] if ready else None
        return None

    def _clears(self, step: int, count: int) -> list[bool] | None:
        """Whether each run clears at all of ``count`` steps, or at none; else None."""
        due = [{run.clearing.due(step + at) for at in range(count)} for run in self._runs]
        return [one.pop() for one in due] if all(len(one) == 1 for one in due) else None

    def _ready(self, step: int, clears: list[bool], count: int) -> bool:
        rates = [run.optimizer.param_groups[0]["lr"] for run in self._runs]
        if rates != self._rates:
            self._rates, self._settled = rates, step + SETTLED_STEPS
        if self.problem or step < self._settled:
            return False
        if not self._graphed:
            self._graphed = [
                GraphedRun(run, self._criterion, self._batch, self._capturer, LONGEST)
                for run in self._runs
            ]
        if not all(one.adopt() for one in self._graphed):
            return False
        try:
            for one, clear in zip(self._graphed, clears, strict=True):
                one.prepare(clears=clear, steps=count)
        except NotCapturableError as error:
            self.problem = str(error)
        return not self.problem

    def _train(self, clears: list[bool], count: int) -> list[ArrivingLosses]:
        if not self._batches.full:
            chosen = [self._batches.next_indices() for _ in range(count)]
            torch.stack(chosen, out=self._chosen[:count])
        while len(self._under_way) > (AHEAD - 1) * len(self._runs):
            self._under_way.popleft().wait()
        losses = [
            one.replay(clears=clear, steps=count)
            for one, clear in zip(self._graphed, clears, strict=True)
        ]
        self._under_way += losses
        return losses

    def _batch(self, at: int) -> tuple[Tensor, Tensor]:
        if self._batches.full:
            return self._batches.inputs, self._batches.targets
        return self._batches.of(self._chosen[at])
