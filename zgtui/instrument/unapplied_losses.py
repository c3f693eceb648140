"""The losses of backwards that no step has followed yet, kept apart by thread.

Threads that train at the same time would else chart each other's losses in one step. A thread that
only computes gradients, for another one to apply, counts in that one's step.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from zgtui.instrument.loss_values import LossPart, summed

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

MAX_PARTS = 4096
"""Backwards without a step whose losses are kept apart; then they are summed."""
MAX_THREADS = 64
"""Threads that are remembered though nothing of theirs is pending; many end before others begin."""


class ThreadLosses:
    """What is pending of one thread."""

    __slots__ = ("evaluation", "made_optimizer", "parts", "scaled", "steps")

    def __init__(self) -> None:
        self.parts: list[LossPart] = []
        self.evaluation = 0
        """How often the closure of the step under way was called."""
        self.scaled: dict[int, tuple[weakref.ref[Any], Any]] = {}
        self.made_optimizer = False
        self.steps = False
        """Whether it has ever stepped."""

    def remember(self, result: Tensor, loss: Any) -> None:
        """A GradScaler made ``result`` of ``loss``."""
        self.scaled[id(result)] = (weakref.ref(result), loss)

    def unscaled(self, tensor: Tensor) -> Any:
        """The loss that a GradScaler made ``tensor`` of; ``tensor`` itself where none did."""
        known = self.scaled.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else tensor

    def tidy(self) -> None:
        """The losses of a backward are among ``parts``: forget what they were scaled from.

        Of very many only the sums stay.
        """
        self.scaled.clear()
        if len(self.parts) > MAX_PARTS:
            self.parts = list(summed(self.parts)[1].items())

    def take(self) -> list[LossPart]:
        """What is pending, which is not any more."""
        parts, self.parts = self.parts, []
        return parts


class UnappliedLosses:
    """Those of every thread of the script."""

    def __init__(self, cleared: Callable[[int], bool]) -> None:
        """``cleared`` says of a thread, by its number, whether it clears gradients."""
        self._cleared = cleared
        self._threads: dict[int, ThreadLosses] = {}

    def here(self) -> ThreadLosses:
        """Those of this thread."""
        known = self._threads.get(threading.get_ident())
        return self._new() if known is None else known

    def _new(self) -> ThreadLosses:
        if len(self._threads) >= MAX_THREADS:
            self._threads = {key: one for key, one in self._threads.items() if one.parts}
        new = self._threads[threading.get_ident()] = ThreadLosses()
        return new

    def take(self) -> list[LossPart]:
        """What a step of this thread applies: its own, and what no other thread applies itself."""
        here = self.here()
        here.evaluation, here.steps = 0, True
        parts = here.take()
        if len(self._threads) == 1:
            return parts
        is_own = bool(parts)
        for key, one in self._threads.items():
            # Whoever clears, or has made an optimizer, is going to step; but where nothing else is
            # pending, this step can only be of such gradients.
            own = one.steps or (is_own and (one.made_optimizer or self._cleared(key)))
            if not own:
                parts += one.take()
        return parts

    def take_all(self) -> list[list[LossPart]]:
        """What is pending of each thread."""
        return [one.take() for one in self._threads.values() if one.parts]

    def forget(self) -> None:
        """None of it was a step."""
        for one in self._threads.values():
            one.parts.clear()
