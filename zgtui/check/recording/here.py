"""What one thread of a script is doing; others may train at the same time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from zgtui.check.recording.loops import LoopTurns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.recording.backwards import RunningBackward
    from zgtui.check.recording.steps import RunningStep
    from zgtui.instrument.sites import Site


class Here(threading.local):
    """Each thread sees its own; a new one begins with nothing under way."""

    def __init__(self, numbers: Iterator[int], spare: list[LoopTurns]) -> None:
        """Loops are counted on in ``spare``, which threads that have ended leave."""
        self._spare = spare
        self.thread = next(numbers)
        """Its number; 0 for the one that was seen first."""
        self.running: list[RunningStep] = []
        """Steps under way: what an optimizer adds up within its own is its rule."""
        self.backward: RunningBackward | None = None
        self.turns = spare.pop() if spare else LoopTurns()
        self.cuts: set[int] = set()
        """Leaves whose values were used without their graph since the last backward."""
        self.put_back: set[int] = set()
        """Leaves that were last written with values without gradients, since the last backward."""
        self.hooked = False
        """Whether the script asked for the gradient of an intermediate result by a hook."""
        self.left_for_numpy = False
        self.written: tuple[int, Site] | None = None
        """The contribution that a line writes by hand, and that line."""

    def ends(self) -> None:
        """This thread does; its loops may go on in another, as where each epoch has its own."""
        self._spare.append(self.turns)
