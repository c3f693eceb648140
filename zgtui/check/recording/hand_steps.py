"""Parameters that the script moves by its own hand: the steps of a loop without an optimizer."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch.optim import Optimizer

from zgtui.check.observations import Held, StepSeen
from zgtui.check.recording.steps import held_of
from zgtui.instrument.sites import innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from torch import Tensor

    from zgtui.check.recording.contributions import Contributions
    from zgtui.check.recording.ledger import Ledger
    from zgtui.instrument.sites import Site

NEAR = 24
"""Frames that may lie between a method and the write that it makes, those of torch among them."""


@dataclass
class _Moved:
    number: int
    several: Contributions


class _Gathered(threading.local):
    """What one thread has moved since its last backward."""

    def __init__(self) -> None:
        self.moved: dict[int, _Moved] = {}
        self.site: Site | None = None
        self.by_optimizer = False
        self.missed: dict[int, Site] = {}


class HandSteps:
    """Gathers what a thread moves between two of its backwards into one step."""

    def __init__(self, ledger: Ledger, waits: Callable[[int, int], bool]) -> None:
        self._ledger, self._waits = ledger, waits
        self._here = _Gathered()
        self._times: Counter[int] = Counter()

    def write(self, leaf: Tensor, written: Contributions) -> None:
        """``leaf`` was moved by ``written``, outside any optimizer's step."""
        here, number = self._here, self._ledger.leaves.number(leaf)
        self._ledger.here.put_back.discard(number)
        if number in here.moved:
            return
        grad = leaf.grad
        known = None if grad is None else self._ledger.taint.read(grad)
        new = frozenset(one for one in written if not self._ledger.was_applied(one))
        several = new if known is None else known
        here.moved[number] = _Moved(number, several)
        if here.site is None:
            here.site, here.by_optimizer = site_of(innermost()), _is_optimizers()
        self._times[number] += 1
        if self._waits(number, self._times[number]):
            return
        if grad is not None and known:
            self._ledger.applied(grad, known)
        else:
            self._ledger.record_applied(several)

    def ask(self, leaf: Tensor) -> None:
        """The script asks for a gradient that is None; nothing else tells of such a step."""
        number, site = self._ledger.leaves.known(leaf), site_of(innermost())
        if self._ledger.misses(number, site):
            self._here.missed.setdefault(number, site)

    def flush(self) -> bool:
        """Tell of the step, if there was one; returns whether."""
        here, thread = self._here, self._ledger.here.thread
        put_back, self._ledger.here.put_back = self._ledger.here.put_back, set()
        moved, site = list(here.moved.values()), here.site
        missed, here.missed = here.missed, {}
        if not moved or site is None:
            if missed and not any(True for _ in self._ledger.applied_origins):
                first = next(iter(missed.values()))
                gone = (Held(tuple(missed)),)
                self._ledger.tell(StepSeen(0, first, gone, missed=True, thread=thread))
            return False
        by_optimizer = here.by_optimizer and not here.moved.keys() <= put_back
        here.moved, here.site = {}, None
        pairs = [(one.number, one.several) for one in moved]
        held, lent = held_of(pairs, self._ledger.applied_to)
        self._ledger.note_applied_to(pairs)
        self._ledger.tell(StepSeen(0, site, held, lent, by_optimizer=by_optimizer, thread=thread))
        return True


def _is_optimizers() -> bool:
    """Whether an optimizer's method is at work in one of the nearest frames."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
    for _ in range(NEAR):
        if frame is None:
            return False
        if isinstance(frame.f_locals.get("self"), Optimizer):
            return True
        frame = frame.f_back
    return False
