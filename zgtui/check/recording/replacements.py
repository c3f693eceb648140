"""What becomes of contributions as values of one tensor take the place of another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from zgtui.check.recording.contributions import NOTHING, bare, carried
from zgtui.check.recording.ledger import is_zero
from zgtui.check.recording.pieces import Pieces
from zgtui.check.recording.taint import extent_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch import Tensor

    from zgtui.check.recording.contributions import Contributions
    from zgtui.check.recording.ledger import Ledger


class Replacements:
    """Notes in the ledger what is replaced, by zeros, by None or by other values."""

    def __init__(self, ledger: Ledger, hand_write: Callable[[Tensor, Contributions], None]) -> None:
        self._ledger, self._taint = ledger, ledger.taint
        self._hand_write = hand_write
        self.pieces = Pieces(ledger)

    def _is_gradient(self, tensor: Tensor) -> bool:
        extent = extent_of(tensor)
        memory = None if extent is None else self._taint.memory(extent)
        return memory is not None and memory.gradient

    def zeroes(self, targets: Iterable[Any]) -> None:
        """Tensors are about to be filled with zeros, or dropped."""
        held = [
            (0, one, known)
            for one in tensors_in(targets)
            if (known := self._taint.read(one)) is not None and self._is_gradient(one)
        ]
        if held:
            self._ledger.cleared(held, "hand")

    def zeroed(self, targets: Iterable[Any]) -> None:
        """They have been."""
        for one in tensors_in(targets):
            if self._taint.read(one):
                self._taint.write(one, NOTHING)

    def replaces(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """``copy_`` is about to put the values of its second argument in place of its first's."""
        source = args[1] if len(args) > 1 else kwargs.get("src")
        targets = args[0] if isinstance(args[0], list | tuple) else [args[0]]
        for index, target in enumerate(targets):
            self.replaced(target, at(source, index))

    def replaced(self, target: Tensor, source: Any) -> None:
        """The values of ``source`` stand in ``target`` from now on."""
        new = self._taint.read(source) if isinstance(source, torch.Tensor) else None
        owner = self._ledger.parameters.owner(target)
        if owner is not None:
            self._written_over(owner, new)
            return
        known = self._taint.read(target)
        if known is None and not new:
            return
        pieces = self.pieces.of(source) if new else None
        if not self._is_gradient(target):
            self._taint.write(target, carried(new or NOTHING))
        else:
            self.gradient_replaced(0, target, known or NOTHING, source, new or NOTHING)
            if new:
                self._taint.write_gradient(target, carried(new), self._taint.sum_of(source))
        if pieces is not None:
            self.pieces.consists(target, pieces)

    def _written_over(self, leaf: Tensor, new: Contributions | None) -> None:
        """A parameter is given other values: those of before, if no gradients are in them."""
        if new:
            self._hand_write(leaf, carried(new))
        else:
            self._ledger.here.put_back.add(self._ledger.leaves.known(leaf))

    def gradient_replaced(
        self, leaf: int, grad: Tensor, known: Contributions, source: Any, new: Contributions
    ) -> None:
        """Other values take the place of ``grad``: what is not among them is gone."""
        if new:
            self._ledger.rescaled(new)
            kept = set(map(bare, new))
            gone = frozenset(one for one in known if bare(one) not in kept)
            if gone:
                self._ledger.cleared([(leaf, grad, gone)], "overwritten")
        elif _zero(source):
            self._ledger.cleared([(leaf, grad, known)], "hand")
            self._taint.write(grad, NOTHING)
        else:
            if known:
                self._ledger.used(known)  # what it became part of cannot be told
            self._taint.write(grad, self._ledger.manual(known))

    def samples(self, targets: Iterable[Any]) -> None:
        """Tensors hold new values of the script's own."""
        for one in tensors_in(targets):
            known = self._taint.read(one)
            if known is not None:
                self._ledger.used(known)
                new = self._ledger.manual(known) if self._is_gradient(one) else NOTHING
                self._taint.write(one, new)

    def sets_grad(self, leaf: Tensor, value: Any) -> None:
        """``leaf.grad`` is about to be set to ``value``, None without a gradient."""
        number = self._ledger.leaves.number(leaf)
        grad = leaf.grad
        if value is grad:
            return
        known = (self._taint.read(grad) if grad is not None else None) or NOTHING
        if value is None:
            if grad is not None:
                self._ledger.cleared([(number, grad, known)], "hand")
            return
        new = self._taint.read(value)
        if grad is not None and new:
            self.gradient_replaced(number, grad, known, value, new)
        if new:
            self._ledger.rescaled(new)
            self._taint.write_gradient(value, new, self._taint.sum_of(value))
            return
        if _zero(value):
            if grad is not None:
                self._ledger.cleared([(number, grad, known)], "hand")
            self._taint.write(value, NOTHING, gradient=True)
            return
        if known:
            self._ledger.used(known)
        self._taint.write(value, self._ledger.manual(known), gradient=True)

    def sets_data(self, target: Tensor, value: Any) -> None:
        """``target.data`` is about to be set to ``value``."""
        if not isinstance(value, torch.Tensor):
            return
        new = self._taint.read(value)
        owner = self._ledger.parameters.owner(target)
        if owner is not None:
            self._written_over(owner, new)
            return
        known = self._taint.read(target)
        if known is None or not self._is_gradient(target):
            return
        self.gradient_replaced(0, target, known, value, new or NOTHING)
        if new is not None:
            self._taint.write_gradient(value, new, self._taint.sum_of(value))
        else:
            zero = _zero(value)
            several = NOTHING if zero else self._ledger.manual(known)
            self._taint.write(value, several, gradient=True)


def _zero(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return not value.requires_grad and is_zero(value)
    return isinstance(value, int | float) and value == 0


def at(value: Any, index: int) -> Any:
    """The part of ``value`` for one of several tensors."""
    if isinstance(value, list | tuple):
        return value[index] if index < len(value) else None
    return value


def tensors_in(values: Iterable[Any]) -> Iterator[Tensor]:
    """The tensors among ``values``, and in lists among them."""
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            for inner in value:
                if isinstance(inner, torch.Tensor):
                    yield inner
