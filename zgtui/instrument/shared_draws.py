"""Whether random numbers are drawn from one generator while several threads train.

Which thread draws first is up to the system: the same seed then gives each run other numbers.
"""

from __future__ import annotations

import pickle
import random
import sys
from typing import TYPE_CHECKING, Any

import torch

from zgtui.instrument.observer import Backward, Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from zgtui.instrument.threads import AtWork

LOOKS = 64
"""So many of the first backwards are looked at: after the first losses it matters less."""


class SharedDraws(Observer):
    """Looks at the generators of torch, NumPy and Python; ``over`` is called when it has seen."""

    def __init__(self, at_work: AtWork, over: Callable[[], None]) -> None:
        self._at_work, self._over = at_work, over
        self._left = LOOKS
        self._states: list[Any] | None = None
        self.found = False

    @property
    def looking(self) -> bool:
        """Whether it has to be told of backwards."""
        return bool(self._left)

    def backward_begins(self, call: Backward) -> None:
        """See whether any number was drawn since the last one."""
        self._left -= 1
        if self._at_work.side_by_side > 1:
            states, before = _states(), self._states
            self.found = before is not None and states != before
            self._states = states
        if self.found or not self._left:
            self._left, self._states = 0, None
            self._over()


def _states() -> list[Any]:
    found: list[Any] = [torch.default_generator.get_state().tolist(), random.getstate()]
    numpy_state = getattr(sys.modules.get("numpy.random"), "get_state", None)
    if numpy_state is not None:
        # a script may have set another kind of generator, whose state has other parts
        found.append(pickle.dumps(numpy_state(legacy=False)))
    return found
