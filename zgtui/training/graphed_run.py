"""The steps of one run as graphs: captured once for each way to step, then replayed.

A graph holds the addresses of tensors and the values of plain numbers. So gradients and momentum
keep their places here, the rate is part of what a graph is known by, and clearing fills with zeros
what `zero_grad` would drop: the first gradient is then added to zero, which changes no number.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

if TYPE_CHECKING:
    from zgtui.training.capturers import ArrivingLosses, Capturer, Work
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

    Batch = Callable[[int], tuple[Tensor, Tensor]]

MOST_GRAPHS = 16
"""Kept for each run; those that were not needed for longest are dropped."""


class NotCapturableError(Exception):
    """Steps cannot be captured; the message is one sentence."""


class StepVariant(NamedTuple):
    """One way to step: ``clears`` before each of ``steps``, at the rate ``lr``."""

    clears: bool
    steps: int
    lr: float


class GraphedRun:
    """Steps ``run``, which has done some steps by itself, through graphs.

    ``batch`` returns the inputs and targets of the step with a number from 0, always from the same
    places. At most ``longest`` steps are captured as one.
    """

    def __init__(
        self, run: Run, criterion: Criterion, batch: Batch, capturer: Capturer, longest: int
    ) -> None:
        self._run, self._criterion, self._batch = run, criterion, batch
        self._capturer = capturer
        self._parameters = list(run.model.parameters())
        self._gradients = [
            None if p.grad is None else p.grad.detach().clone() for p in self._parameters
        ]
        self._memory = [
            {name: value.detach().clone() for name, value in self._remembered(p)}
            for p in self._parameters
        ]
        device = self._parameters[0].device
        self._losses = torch.zeros(longest, dtype=torch.float64, device=device)
        self._graphs: OrderedDict[StepVariant, Work] = OrderedDict()

    def _remembered(self, parameter: Tensor) -> Iterator[tuple[str, Tensor]]:
        state = self._run.optimizer.state.get(parameter, {})
        return ((name, value) for name, value in state.items() if isinstance(value, Tensor))

    @torch.no_grad()
    def adopt(self) -> bool:
        """Put what steps outside of graphs have replaced back into its place.

        False where there is less or more than when this was made: a step by itself comes first.
        """
        for parameter, own, memory in zip(
            self._parameters, self._gradients, self._memory, strict=True
        ):
            present = dict(self._remembered(parameter))
            if (parameter.grad is None) != (own is None) or present.keys() != memory.keys():
                return False
            if own is not None and parameter.grad is not None and parameter.grad is not own:
                own.copy_(parameter.grad)
                parameter.grad = own
            for name, value in present.items():
                if value is not memory[name]:
                    memory[name].copy_(value)
                    self._run.optimizer.state[parameter][name] = memory[name]
        return True

    def prepare(self, *, clears: bool, steps: int) -> None:
        """Have graphs for ``steps``, with and without clearing, so that a toggle needs none.

        Raises:
            NotCapturableError: if that cannot be; the run is as it was.
        """
        for clearing in (not clears, clears):
            way = self._way(clears=clearing, steps=steps)
            if way not in self._graphs:
                self._graphs[way] = self._captured(way)
            self._graphs.move_to_end(way)
        while len(self._graphs) > MOST_GRAPHS:
            self._graphs.popitem(last=False)

    def replay(self, *, clears: bool, steps: int) -> ArrivingLosses:
        """Do ``steps`` that were prepared; returns their losses, oldest first."""
        self._graphs[self._way(clears=clears, steps=steps)]()
        return self._capturer.send(self._losses[:steps])

    def _way(self, *, clears: bool, steps: int) -> StepVariant:
        return StepVariant(clears, steps, self._run.optimizer.param_groups[0]["lr"])

    def _steps(self, way: StepVariant) -> None:
        """What is captured: `train_step`, as often as ``way`` says."""
        optimizer, model = self._run.optimizer, self._run.model
        for at in range(way.steps):
            inputs, targets = self._batch(at)
            if way.clears:
                optimizer.zero_grad(set_to_none=False)
            loss = self._criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            self._losses[at].copy_(loss.detach())

    def _captured(self, way: StepVariant) -> Work:
        """A graph that was seen to do the same as the steps themselves; nothing has changed."""
        work = partial(self._steps, way)
        before = self._copies()
        try:
            self._capturer.warm_up(work)
            expected = self._copies()
            self._put_back(before)
            replay = self._capturer.capture(work)
            self._put_back(before)
            replay()
            same = all(map(_identical, self._copies(), expected))
        except RuntimeError as error:
            first = str(error).strip().partition("\n")[0]
            raise NotCapturableError(f"a step cannot be captured: {first}") from error
        finally:
            self._put_back(before)
        if not same:
            raise NotCapturableError("a captured step does not do the same as the step itself")
        return replay

    def _tensors(self) -> list[Tensor]:
        """All that a step writes."""
        return [
            *(parameter.detach() for parameter in self._parameters),
            *self._run.model.buffers(),
            *(own for own in self._gradients if own is not None),
            *(tensor for memory in self._memory for tensor in memory.values()),
            self._losses,
        ]

    def _copies(self) -> list[Tensor]:
        return [tensor.clone() for tensor in self._tensors()]

    @torch.no_grad()
    def _put_back(self, copies: list[Tensor]) -> None:
        for tensor, content in zip(self._tensors(), copies, strict=True):
            tensor.copy_(content)


def _identical(first: Tensor, second: Tensor) -> bool:
    """Number for number; a nan is one."""
    return bool(((first == second) | (first.isnan() & second.isnan())).all())
