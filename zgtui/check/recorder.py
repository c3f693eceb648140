"""Records what each gradient holds while a script trains: the observer behind `zgtui check`."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING

from zgtui.check.followed import (
    Gradient,
    TrackedOptimizer,
    holdings_of,
    identity_of,
    names_of_parameters,
)
from zgtui.check.observations import (
    FILE,
    BackwardSeen,
    ClearSeen,
    Observation,
    ObservationLost,
    OptimizerMade,
    StepSeen,
    to_line,
)
from zgtui.instrument.observer import Backward, Clear, Observer
from zgtui.instrument.registry import is_zero
from zgtui.instrument.sites import innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.instrument import Instrument
    from zgtui.instrument.protocol import RunSpec
    from zgtui.instrument.sites import Site, Stack


class Recorder(Observer):
    """Tells ``sink`` every observation, in order."""

    def __init__(self, sink: Callable[[Observation], None]) -> None:
        self._sink = sink
        self._followed: weakref.WeakKeyDictionary[Optimizer, TrackedOptimizer] = (
            weakref.WeakKeyDictionary()
        )
        self._backwards = 0
        self._optimizers = 0
        self._stacks: dict[Stack, int] = {}
        self._inside: list[TrackedOptimizer] = []
        self._wrapping: set[int] = set()
        self._running = False
        self._added: set[int] = set()

    def off(self, reason: str) -> None:
        """Tell that nothing more will be seen."""
        self._sink(ObservationLost(reason))

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """Number it."""
        followed = self._followed.get(optimizer)
        if followed is None:
            self._optimizers += 1
            followed = TrackedOptimizer(self._optimizers, weakref.ref(optimizer))
            self._followed[optimizer] = followed
            for param, gradient in followed.pairs():
                gradient.seen = identity_of(param)  # what was there before is not judged
        self._made(optimizer, followed)

    def _made(
        self, optimizer: Optimizer, followed: TrackedOptimizer, names: tuple[str, ...] = ()
    ) -> None:
        own = {id(param) for param, _ in followed.pairs()}
        shared = tuple(
            other.number
            for other in self._followed.values()
            if other is not followed and not own.isdisjoint(id(param) for param, _ in other.pairs())
        )
        kind = type(optimizer).__name__
        self._sink(OptimizerMade(followed.number, kind, len(own), names, shared))

    def backward_begins(self, call: Backward) -> None:
        """Find what was cleared by hand, so that only what this backward adds is new after it."""
        for followed in list(self._followed.values()):
            self._look(followed)
            for param, gradient in followed.pairs():
                if gradient.applied and not gradient.fresh and _zero(param):
                    gradient.clear()  # by a way of writing that nothing tells of
        self._backwards += 1
        self._running = True

    def backward_ended(self, call: Backward) -> None:
        """Whatever changed was added to."""
        for followed in list(self._followed.values()):
            self._add(followed)
        self._running, added = False, sorted(self._added)
        self._added.clear()
        stack = self._stacks.setdefault(call.stack, len(self._stacks) + 1)
        site = site_of(call.frame)
        self._sink(BackwardSeen(self._backwards, site, stack, tuple(added)))

    def _add(self, followed: TrackedOptimizer) -> None:
        """What has changed since it was looked at was added by the backward that runs."""
        for param, gradient in followed.pairs():
            now = identity_of(param)
            if now != gradient.seen and now[0]:
                if self._backwards not in gradient.fresh:
                    gradient.fresh.append(self._backwards)
                self._added.add(followed.number)
            gradient.seen = now

    def step_begins(self, optimizer: Optimizer) -> None:
        """Note what is going to be applied."""
        if optimizer not in self._followed:
            self.optimizer_made(optimizer)
        followed = self._followed[optimizer]
        if not followed.steps:
            self._names(optimizer, followed)
        if followed in self._inside:  # an earlier step of it ended by an exception
            del self._inside[self._inside.index(followed) :]
        self._wrapping.update(outer.number for outer in self._inside)
        self._inside.append(followed)
        if self._running:  # a step in a hook of the backward
            self._add(followed)
        else:
            self._look(followed)
            self._look_closer(followed)
        followed.site, followed.closures = site_of(innermost()), 0
        followed.held = holdings_of(followed)

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """The optimizer has used the gradients of one evaluation when it asks for another."""
        followed = self._followed[optimizer]
        followed.closures = evaluation
        if evaluation > 1:
            for _, gradient in followed.pairs():
                gradient.apply()

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """The gradients have been applied."""
        followed = self._followed[optimizer]
        if followed in self._inside:
            del self._inside[self._inside.index(followed) :]
        if followed.closures:
            followed.held = holdings_of(followed)
        self._seen(followed, skipped=False)
        for param, gradient in followed.pairs():
            gradient.apply()
            gradient.seen = identity_of(param)

    def step_skipped(self, optimizer: Optimizer) -> None:
        """The gradients were not applied, and are not meant to be."""
        followed = self._followed.get(optimizer)
        if followed is not None:
            followed.site, followed.held = site_of(innermost()), holdings_of(followed)
            self._seen(followed, skipped=True)
            for _, gradient in followed.pairs():
                gradient.leave_out()

    def _seen(self, followed: TrackedOptimizer, *, skipped: bool) -> None:
        followed.steps += 1
        assert followed.site is not None
        wraps = followed.number in self._wrapping
        self._wrapping.discard(followed.number)
        self._sink(
            StepSeen(
                followed.number,
                followed.steps,
                followed.site,
                self._backwards,
                followed.held,
                skipped,
                wraps,
            )
        )

    def allows(self, clear: Clear) -> bool:
        """Note what is going to be cleared; everything is let through."""
        site = site_of(innermost())
        for followed in list(self._followed.values()):
            hit = [
                (index, gradient)
                for index, (param, gradient) in enumerate(followed.pairs())
                if id(param) in clear.params
            ]
            self._cleared(followed, clear.how, site, hit)
            for param, gradient in followed.pairs():
                if id(param) in clear.params and not clear.in_place:
                    gradient.seen = (0, 0)
                elif id(param) in clear.params:
                    # The fill is one more write; what it leaves is not looked for.
                    identity, version = identity_of(param)
                    gradient.seen = (identity, version + 1) if identity else (0, 0)
        return True

    def _look(self, followed: TrackedOptimizer) -> None:
        """Find gradients that were taken away or replaced since they were last looked at."""
        gone = []
        for index, (param, gradient) in enumerate(followed.pairs()):
            now = identity_of(param)
            if now[0] != gradient.seen[0]:
                grad = param.grad
                if grad is None or is_zero(grad):
                    if gradient.seen[0]:
                        gone.append((index, gradient))
                else:
                    gradient.clear()
                    gradient.by_hand = True
            elif now != gradient.seen and gradient.applied and not gradient.fresh:
                # Written to in place after a step: with zeros, or with what cannot be known.
                grad = param.grad
                assert grad is not None
                if is_zero(grad):
                    gone.append((index, gradient))
                else:
                    gradient.by_hand = True
            elif now != gradient.seen and gradient.discarded:
                # Clipped, or what was cleared has been written back: the two look alike.
                gradient.by_hand = True
            gradient.seen = now
        self._cleared(followed, "none", None, gone)

    def _look_closer(self, followed: TrackedOptimizer) -> None:
        """Before a step: a gradient that no backward added to, and is not zero, was written."""
        for param, gradient in followed.pairs():
            held = gradient.fresh or gradient.applied or gradient.by_hand
            if gradient.discarded and not held and param.grad is not None:
                gradient.by_hand = not is_zero(param.grad)

    def _cleared(
        self,
        followed: TrackedOptimizer,
        how: str,
        site: Site | None,
        hit: list[tuple[int, Gradient]],
    ) -> None:
        if hit:
            thrown = sorted({number for _, gradient in hit for number in gradient.clear()})
            params = tuple(index for index, _ in hit)
            self._sink(
                ClearSeen(
                    followed.number,
                    how,
                    site,
                    params,
                    self._backwards,
                    followed.steps,
                    tuple(thrown),
                )
            )

    def _names(self, optimizer: Optimizer, followed: TrackedOptimizer) -> None:
        """Tell the names of its parameters, which only the modules know."""
        names = names_of_parameters()
        found = tuple(names.get(id(param), "") for param, _ in followed.pairs())
        if any(found):
            self._made(optimizer, followed, found)


def _zero(param: Tensor) -> bool:
    return param.grad is not None and is_zero(param.grad)


def make(_instrument: Instrument, spec: RunSpec) -> Recorder:
    """A recorder that appends to the run's own folder."""
    return Recorder(_File(spec.own))


class _File:
    """A file for each process: `FILE` for the first that has something to tell."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._pid, self._descriptor = folder, 0, -1

    def __call__(self, observation: Observation) -> None:
        if os.getpid() != self._pid:
            self._pid, path = os.getpid(), self._folder / FILE
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            try:
                self._descriptor = os.open(path, flags | os.O_EXCL, 0o600)
            except FileExistsError:
                own = path.with_name(f"{path.stem}.{self._pid}{path.suffix}")
                self._descriptor = os.open(own, flags, 0o600)
        os.write(self._descriptor, to_line(observation).encode())
