"""The steps of one run as graphs: captured once for each way to step, then replayed.

A graph holds the addresses of tensors and the values of plain numbers. So gradients and what the
optimizer remembers keep their places here, a rate that is a plain number is part of what a graph is
known by, and clearing fills with zeros what `zero_grad` would drop: the first gradient is then
added to zero, which changes no number (a zero may lose its sign).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from zgtui.config.settings import NEVER
from zgtui.training.joint.outcomes import distance, identical
from zgtui.training.optimizers import rate_tensor
from zgtui.training.run_step import step_run

if TYPE_CHECKING:
    from zgtui.training.joint.capturers import ArrivingLosses, Capturer, Work
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

    BatchAt = Callable[[int], tuple[Tensor, Tensor]]

MAX_GRAPHS = 16
"""Kept for each run; those that were not needed for longest are dropped."""
SPREAD = 4.0
"""How many times as far as steps are from themselves, done twice, a graph may be from them."""


class NotCapturableError(Exception):
    """Steps cannot be captured; the message is one sentence."""


class StepVariant(NamedTuple):
    """One way to step: ``clears`` before each of ``steps``, each of so many micro-batches.

    ``lr`` is the rate; None where the optimizer reads it from a tensor.
    """

    clears: bool
    steps: int
    micro_batches: int
    lr: float | None


class GraphedRun:
    """Steps ``run``, which has done some steps by itself, through graphs.

    ``batch`` returns the inputs and targets of the step with a number from 0, always from the same
    places. At most ``longest`` steps are captured as one. Gradients are clipped to the norm
    ``clip``, None for none.

    Raises:
        NotCapturableError: if the optimizer remembers something elsewhere than on the device.
        torch.cuda.OutOfMemoryError: if there is no room for it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a step takes, and who captures it
        self,
        run: Run,
        criterion: Criterion,
        batch: BatchAt,
        capturer: Capturer,
        longest: int,
        clip: float | None,
    ) -> None:
        self.difference = 0.0
        """How far a graph was from its steps, relative to the largest number; mostly nothing."""
        self.step_seconds = 0.0
        """How long a step takes that was captured by itself."""
        self._run, self._criterion, self._batch, self._clip = run, criterion, batch, clip
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
        if any(value.device != device for memory in self._memory for value in memory.values()):
            raise NotCapturableError(f"{self._name} counts its steps on the CPU")
        self._losses = torch.zeros(longest, dtype=torch.float64, device=device)
        self._rate = rate_tensor(run.optimizer)
        self._rates = None if self._rate is None else self._rate.new_zeros(longest)
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
            torch.cuda.OutOfMemoryError: if there is no room for it; likewise.
        """
        for clearing in (not clears, clears):
            way = self._way(clears=clearing, steps=steps)
            if way not in self._graphs:
                self._graphs[way] = self._captured(way)
            self._graphs.move_to_end(way)
        while len(self._graphs) > MAX_GRAPHS:
            self._graphs.popitem(last=False)

    def replay(self, *, clears: bool, rates: Sequence[float]) -> ArrivingLosses:
        """Do a step at each of ``rates``, prepared before; returns their losses, oldest first.

        It goes on beside what is done outside, until the capturer joins the two.
        """
        graph = self._graphs[self._way(clears=clears, steps=len(rates))]
        if self._rates is not None:
            self._capturer.put(rates, self._rates)
        graph()
        return self._capturer.send(self._losses[: len(rates)])

    def _way(self, *, clears: bool, steps: int) -> StepVariant:
        lr = self._run.optimizer.param_groups[0]["lr"] if self._rate is None else None
        return StepVariant(clears, steps, self._run.micro_batches, lr)

    def _steps(self, way: StepVariant) -> None:
        """What is captured: the lesson, as often as ``way`` says, but for how it clears."""
        optimizer = self._run.optimizer
        for at in range(way.steps):
            batch = self._batch(at)
            if self._rate is not None and self._rates is not None:
                self._rate.copy_(self._rates[at])
            if way.clears:
                optimizer.zero_grad(set_to_none=False)
            loss = step_run(self._run, self._criterion, NEVER, 1, *batch, self._clip)
            self._losses[at].copy_(loss)

    def _captured(self, way: StepVariant) -> Work:
        """A graph that was seen to do the same as the steps themselves; nothing has changed."""
        work = partial(self._steps, way)
        by_itself = partial(self._capturer.warm_up, work)
        before, numbers = self._copies(), self._numbers()
        try:
            self._try_rates(way, 1.0)
            steps = self._outcome(before, by_itself)
            if self._numbers() != numbers:
                raise NotCapturableError(f"{self._name} keeps Python numbers in its state")
            replay = self._capturer.capture(work)
            self._compare(before, steps, by_itself, replay)
            if way.lr is None:
                self._try_rates(way, 0.5)
                self._compare(before, self._outcome(before, by_itself), by_itself, replay)
            if way.steps == 1:
                self.step_seconds = self._timed(replay)
        except torch.cuda.OutOfMemoryError:
            raise
        except RuntimeError as error:
            raise NotCapturableError(f"a step cannot be captured: {_root(error)}") from error
        finally:
            self._put_back(before)
        return replay

    @property
    def _name(self) -> str:
        return type(self._run.optimizer).__name__

    def _compare(
        self, before: list[Tensor], steps: list[Tensor], by_itself: Work, replay: Work
    ) -> None:
        """Compare what ``replay`` makes of ``before`` with ``steps``, made by what it captured."""
        graph = self._outcome(before, partial(self._replay_once, replay))
        if not identical(graph, steps):
            again = self._outcome(before, by_itself)
            self._judge(distance(graph, steps), distance(again, steps))

    def _outcome(self, before: list[Tensor], do: Work) -> list[Tensor]:
        self._put_back(before)
        do()
        return self._copies()

    def _judge(self, graph: float, steps: float) -> None:
        """Some operations of a GPU sum in no fixed order, so that no two steps are the same."""
        if graph > SPREAD * steps or math.isinf(graph):
            raise NotCapturableError("replaying the graph gives different results from eager")
        self.difference = max(self.difference, graph)

    def _replay_once(self, replay: Work) -> None:
        self._capturer.begin()
        replay()
        self._capturer.join()

    def _timed(self, replay: Work) -> float:
        """Seconds of a replay."""
        self._capturer.begin()
        self._capturer.send(self._losses).wait()
        begin = time.monotonic()
        replay()
        self._capturer.send(self._losses).wait()
        seconds = time.monotonic() - begin
        self._capturer.join()
        return seconds

    def _try_rates(self, way: StepVariant, factor: float) -> None:
        """Let each of the steps of ``way`` be done at a rate of its own."""
        if self._rates is not None:
            rates = [self._run.lr * factor / (at + 1) for at in range(way.steps)]
            self._capturer.begin()
            self._capturer.put(rates, self._rates)
            self._capturer.join()

    def _numbers(self) -> list[Any]:
        """What the optimizer remembers that is no tensor: a graph would not change it."""
        states = (self._run.optimizer.state.get(p, {}) for p in self._parameters)
        return [
            value for state in states for value in state.values() if not isinstance(value, Tensor)
        ]

    def _tensors(self) -> list[Tensor]:
        """All that a step writes."""
        return [
            *(parameter.detach() for parameter in self._parameters),
            *self._run.model.buffers(),
            *(own for own in self._gradients if own is not None),
            *(tensor for memory in self._memory for tensor in memory.values()),
            *([] if self._rate is None else [self._rate]),
            self._losses,
        ]

    def _copies(self) -> list[Tensor]:
        return [tensor.clone() for tensor in self._tensors()]

    @torch.no_grad()
    def _put_back(self, copies: list[Tensor]) -> None:
        for tensor, content in zip(self._tensors(), copies, strict=True):
            tensor.copy_(content)


def _root(error: BaseException) -> str:
    """What went wrong first: the end of a capture fails because something before it did."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error).strip().partition("\n")[0]
