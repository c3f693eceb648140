"""How contributions move from tensor to tensor, call by call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.utils.weak import WeakIdKeyDictionary

from zgtui.check.recording.contributions import (
    DECAYED,
    LEFT,
    MIXED,
    NOTHING,
    bare,
    carried,
    origin_of,
)
from zgtui.check.recording.copies import Copies
from zgtui.check.recording.drawn_targets import DrawnTargets
from zgtui.check.recording.leaves import leaves_below
from zgtui.check.recording.replacements import at, tensors_in
from zgtui.check.recording.running_sums import RunningSums, scales
from zgtui.check.recording.torch_calls import (
    ADDS,
    CARRIES,
    COPIES,
    REDUCES,
    SUMS,
    UPDATES,
    factor_of,
    subtracts,
)
from zgtui.instrument import ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import Tensor

    from zgtui.check.recording.contributions import Contributions
    from zgtui.check.recording.ledger import Ledger

MIN_DECAY = 0.05
"""Smaller factors undo the scale of a loss; they are not meant to fade what is old."""


class Moves(Copies):
    """Moves contributions in the ledger as torch is called."""

    def __init__(
        self,
        ledger: Ledger,
        hand_write: Callable[[Tensor, Contributions], None],
        asked: Callable[[Tensor], None],
        cut: Callable[[Iterable[Tensor]], None],
    ) -> None:
        super().__init__(ledger, hand_write)
        self.asks_grad, self._cut = asked, cut
        self.sums = RunningSums(ledger)
        self.drawn = DrawnTargets()
        self._updated: WeakIdKeyDictionary = WeakIdKeyDictionary()
        """Leaves with gradients added to them, still in the graph, and what these are made of."""

    def makes(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """A call made ``result``; a tensor given as ``out`` is written instead."""
        if kwargs.get("out") is not None:
            for out in tensors_in((kwargs["out"],)):
                self._write(out, self._made_of((*args, *kwargs.values())))
            return
        if name.startswith("_foreach_") and isinstance(result, list | tuple):
            for index, one in enumerate(result):
                self._makes(name, [at(value, index) for value in args], one)
            return
        self._makes(name, (*args, *kwargs.values()), result)

    def _makes(self, name: str, values: Iterable[Any], result: Any) -> None:
        values = tuple(values)
        several = self._made_of(values)
        if not several:
            if any(self._taint.read(one) is not None for one in tensors_in(values)):
                self._made_of_nothing(result)
            if name in CARRIES:
                self._carries_update(values, result)
            return
        made_of = list(tensors_in(values))
        sources = [one for one in made_of if self._taint.read(one)]
        self._adds(name, values)
        if name in ADDS and len(sources) == 1 < len(made_of) and self._is_gradient(sources[0]):
            several = self._with_manual(several)
        self._ledger.inputs_used(several)
        if name in COPIES or factor_of(name, values) is not None or scales(name, values):
            several = self._copied(sources, several)
        several = carried(self._scaled(name, values, self._together(name, values, several)))
        pieces = self.pieces.joined(name, values, sources)
        for out in tensors_in((result,)):
            if out.is_floating_point() or out.is_complex():
                self._made(name, made_of, sources, out, several)
                self.sums.made(name, values, out)
                self.pieces.consists(out, pieces)

    def _made(
        self,
        name: str,
        made_of: list[Tensor],
        sources: list[Tensor],
        out: Tensor,
        several: Contributions,
    ) -> None:
        """``out`` came of ``made_of``, and so of what the ``sources`` among them hold."""
        if out.dim() == 0 and (name in REDUCES or any(one.dim() for one in sources)):
            self._ledger.looked_at(several)
            if out.requires_grad:
                self._ledger.used(several)
        elif out.requires_grad and not any(one.requires_grad for one in sources):
            self._ledger.used(several)
            self._ledger.inputs_made(several)
            self._note_updated(name, made_of, out, several)
        else:
            if out.requires_grad and len(sources) < len(made_of):
                self._ledger.used(several)
            if not self._shares(out, sources):
                self._taint.write(out, several)

    def _note_updated(
        self, name: str, made_of: list[Tensor], out: Tensor, several: Contributions
    ) -> None:
        """A leaf with gradients added to it may be the next leaf, once its graph is gone."""
        if name in UPDATES and any(one.is_leaf and one.requires_grad for one in made_of):
            self._updated[out] = several

    def _carries_update(self, values: tuple[Any, ...], result: Any) -> None:
        """The same values once more: of an updated leaf, they are the update, too."""
        updated = [one for one in tensors_in(values) if one in self._updated]
        for out in tensors_in((result,)) if updated else ():
            if out.requires_grad and not out.is_leaf:
                self._updated[out] = self._updated[updated[0]]
            else:
                self._taint.write(out, self._updated[updated[0]])

    def _made_of_nothing(self, result: Any) -> None:
        """A result of gradients that were cleared before."""
        for out in tensors_in((result,)):
            if out.dim() and not out.requires_grad and self._taint.read(out) is None:
                self._taint.write(out, NOTHING, even_empty=True)

    def _shares(self, out: Tensor, sources: list[Tensor]) -> bool:
        return any(
            out.untyped_storage()._cdata == one.untyped_storage()._cdata  # noqa: SLF001 - the identity of a storage
            for one in sources
            if out.layout is torch.strided and one.layout is torch.strided
        )

    def _made_of(self, values: Iterable[Any]) -> Contributions:
        found = NOTHING
        for one in tensors_in(values):
            several = self._taint.read(one)
            if several:
                found |= several
        return found

    def _scaled(self, name: str, args: tuple[Any, ...], several: Contributions) -> Contributions:
        """Multiplied by a number below 1, what is left over was meant to stay, and to fade."""
        factor = factor_of(name, args)
        if factor is None or not MIN_DECAY <= factor < 1 or not any(o & LEFT for o in several):
            return several
        fresh = {bare(one) for one in several if not one & LEFT}
        origins = len({origin_of(one) for one in fresh})
        if origins > 1 or (origins and _averages_ranks(factor)):
            return several
        mark = MIXED if fresh else DECAYED
        return frozenset(one | mark if one & LEFT else one for one in several)

    def cuts(self, tensor: Tensor) -> None:
        """The values of ``tensor`` are about to be used without its graph; one number is no use."""
        if tensor.grad_fn is not None and tensor.dim():
            self._cut(leaves_below([tensor]))
            several = self._updated.get(tensor)
            if several:
                self._taint.write(tensor, several)

    def draws(self, values: Iterable[Any], result: Any) -> None:
        """Numbers were drawn: from the model's own predictions, it may be."""
        self.drawn.drawn(values, result)

    def hooks(self, tensor: Tensor) -> None:
        """The gradient of ``tensor`` is going to be handed to the script."""
        self._ledger.here.hooked |= not tensor.is_leaf

    def computes(self, args: tuple[Any, ...]) -> None:
        """A layer computes without a graph."""
        self._cut(one for one in tensors_in(args) if one.requires_grad and one.is_leaf)

    def changes(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A call changed its first argument in place."""
        if not args:
            return
        targets = args[0] if isinstance(args[0], list | tuple) else [args[0]]
        for index, target in enumerate(targets):
            if isinstance(target, torch.Tensor):
                others = [at(value, index) for value in (*args[1:], *kwargs.values())]
                self._changes(name, target, others)

    def _changes(self, name: str, target: Tensor, others: list[Any]) -> None:
        added = carried(self._made_of(others))
        if name == "__setitem__" and added and not self._is_gradient(target):
            added = self._copied(others, added)
        known_others = any(self._taint.read(one) is not None for one in tensors_in(others))
        owner = self._ledger.parameters.owner(target) if known_others else None
        if owner is not None:
            self._hand_write(owner, added)
            return
        known = self._taint.read(target)
        if known is None and not added:
            if known_others and name in SUMS:  # a momentum of gradients that were cleared before
                self._taint.write(target, NOTHING, even_empty=True)
            return
        known = known or NOTHING
        if factor_of(name, (target, *others)) == 0:
            self.zeroes([target])
            self._taint.write(target, NOTHING)
            return
        if added:
            self._adds(name, (target, *others))
            before = self.sums.before(target)
            joined = list(tensors_in((target, *others)))
            pieces = self.pieces.joined(name, others, joined)
            self._write(target, self._together(name, (target, *others), known | added))
            self.sums.added(name, target, others, before)
            self.pieces.consists(target, pieces)
            if self._is_gradient(target):
                self._ledger.rescaled(known | added)
        elif name in SUMS or name == "__setitem__":
            self._added_manually(target, known)
        else:
            self._ledger.changed(known)
            if self._is_gradient(target):
                self._ledger.rescaled(known)
            fresh = any(not one & LEFT for one in known)
            self._taint.write(
                target, known if fresh else self._scaled(name, (target, *others), known)
            )

    def _adds(self, name: str, values: tuple[Any, ...]) -> None:
        """A gradient may be added to a sum that holds a part of it: that counts twice then."""
        if name not in ADDS or subtracts(name, values):
            return
        tensors = list(tensors_in(values))
        if len(tensors) < len(("sum", "gradient")) or self._is_gradient(tensors[0]):
            return
        held = self._taint.read(tensors[0]) or NOTHING
        for one in tensors[1:]:
            if held and self._is_gradient(one):
                self._ledger.counted_twice(held & (self._taint.read(one) or NOTHING))

    def _added_manually(self, target: Tensor, known: Contributions) -> None:
        """Values of the script's own, added to a gradient that holds nothing new."""
        if self._is_gradient(target):
            self._taint.write(target, self._with_manual(known))

    def _with_manual(self, known: Contributions) -> Contributions:
        """What a gradient holds once values of the script's own were added to it."""
        if all(one & LEFT for one in known):
            return known | self._ledger.manual(known)
        return known

    def _write(self, target: Tensor, several: Contributions) -> None:
        owner = self._ledger.parameters.owner(target)
        if owner is not None:
            if several:
                self._hand_write(owner, several)
            return
        self._taint.write(target, several)

    def sets_item(self, args: tuple[Any, ...]) -> None:
        """A slice of a tensor was written."""
        target, where, value = args
        if where is Ellipsis or (isinstance(where, slice) and where == slice(None)):
            self.replaced(target, value)
        else:
            self._changes("__setitem__", target, [value])

    def leaves(self, values: Iterable[Any], *, sent: bool, whole: bool) -> None:
        """Values go where they cannot be followed; ``whole`` tensors, not single numbers."""
        several = self._made_of(values)
        if not several:
            return
        if sent:
            self._ledger.used(several)
            return
        self._ledger.looked_at(several)
        self._ledger.here.left_for_numpy |= whole


def _averages_ranks(factor: float) -> bool:
    world = ranks.joined()
    return world > 1 and abs(factor * world - 1) < 1e-6
