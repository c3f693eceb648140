"""Steps of all runs that a GPU does by itself, many at a time: for small models Python is too slow.

Each run has graphs of its own, so that one is changed without the others, and a stream of its own,
so that they go on side by side. `run` of a user's script has nothing of this.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from zgtui.training.joint.graphed_run import GraphedRun, NotCapturableError
from zgtui.training.joint.joinable import obstacle
from zgtui.training.optimizers import rate_tensor
from zgtui.training.repeatability import NOT_REPRODUCIBLE

if TYPE_CHECKING:
    from zgtui.config.settings import Settings
    from zgtui.training.batches import Batches
    from zgtui.training.joint.capturers import ArrivingLosses, Capturer
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

LONGEST = 32
"""Steps in one graph, where so many are to be done; else there is one of a single step."""
LONG_SECONDS = 0.04
"""What so many steps of all runs may take: keys wait for those under way. A GPU that takes longer
is not kept waiting by single steps."""
SETTLED_STEPS = 64
"""Steps at the same rates before they are captured: keys may be pressed on, and that takes time."""
GRAPHS_OFF = "CUDA graphs are off, training step by step"
AHEAD = 2
"""Graphs of each run that may be under way: a change waits for no more."""


class GraphedSteps:
    """Trains all of ``runs`` on the batches of ``batches``; ``remark`` says why it does not.

    ``settings`` are the filled-in ones.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        criterion: Criterion,
        batches: Batches,
        capturer: Capturer,
        settings: Settings,
    ) -> None:
        self._runs, self._criterion, self._settings = runs, criterion, settings
        self._capturers = [capturer, *(capturer.another() for _ in runs[1:])]
        self._chosen = _ChosenBatches(batches)
        self._graphed: list[GraphedRun] = []
        self._baked: list[float] = []
        """The rates that graphs hold as plain numbers."""
        self._settled = SETTLED_STEPS + 1
        """The step from which on steps at these rates are worth to be captured."""
        self._under_way: deque[ArrivingLosses] = deque()
        self._problem = self._obstacle(batches.inputs.device.type)

    def _obstacle(self, device: str) -> str:
        """Why steps will never be captured, as a clause; empty for no reason."""
        fixed = any(rate_tensor(run.optimizer) is None for run in self._runs)
        if self._settings.schedule != "constant" and fixed:
            name = type(self._runs[0].optimizer).__name__
            return f"{name} cannot read its learning rate from a tensor"
        return obstacle(self._runs, self._criterion, device)

    @property
    def remark(self) -> str:
        """Why steps are not captured, or what is not the same where they are, as one sentence."""
        if self._problem:
            return f"{GRAPHS_OFF}: {self._problem}"
        difference = max((one.difference for one in self._graphed), default=0.0)
        if not difference:
            return ""
        return (
            f"{NOT_REPRODUCIBLE}: steps replayed from graphs differ from others about as much as"
            f" those from one another (by {difference:.0e} of the largest number)"
        )

    def train(
        self, step: int, room: float, *, draws: bool | None
    ) -> list[tuple[int, ArrivingLosses]] | None:
        """Train all runs from ``step`` on by as many steps as a graph has, at most ``room``.

        ``draws``: whether the model draws random numbers; None while that is not known. Returns
        how many steps there were, and the losses of each run, in order; None where the next
        step has to be done by itself.
        """
        if draws:
            self._give_up("the model uses random numbers (dropout, for example)")
        clears = self._clears(step, 1)
        if draws is None or clears is None or not self._ready(step) or not self._have(clears, 1):
            return None
        count = 1
        many = self._clears(step, LONGEST) if room >= LONGEST and self._quick else None
        if many is not None:
            if not self._have(many, LONGEST):
                return None
            clears, count = many, LONGEST
        return [(count, one) for one in self._train(step, clears, count)]

    def _clears(self, step: int, count: int) -> list[bool] | None:
        """Whether each run clears at all of ``count`` steps, or at none; else None."""
        due = [{run.clearing.due(step + at) for at in range(count)} for run in self._runs]
        return [one.pop() for one in due] if all(len(one) == 1 for one in due) else None

    def _ready(self, step: int) -> bool:
        """Whether steps are worth to be captured, and what graphs read is where they read it."""
        rates = [run.optimizer.param_groups[0]["lr"] for run in self._runs]
        baked = [rate for rate in rates if not isinstance(rate, Tensor)]
        if baked != self._baked:
            self._baked, self._settled = baked, step + SETTLED_STEPS
        if self._problem or step < self._settled:
            return False
        with self._giving_up():
            self._graphed = self._graphed or list(map(self._make, self._runs, self._capturers))
        return bool(self._graphed) and all(one.adopt() for one in self._graphed)

    def _make(self, run: Run, capturer: Capturer) -> GraphedRun:
        clip = self._settings.clip
        return GraphedRun(run, self._criterion, self._chosen.at, capturer, LONGEST, clip)

    def _have(self, clears: list[bool], count: int) -> bool:
        """Have graphs of ``count`` steps; whether they can be."""
        with self._giving_up():
            for one, clear in zip(self._graphed, clears, strict=True):
                one.prepare(clears=clear, steps=count)
        return not self._problem

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Inside, what cannot be captured is given up; training goes on without."""
        try:
            yield
        except NotCapturableError as error:
            self._give_up(str(error))
        except torch.cuda.OutOfMemoryError:
            self._give_up("the GPU has too little memory left for them")

    def _give_up(self, problem: str) -> None:
        """The memory of what was captured is given back."""
        self._problem = problem
        self._graphed.clear()

    @property
    def _quick(self) -> bool:
        """Whether steps are so short that many of them may go on unseen."""
        return sum(one.step_seconds for one in self._graphed) * LONGEST <= LONG_SECONDS

    def _train(self, step: int, clears: list[bool], count: int) -> list[ArrivingLosses]:
        while len(self._under_way) > (AHEAD - 1) * len(self._runs):
            self._under_way.popleft().wait()
        self._chosen.choose(count)
        for capturer in self._capturers:
            capturer.begin()
        factors = [self._settings.lr_factor(step + at) for at in range(count)]
        losses = [
            one.replay(clears=clear, rates=[run.lr * factor for factor in factors])
            for one, run, clear in zip(self._graphed, self._runs, clears, strict=True)
        ]
        for capturer in self._capturers:
            capturer.join()
        self._under_way += losses
        return losses


class _ChosenBatches:
    """The batches of the steps under way, always in the same places."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        device = batches.inputs.device
        self._indices = torch.zeros(LONGEST, batches.size, dtype=torch.int64, device=device)
        """Which samples each of them is made of."""

    def choose(self, count: int) -> None:
        """Let the next ``count`` batches be those."""
        if not self._batches.full:
            chosen = [self._batches.next_indices() for _ in range(count)]
            torch.stack(chosen, out=self._indices[:count])

    def at(self, number: int) -> tuple[Tensor, Tensor]:
        """The inputs and targets of one of them, (batch, …) each; ``number`` counts from 0."""
        if self._batches.full:
            return self._batches.inputs, self._batches.targets
        return self._batches.of(self._indices[number])
