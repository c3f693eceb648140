"""Copies of a gradient that grows: what two of them hold counts twice where they are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.check.recording.contributions import NESTED, TWICE, bare, marked
from zgtui.check.recording.replacements import Replacements, tensors_in
from zgtui.check.recording.torch_calls import subtracts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.check.recording.contributions import Contributions


class Copies(Replacements):
    """Marks what a copy holds of an earlier one, as calls make and join them."""

    def _copied(self, sources: Iterable[Any], several: Contributions) -> Contributions:
        """What a copy of ``sources`` is made of; gradients may have been copied before."""
        from_gradients = all(map(self._is_gradient, tensors_in(sources)))
        return self._ledger.copies(several) if from_gradients else several

    def _together(self, name: str, values: Iterable[Any], several: Contributions) -> Contributions:
        """Two copies of one gradient, the second with more in it, count twice what both hold.

        Their difference tells apart what each of them added.
        """
        nested = {bare(one) for one in several if one & (NESTED | TWICE)}
        if not nested:
            return several
        values = tuple(values)
        if subtracts(name, values):
            return frozenset(one for one in several if bare(one) not in nested)
        both = nested & {
            one
            for tensor in tensors_in(values)
            if not self._is_gradient(tensor)
            for one in self._taint.read(tensor) or ()
        }
        if not both:
            return several
        return frozenset(one for one in several if bare(one) not in both) | marked(both, TWICE)
