"""The optimizers of a script: each has a number, a place where it was made, and parameters."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.check.observations import LeavesNamed, OptimizerMade
from zgtui.check.recording.contributions import NOTHING
from zgtui.check.recording.leaves import names_of_parameters
from zgtui.instrument.sites import innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.check.recording.ledger import Ledger
    from zgtui.instrument.sites import Site

NAMINGS = 6
"""Layers that come while it trains are looked for so often: it takes a while."""
TRIES = 6
"""An optimizer that has not stepped while its parameters were moved so often is no longer waited
for: the script moves them itself."""


@dataclass(eq=False)
class TrackedOptimizer:
    """One optimizer, its number, and where it was made."""

    number: int
    optimizer: weakref.ref[Optimizer]
    site: Site | None
    steps: int = 0

    def params(self) -> list[Tensor]:
        """Its parameters, in the order of their groups."""
        optimizer = self.optimizer()
        groups = [] if optimizer is None else optimizer.param_groups
        return [param for group in groups for param in group["params"]]


class TrackedOptimizers:
    """Numbers them as they are made, or first seen."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._made = ledger, 0
        self._newest, self._namings = 0, 0
        self._tracked: weakref.WeakKeyDictionary[Optimizer, TrackedOptimizer] = (
            weakref.WeakKeyDictionary()
        )

    def get(self, optimizer: Optimizer) -> TrackedOptimizer | None:
        """None of one that was not seen before."""
        return self._tracked.get(optimizer)

    def __bool__(self) -> bool:
        return bool(self._tracked)

    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self._tracked) > 1

    def params(self) -> Iterator[Tensor]:
        """The parameters of all of them."""
        for tracked in list(self._tracked.values()):
            yield from tracked.params()

    def owners(self) -> dict[int, int]:
        """A bit for the number of each optimizer that has it, by ``id`` of the parameter."""
        found: dict[int, int] = {}
        for tracked in list(self._tracked.values()):
            for param in tracked.params():
                found[id(param)] = found.get(id(param), 0) | 1 << tracked.number
        return found

    def add(self, optimizer: Optimizer, *, alone: bool = True) -> TrackedOptimizer:
        """Tell of it, with the parameters that it has now; what they hold if this thread is alone.

        Another may be at their gradients.
        """
        tracked = self._tracked.get(optimizer)
        if tracked is None:
            self._made += 1
            tracked = TrackedOptimizer(self._made, weakref.ref(optimizer), site_of(innermost()))
            self._tracked[optimizer] = tracked
        for param in tracked.params():
            self._ledger.parameters.add(param)
            if alone:
                self._know(param)
        self._tell(optimizer, tracked)
        return tracked

    def forget_site(self, optimizer: Optimizer) -> None:
        """Where it was made was not seen."""
        self._tracked[optimizer].site = None
        self._tell(optimizer, self._tracked[optimizer])

    def _know(self, param: Tensor) -> None:
        grad = param.grad
        if grad is not None and self._ledger.taint.read(grad) is None:
            self._ledger.taint.write(grad, NOTHING, gradient=True)  # from before: not judged

    def _tell(self, optimizer: Optimizer, tracked: TrackedOptimizer) -> None:
        leaves = tuple(map(self._ledger.leaves.number, tracked.params()))
        name = type(optimizer).__name__
        self._ledger.tell(OptimizerMade(tracked.number, name, leaves, tracked.site))

    def tell_names(self, tracked: TrackedOptimizer) -> None:
        """Tell the names of its parameters, which only the modules know.

        Told with them are the names of what else was reached: layers that took another's place.
        """
        for param in tracked.params():
            self._ledger.leaves.number(param)
        self._tell_names()

    def tell_new_names(self, newest: int) -> None:
        """Tell names once more where ``newest`` is the number of a parameter come since."""
        if newest > self._newest and self._namings < NAMINGS:
            self._namings += 1
            self._tell_names()

    def _tell_names(self) -> None:
        self._newest = self._ledger.leaves.newest
        found = self._ledger.leaves.named(names_of_parameters())
        if found:
            self._ledger.tell(LeavesNamed(tuple(found), tuple(found.values())))

    def wait_for(self, leaf: int, times: int) -> bool:
        """Whether one of them has this leaf and steps, or may yet do so."""
        return any(
            (tracked.steps or times < TRIES)
            and any(self._ledger.leaves.known(param) == leaf for param in tracked.params())
            for tracked in self._tracked.values()
        )
