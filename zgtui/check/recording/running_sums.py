"""Sums that gradients are added to as they are, and what such a sum was put to use for.

A momentum fades, a difference takes away what it held before, a window of the newest gradients is
added up anew: none of them counts. What is left is a sum that only grows until it is emptied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from zgtui.check.recording.contributions import NOTHING
from zgtui.check.recording.replacements import tensors_in
from zgtui.check.recording.taint import NO_TURNS, local_part
from zgtui.check.recording.torch_calls import (
    ADDS,
    COPIES,
    PRODUCTS,
    QUOTIENTS,
    factor_of,
    subtracts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

    from zgtui.check.recording.ledger import Ledger
    from zgtui.check.recording.taint import Memory, Turns

LONG = 3
"""A sum that was added to before so many steps in turn goes on from one to the next."""


class RunningSums:
    """Notes, of each tensor, before which steps its terms were added, if it is such a sum."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._taint = ledger, ledger.taint

    def made(self, name: str, values: tuple[Any, ...], out: Tensor) -> None:
        """A call made ``out`` of ``values``."""
        sources = [one for one in tensors_in(values) if self._taint.read(one)]
        memory = self._taint.memory_of(out)
        if memory is None or not sources:
            return
        factor = factor_of(name, values)
        if factor is not None and len(sources) == 1:
            self._scaled(memory, sources[0], factor)
        elif scales(name, values) and len(sources) == 1:
            if self._turns(sources[0]) == self._now:
                memory.turns = self._now
        elif name in ADDS and len(sources) == 1:
            self._stays(memory, sources[0])  # noise, for instance
        elif name in COPIES:
            turns = {self._turns(one) for one in sources}
            memory.turns = turns.pop() if len(turns) == 1 else NO_TURNS
        elif name in ADDS and len(sources) == len(("sum", "gradient")):
            first, second = sources
            if self._turns(second) == self._now and not subtracts(name, values):
                memory.turns = self._grown(self._turns(first))
        elif all(self._turns(one) == self._now for one in sources):
            memory.turns = self._now  # clipped sample by sample, for instance

    def added(self, name: str, target: Tensor, others: Iterable[Any], before: Turns | None) -> None:
        """``others`` were added to ``target``, which held ``before``; None if it was empty."""
        others = tuple(others)
        terms = [one for one in tensors_in(others) if self._taint.read(one)]
        memory = self._taint.memory_of(target)
        if memory is None or memory.gradient or name not in ADDS or len(terms) != 1:
            return
        if subtracts(name, others) or self._turns(terms[0]) != self._now:
            return
        if before and self._ledger.turn not in before and _is_just(target, terms[0]):
            before = None
        memory.turns = self._now if before is None else self._grown(before)

    def begins(self, grad: Tensor) -> None:
        """``grad`` was made by ``autograd.grad()``: a sum of one term."""
        memory = self._taint.memory_of(grad)
        if memory is not None:
            memory.turns = self._now

    def before(self, target: Tensor) -> Turns | None:
        """What `added` has to know of ``target`` as it is before the call."""
        memory = self._taint.memory_of(target)
        return memory.turns if memory is not None and self._taint.read(target) else None

    @property
    def _now(self) -> Turns:
        return frozenset((self._ledger.turn,))

    def _grown(self, turns: Turns) -> Turns:
        return turns | self._now if turns else NO_TURNS

    def _turns(self, tensor: Tensor) -> Turns:
        """Those of a sum; a gradient that no step has applied is one of a single term."""
        memory = self._taint.memory_of(tensor)
        if memory is None:
            return NO_TURNS
        if not memory.gradient:
            return memory.turns
        held = self._taint.read(tensor) or NOTHING
        return NO_TURNS if any(map(self._ledger.was_applied, held)) else self._now

    def _scaled(self, memory: Memory, source: Tensor, factor: float) -> None:
        """A sum is scaled by one and the same number each time; a mean over all counts them."""
        turns = self._turns(source)
        if turns == self._now:
            memory.turns = turns
            return
        known = self._taint.memory_of(source)
        if known is None:
            return
        whole = known.whole or known
        if whole.scaled_by not in {None, factor}:
            whole.turns = NO_TURNS
            return
        whole.scaled_by = factor
        memory.of_sum, memory.whole = turns or known.of_sum, whole

    def _stays(self, memory: Memory, source: Tensor) -> None:
        """Values of the script's own were added to a sum: it goes on to be one."""
        known = self._taint.memory_of(source)
        if known is not None:
            memory.turns, memory.of_sum = self._turns(source), known.of_sum
            memory.whole = known.whole or known


def scales(name: str, values: Iterable[Any]) -> bool:
    """Whether a call multiplies or divides by a tensor of one element, to clip for instance."""
    return name in PRODUCTS | QUOTIENTS and any(one.numel() == 1 for one in tensors_in(values))


def _is_just(target: Tensor, term: Tensor) -> bool:
    """Whether nothing but ``term`` stands there: the sum was emptied in a way that was not seen."""
    both = local_part(target), local_part(term)
    alike = len({(one.shape, one.dtype, one.device) for one in both}) == 1
    return alike and torch.equal(*both)


def goes_on(turns: Turns) -> bool:
    """Whether a sum with these turns was not begun anew from step to step."""
    return len(turns) >= LONG
