"""The policies: what is done so that gradients are cleared as a run's policy says.

``as-is`` does nothing. ``never`` forbids ``zero_grad()`` and filling a gradient with zeros, and
puts back, before the next backward or step, a gradient that was set to None or replaced by
zeros: the script trains as it would with its clearing lines deleted. ``every`` clears before a
backward what the optimizer has already applied, and puts back what was cleared between the
backward and the step: the script trains as it would with its clearing written correctly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.scripts.instrument import Instrument
from zgtui.scripts.observer import Backward, Clear, Observer
from zgtui.scripts.registry import is_zero

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor
    from torch.optim import Optimizer


class AsIs(Observer):
    """Leaves everything alone; counts what a policy had to change."""

    def __init__(self, instrument: Instrument, tell: Callable[[str], None]) -> None:
        """``tell`` is told what could not be done."""
        self.registry = instrument.registry
        self.interventions = 0
        """Parameters whose gradient was cleared or kept against the script, over all steps."""
        self._tell = tell

    def takes_over(self, interventions: int) -> None:
        """Begin between two steps, after another policy made ``interventions``."""
        self.interventions = interventions
        for watched in self.registry.watched():
            watched.forget()


class Never(AsIs):
    """Undoes every clearing."""

    def takes_over(self, interventions: int) -> None:
        """Hold what gradients there are now."""
        super().takes_over(interventions)
        self._hold()

    def backward_begins(self, call: Backward) -> None:
        """Put back what was cleared since the last backward or step."""
        self._look_for_zeros()
        self._put_back()
        if not self.registry.has_optimizer:
            self.registry.set_leaves(call.tensors)

    def backward_ended(self, call: Backward) -> None:
        """Hold the gradients as they are now."""
        self._hold()

    def step_begins(self, optimizer: Optimizer) -> None:
        """Put back what was cleared between the backward and the step."""
        self._put_back()

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """Hold the gradients as they are now; from here to the backward nothing should change."""
        self._hold()
        for watched in self.registry.watched():
            watched.versions = _versions(watched.held)

    def allows(self, clear: Clear) -> bool:
        """No clearing is let through; it counts where there was something to clear."""
        for watched in self.registry.watched():
            params = watched.params()
            if not clear.takes(watched, params):
                params = [param for param in params if id(param) in clear.params]
            if any(param.grad is not None for param in params):
                self.interventions += 1
        return False

    def _hold(self) -> None:
        for watched in self.registry.watched():
            watched.held = [param.grad for param in watched.params()]
            watched.versions = []

    def _put_back(self) -> None:
        for watched in self.registry.watched():
            pairs = list(zip(watched.params(), watched.held, strict=False))
            if all(param.grad is held for param, held in pairs):
                continue
            for param, held in pairs:
                now = param.grad
                gone = held is not None and now is not held and (now is None or is_zero(now))
                if gone:
                    param.grad = held
                    self.interventions += 1

    def _look_for_zeros(self) -> None:
        """Zeros written over a gradient by a call that is not wrapped cannot be undone."""
        for watched in self.registry.watched():
            now = _versions(watched.held)
            if not watched.versions or now == watched.versions:
                continue
            triples = zip(watched.held, now, watched.versions, strict=True)
            changed = [held for held, new, old in triples if held is not None and new != old]
            if any(is_zero(held) for held in changed):
                self._tell(
                    "the script filled a gradient with zeros in a way that could not be undone:"
                    " this run is not quite 'never'"
                )


def _versions(grads: list[Tensor | None]) -> list[int]:
    """How often each gradient was written to, 0 where there is none."""
    return [0 if grad is None else grad._version for grad in grads]  # noqa: SLF001 - torch documents it and gives it no other name
