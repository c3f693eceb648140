"""Slow motion: each line of the loop is told as a run comes to it, and rested on."""

from __future__ import annotations

from collections.abc import Callable

from zgtui.config.settings import RunName
from zgtui.training.comparison import Comparison
from zgtui.worker.outbox import Outbox
from zgtui.worker.protocol import AtLine

SLOWEST = 1.0
"""Up to so many steps a second a line lasts long enough to be seen."""
SHARE = 0.9
"""The part of the time between two steps that their lines take together, at most."""
LONGEST_REST = 0.5
"""Seconds on one line."""


class SlowMotion:
    """Follows the steps of a comparison.

    ``asked`` waits so many seconds for a command and returns whether there is one.
    """

    def __init__(self, outbox: Outbox, asked: Callable[[float], bool]) -> None:
        self._outbox = outbox
        self._asked = asked

    def of(self, comparison: Comparison, speed: float) -> Callable[[RunName, int], None] | None:
        """Follows the next step at ``speed`` steps a second; None where that is too fast."""
        if not 0 < speed <= SLOWEST:
            return None
        step = comparison.step + 1
        rest = min(LONGEST_REST, SHARE / speed / comparison.lines)
        hurry = False

        def follow(run: RunName, line: int) -> None:
            nonlocal hurry
            self._outbox.send(AtLine(run, step, line))
            # A command is answered between two steps: what is left of this one hurries.
            hurry = hurry or self._asked(rest)

        return follow
