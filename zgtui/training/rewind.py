"""Goes back to an earlier step, bit for bit.

States of the comparison are kept in bounded memory: those of the newest steps close together,
older ones further and further apart. A step between two of them is reached from the one before by
training forward again, with the changes that were made on the way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from zgtui.errors import UsageError
from zgtui.training.budget import Budget

if TYPE_CHECKING:
    from zgtui.config.settings import Clearing, RunName
    from zgtui.training.comparison import Comparison, State

BYTES = 256 * 2**20
MAX_STATES = 512
SHARE = 0.02
"""Share of the time that passes that keeping states may cost, where not every step is kept."""

ApplyChange = Callable[["Comparison"], None]


class Rewind:
    """Remembers the past of ``comparison``, which stands at step 0, in at most ``budget`` bytes.

    Ask it to ``keep`` right after a step, before anything is changed.
    """

    def __init__(self, comparison: Comparison, budget: int = BYTES) -> None:
        self._comparison = comparison
        self._budget = budget
        self._states: list[State] = []
        self._sizes: list[int] = []
        self._size = 0
        self._changes: list[tuple[int, ApplyChange]] = []
        self._time = Budget(SHARE)
        self.keep()

    @property
    def kept(self) -> list[int]:
        """The steps whose states are kept, ascending."""
        return [state.step for state in self._states]

    @property
    def size(self) -> int:
        """Bytes of all states kept."""
        return self._size

    def earn(self, seconds: float) -> None:
        """Note that ``seconds`` have passed, of which ``affordable`` takes a share."""
        self._time.earn(seconds)

    def affordable(self) -> bool:
        """Whether a further state is paid for."""
        return self._time.affordable()

    def spend(self, seconds: float) -> None:
        """Note that keeping a state took ``seconds``."""
        self._time.spend(seconds)

    def keep(self) -> None:
        """Keep the present state."""
        step = self._comparison.step
        if not self._states or self._states[-1].step < step:
            state = self._comparison.state()
            self._states.append(state)
            self._sizes.append(state.size)
            self._size += state.size
            while len(self._states) > MAX_STATES or self._size > self._budget:
                self._drop(self._missed_least())

    def set_lr(self, name: RunName, lr: float) -> None:
        """Change the learning rate of the comparison, and again on the way back here."""
        self._change(lambda comparison: comparison.set_lr(name, lr))

    def set_clearing(self, name: RunName, clearing: Clearing, micro_batches: int = 1) -> None:
        """Change its clearing policy, and again on the way back here; UsageError as there."""
        self._change(lambda comparison: comparison.set_clearing(name, clearing, micro_batches))

    def _change(self, change: ApplyChange) -> None:
        change(self._comparison)
        self._changes.append((self._comparison.step, change))

    def back_to(self, step: int) -> None:
        """Put the comparison back to where it stood when it had first done ``step`` steps.

        Changes made at that point or later are undone. What it had not drained is dropped. The way
        from the state before takes as long as training it did.

        Raises:
            UsageError: if it has not come as far as ``step``, or does not remember it.
        """
        kept, present = self.kept, self._comparison.step
        if not kept:
            raise UsageError("cannot go back: the model is too large to keep earlier states")
        if not kept[0] <= step <= present:
            raise UsageError(f"can go back to steps {kept[0]} to {present}, not to {step}")
        at = bisect_right(kept, step) - 1
        while len(self._states) > at + 1:
            self._drop(at + 1)
        state = self._states[at]
        self._changes = [(made, change) for made, change in self._changes if made < step]
        self._comparison.restore(state)
        # A state holds the changes made before its step; those made at it came after it was kept.
        ahead = [(made, change) for made, change in self._changes if made >= state.step]
        for stop in sorted({made for made, _ in ahead} | {state.step, step}):
            if stop > state.step:
                self._comparison.advance_to(stop)
            for made, change in ahead:
                if made == stop:
                    change(self._comparison)
        self._comparison.drain()

    def _missed_least(self) -> int:
        """The state closest to its neighbours for its age; the oldest where there are but two."""
        steps = self.kept
        gaps = [
            (steps[at + 1] - steps[at - 1]) / (steps[-1] - steps[at] + 1)
            for at in range(1, len(steps) - 1)
        ]
        return 1 + gaps.index(min(gaps)) if gaps else 0

    def _drop(self, at: int) -> None:
        self._size -= self._sizes.pop(at)
        del self._states[at]
