"""From how many steps come the copies of gradients that a tensor was put together of, just now.

A list of copies that is averaged at each step and never emptied has more pieces each time. A
momentum has two each time: what it was, as a whole, and the new gradient. Differences of gradients,
as quasi-Newton methods keep them for ever, tell of curvature: any number of them is one piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.check.recording.taint import NO_TURNS
from zgtui.check.recording.torch_calls import subtracts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

    from zgtui.check.recording.ledger import Ledger
    from zgtui.check.recording.taint import Turns

DIFFERENCES: Turns = frozenset((-1,))


class Pieces:
    """Notes, of each tensor made of gradients, before which steps its pieces were copied."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._taint = ledger, ledger.taint

    def of(self, tensor: Tensor) -> Turns:
        """Those of ``tensor``; what was put together before an earlier step is one piece."""
        memory = self._taint.memory_of(tensor)
        if memory is None or not self._taint.read(tensor):
            return NO_TURNS
        if memory.made == self._ledger.turn or len(memory.pieces) == 1:
            return memory.pieces
        return frozenset((memory.made,))

    def joined(self, name: str, values: Iterable[Any], tensors: list[Tensor]) -> Turns:
        """Those of all ``tensors`` that a call joins; others among its ``values`` hold none."""
        known = [pieces for one in tensors if (pieces := self.of(one))]
        if len(known) > 1 and subtracts(name, values):
            return DIFFERENCES
        return NO_TURNS.union(*known)

    def consists(self, tensor: Tensor, pieces: Turns) -> None:
        """``tensor`` was put together of ``pieces``."""
        memory = self._taint.memory_of(tensor)
        if memory is not None:
            memory.pieces, memory.made = pieces, self._ledger.turn
