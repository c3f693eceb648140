"""A backward under way: what of it arrives in which gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.observations import LossSeen, OriginSeen
from zgtui.check.recording.contributions import LEFT, NOTHING, contribution
from zgtui.check.recording.ledger import is_zero
from zgtui.check.recording.taint import local_part
from zgtui.instrument.sites import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

    from zgtui.check.recording.contributions import Contributions
    from zgtui.check.recording.ledger import Ledger
    from zgtui.check.recording.passages import Passages
    from zgtui.instrument.observer import Backward

_State = tuple[int, int, int]
"""Identity and versions of a gradient; zeros for None."""


class RunningBackward:
    """The next origin; it knows what the gradients that it may add to held before.

    Backwards of other threads may run at the same time. What one of them adds to must not be looked
    at before it has ended; of several that add to one gradient the last tells of it for all.
    """

    def __init__(self, ledger: Ledger, divisor: float) -> None:
        self._ledger, self.origin, self._divisor = ledger, ledger.next_origin(), divisor
        self.loss = LossSeen(self.origin, "unknown")
        self.outputs: tuple[int, ...] = ()
        self.passages: Passages | None = None
        self.again: tuple[int, ...] = ()
        self.hooked = self.drawn = False
        self._reached: set[int] = set()
        """The leaves of its graph."""
        self._onto: set[int] = set()
        self._leaves: dict[int, Tensor] = {}
        self._before: dict[int, Contributions] = {}
        self._states: dict[int, _State] = {}
        self._arrived: set[int] = set()
        self._cleared: set[int] = set()

    def reaches(self, leaf: Tensor, others: Iterable[RunningBackward]) -> None:
        """``leaf`` belongs to its graph; ``others`` are under way in other threads."""
        number = self._ledger.leaves.number(leaf)
        self._reached.add(number)
        for other in others:
            if other.holds_back(number):
                self._leaves[number] = leaf
                self._before[number], self._states[number] = other.found(number)
                return
        self.watch(leaf)

    def holds_back(self, number: int) -> bool:
        """Whether it adds to that leaf, too; else it does not look at it any more."""
        if number not in self._reached:
            self._leaves.pop(number, None)
        return number in self._reached

    def found(self, number: int) -> tuple[Contributions, _State]:
        """How it found the gradient of that leaf."""
        return self._before[number], self._states[number]

    def is_joined(self, origin: int, reached: set[int]) -> set[int]:
        """Another ends that adds to ``reached``; returns what of these is left to this one."""
        shared = self._reached & reached
        for number in shared:
            self._before[number] |= {contribution(origin, number)}
        return shared

    def watch(self, leaf: Tensor) -> None:
        """Note what the gradient of ``leaf`` holds before anything arrives."""
        number = self._ledger.leaves.number(leaf)
        if number in self._leaves:
            return
        grad = leaf.grad
        held = self._ledger.before_backward(grad)
        if held and grad is not None and all(one & LEFT for one in held) and is_zero(grad):
            held = NOTHING  # cleared by a way of writing that nothing tells of
        self._leaves[number], self._before[number] = leaf, held
        self._onto.update(one for one in held if not one & LEFT)
        self._states[number] = _state(grad)

    def arrives(self, leaf: Tensor) -> bool:
        """Note the share of ``leaf``, once, if it has been added; whether ``leaf`` is watched."""
        number = self._ledger.leaves.known(leaf)
        if number not in self._leaves:
            return False
        grad = leaf.grad
        if number not in self._arrived and _state(grad) != self._states[number]:
            self._arrived.add(number)
            if grad is not None and number not in self._cleared:
                self._ledger.arrived(number, grad, self._before[number], self.origin)
        return True

    def is_cleared(self, leaf: Tensor, *, in_place: bool) -> None:
        """Inside the backward, after what had arrived by then; the share itself may come later."""
        if not self.arrives(leaf):
            return
        number = self._ledger.leaves.known(leaf)
        if number in self._arrived or in_place:
            self._cleared.add(number)
        else:
            self._before[number], self._states[number] = NOTHING, _state(None)

    def end(self, call: Backward, others: Iterable[RunningBackward], *, alone: bool) -> OriginSeen:
        """Whatever changed was added to; ``others`` go on in other threads.

        Where it is not ``alone``, another thread may have changed what is not of its graph.
        """
        for other in others:
            self._arrived |= other.is_joined(self.origin, self._reached)
        for number, leaf in self._leaves.items():
            if number not in self._arrived and (alone or number in self._reached):
                self.arrives(leaf)
        reached = tuple(number for number in self._leaves if number in self._arrived)
        site, stack = site_of(call.frame), self._ledger.stack_number(call.stack)
        return OriginSeen(
            self.origin,
            "backward",
            site,
            stack,
            reached,
            self._divisor,
            self.outputs,
            self._ledger.copied(self._onto),
            self._ledger.once_copied(self._onto),
            hooked=self.hooked,
            drawn=self.drawn,
            beside=self._ledger.beside(self._onto, self.origin, drawn=self.drawn),
            again=self.again,
            through=None if self.passages is None else self.passages.through,
            targets=() if self.passages is None else self.passages.targets,
            thread=self._ledger.here.thread,
            failed=call.failed,
        )


def _state(grad: Tensor | None) -> _State:
    if grad is None:
        return 0, 0, 0
    # A distributed tensor is added to as a whole, or in the part that lies here.
    return id(grad), grad._version, local_part(grad)._version  # noqa: SLF001 - torch documents it and gives it no other name
