"""The policy ``every``: the script's clearing, written correctly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.instrument.instrument import Instrument
from zgtui.instrument.observer import Backward, Clear, Observer
from zgtui.instrument.registry import is_zero

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor
    from torch.optim import Optimizer
from typing import TYPE_CHECKING

from zgtui.instrument.registry import Watched, is_finite, local

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.observer import Backward, Clear


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


class NeverClear(AsIs):
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
        # What no optimizer trains counts too: the script may step it by hand.
        if any(param.grad is not None for param in clear.tensors()):
            self.interventions += 1
        return False

    def _hold(self) -> None:
        for watched in self.registry.watched():
            watched.held = [param.grad for param in watched.params()]
            watched.versions = []

    def _put_back(self) -> None:
        for watched in self.registry.watched():
            for param, held in zip(watched.params(), watched.held, strict=False):
                now = param.grad
                if now is held or held is None:
                    continue
                if now is None or is_zero(now):
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
                    "the script filled a gradient with zeros in a way that could not be undone,"
                    " so this run is not exactly 'never'"
                )


def _versions(grads: list[Tensor | None]) -> list[int]:
    """How often each gradient was written to, 0 where there is none."""
    return [0 if grad is None else grad._version for grad in grads]  # noqa: SLF001 - torch documents it and gives it no other name


class AlwaysClear(AsIs):
    """Clears what was applied before the next backward adds to it."""

    def takes_over(self, interventions: int) -> None:
        """Between two steps every gradient has been applied."""
        super().takes_over(interventions)
        for watched in self.registry.watched():
            watched.stale = _marks(watched.params())

    def backward_begins(self, call: Backward) -> None:
        """Clear what is stale, and what a step of another optimizer left behind."""
        entries = self.registry.watched()
        for watched in entries:
            if watched.optimizer is None:
                watched.provisional = self._clear_stale(watched)
                self._confirm(watched)
            elif watched.stale:
                watched.provisional += self._clear_stale(watched)
            elif watched.leaked and not watched.script_clears and call.stack not in watched.leaked:
                watched.provisional += sum(
                    _clear(param, in_place=watched.in_place) for param in watched.params()
                )
                watched.pending, watched.leaked = set(), set()
            watched.zeroed = set()
            watched.held = []
            if len(entries) > 1:
                watched.versions = [_state(param) for param in watched.params()]
        if not self.registry.has_optimizer:
            self.registry.set_leaves(call.tensors)

    def _clear_stale(self, watched: Watched) -> int:
        cleared = 0
        for param, mark in zip(watched.params(), watched.stale, strict=False):
            grad = param.grad
            if mark and grad is None:
                watched.script_clears = True
            elif mark and id(grad) == mark:
                cleared += _clear(param, in_place=watched.in_place)
        watched.stale = []
        return cleared

    def backward_ended(self, call: Backward) -> None:
        """Note whose gradients it added to, and hold them until the step."""
        entries = self.registry.watched()
        for watched in entries:
            params = watched.params()
            if len(entries) > 1 and watched.versions == [_state(param) for param in params]:
                continue
            watched.versions = []
            if len(entries) > 1:
                watched.pending.add(call.stack)
            if watched.optimizer is None:
                watched.stale = _marks(params)
            else:
                watched.held = [param.grad for param in params]

    def step_begins(self, optimizer: Optimizer) -> None:
        """Put back what was cleared since the backward, if nothing at all is left to apply."""
        watched = self.registry.add(optimizer)
        self._confirm(watched)
        pairs: list[tuple[Tensor, Tensor]] = []
        for param, held in zip(watched.params(), watched.held, strict=False):
            if held is not None:
                if param.grad is not None and id(param) not in watched.zeroed:
                    pairs.clear()  # something is left to apply
                    break
                pairs.append((param, held))
        if pairs and all(is_finite(held) for _, held in pairs):
            for param, held in pairs:
                param.grad = held
            self.interventions += len(pairs)
        watched.zeroed = set()

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """What was applied is stale; what others share of its backwards may be left over."""
        own = self.registry.add(optimizer)
        self._applied(own)
        for watched in self.registry.watched():
            if watched is not own:
                watched.leaked |= watched.pending & own.pending
        own.pending, own.leaked = set(), set()

    def step_skipped(self, optimizer: Optimizer) -> None:
        """Gradients that were too large to apply are not kept for the next step."""
        self._applied(self.registry.add(optimizer))

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """A further evaluation in one step begins anew."""
        if evaluation > 1:
            self._applied(self.registry.add(optimizer))

    def _applied(self, watched: Watched) -> None:
        watched.held = []
        watched.stale = _marks(watched.params())

    def _confirm(self, watched: Watched) -> None:
        self.interventions += watched.provisional
        watched.provisional = 0

    def allows(self, clear: Clear) -> bool:
        """The script's own clearing is let through."""
        for watched in self.registry.watched():
            params = watched.params()
            whole = clear.takes(watched, params)
            mine = [True] * len(params) if whole else [id(p) in clear.params for p in params]
            if not any(mine):
                continue
            watched.script_clears, watched.in_place = True, clear.in_place
            watched.pending, watched.leaked = set(), set()
            if all(mine):
                watched.provisional, watched.stale = 0, []
            watched.stale = [
                0 if hit else mark for hit, mark in zip(mine, watched.stale, strict=False)
            ]
            if clear.in_place:
                self._keep_copies(watched, mine)
        return True

    def _keep_copies(self, watched: Watched, mine: list[bool]) -> None:
        """Copy the gradients that no step has applied yet, before zeros are written over them."""
        pairs = zip(watched.params(), mine, watched.held, strict=False)
        for index, (param, hit, held) in enumerate(pairs):
            if hit and held is not None and id(param) not in watched.zeroed:
                watched.held[index] = held.detach().clone()
                watched.zeroed.add(id(param))


def _marks(params: list[Tensor]) -> list[int]:
    """The ``id`` of each gradient, 0 where there is none."""
    return [0 if (grad := param.grad) is None else id(grad) for param in params]


def _state(param: Tensor) -> int:
    """A number that changes when something is added to the gradient of ``param``."""
    grad, part = param.grad, local(param.grad)
    return 0 if part is None else hash((id(grad), part._version))  # noqa: SLF001 - as above


def _clear(param: Tensor, *, in_place: bool) -> int:
    """Clear one gradient as the script itself does; returns how many there were to clear."""
    grad = param.grad
    if grad is None:
        return 0
    if not in_place:
        param.grad = None
        return 1
    if grad.requires_grad:
        grad.detach_()
    grad.zero_()
    return 1
