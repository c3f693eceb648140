"""Parameters that the script moves by its own hand: the steps of a loop without an optimizer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zgtui.check.observations import Held, StepSeen
from zgtui.check.recording.contributions import (
    DECAYED,
    LEFT,
    MIXED,
    Contributions,
    leaf_of,
    origin_of,
    portions,
)
from zgtui.instrument.sites import innermost, site_of

if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable, Container, Iterable, Mapping

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.check.recording.contributions import Portion
    from zgtui.check.recording.ledger import Ledger
    from zgtui.instrument.sites import Site


_Key = tuple[tuple[int, ...], tuple[int, ...], bool, bool]


def held_of(
    pairs: Iterable[tuple[int, Contributions]], applied_to: Mapping[int, Container[int]]
) -> tuple[tuple[Held, ...], tuple[Portion, ...]]:
    """Of each leaf and what its gradient is made of; and what came from other leaves' gradients.

    ``applied_to`` has the origins that each leaf was moved by before: what comes back of them
    from another tensor, a momentum for instance, was taken from there on purpose.
    """
    alike: dict[_Key, list[int]] = {}
    lent: set[int] = set()
    for leaf, several in pairs:
        before = applied_to.get(leaf, ())
        new = [one for one in several if not one & LEFT]
        left = [one for one in several if one & LEFT]
        key = (
            tuple(sorted({n for one in new if (n := origin_of(one)) not in before})),
            tuple(sorted({origin_of(one) for one in left})),
            bool(left) and all(one & DECAYED for one in left),
            bool(left) and all(one & (MIXED | DECAYED) for one in left),
        )
        alike.setdefault(key, []).append(leaf)
        lent.update(one for one in new if leaf_of(one) not in (leaf, 0))
    held = tuple(Held(tuple(leaves), *key) for key, leaves in alike.items())
    return held, portions(lent)


@dataclass(eq=False)
class TrackedOptimizer:
    """One optimizer, its number, and where it was made."""

    number: int
    optimizer: weakref.ref[Optimizer]
    site: Site | None
    steps: int = 0

    def params(self) -> list[Tensor]:
        """Its parameters, in the order of their groups."""
        optimizer = self.optimizer()
        groups = [] if optimizer is None else optimizer.param_groups
        return [param for group in groups for param in group["params"]]


@dataclass(eq=False)
class RunningStep:
    """A step under way, and what it is going to apply.

    ``suspended`` says that torch's own code runs and need not be seen. ``is_wrapper`` says that
    another optimizer's step ran inside it, which is the one that counts.
    """

    tracked: TrackedOptimizer
    site: Site
    held: list[tuple[int, Contributions]]
    suspended: bool = False
    is_wrapper: bool = False
    origins: int = 0
    """Origins seen before the last call of the closure."""
    evaluated: bool = False
    """Whether the closure has left gradients that are not told of yet."""


@dataclass(eq=False)
class RunningBackward:
    """A backward under way: what the gradients that it may add to held before."""

    origin: int
    leaves: list[tuple[int, Tensor]]
    before: dict[int, Contributions] = field(default_factory=dict)
    divisor: float = 1.0
    states: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    arrived: set[int] = field(default_factory=set)
    """Leaves whose share has been noted already, by a step inside the backward."""
    cleared: set[int] = field(default_factory=set)
    """Leaves whose gradients were cleared inside it."""


TRIES = 6
"""An optimizer that has not stepped while its parameters were moved so often is no longer waited
for: the script moves them itself."""


@dataclass
class _Moved:
    number: int
    several: Contributions


class HandSteps:
    """Gathers what is moved between two backwards into one step."""

    def __init__(self, ledger: Ledger, waits: Callable[[int, int], bool]) -> None:
        self._ledger, self._waits = ledger, waits
        self._moved: dict[int, _Moved] = {}
        self._site: Site | None = None
        self._times: Counter[int] = Counter()

    def write(self, leaf: Tensor, written: Contributions) -> None:
        """``leaf`` was moved by ``written``, outside any optimizer's step."""
        number = self._ledger.leaves.number(leaf)
        if number in self._moved:
            return
        grad = leaf.grad
        known = None if grad is None else self._ledger.taint.read(grad)
        new = frozenset(one for one in written if not self._ledger.was_applied(one))
        several = new if known is None else known
        self._moved[number] = _Moved(number, several)
        self._site = self._site or site_of(innermost())
        self._times[number] += 1
        if self._waits(number, self._times[number]):
            return
        if grad is not None and known:
            self._ledger.applied(grad, known)
        else:
            self._ledger.record_applied(several)

    def flush(self) -> bool:
        """Tell of the step, if there was one; returns whether."""
        moved, site = list(self._moved.values()), self._site
        if not moved or site is None:
            return False
        self._moved, self._site = {}, None
        pairs = [(one.number, one.several) for one in moved]
        held, lent = held_of(pairs, self._ledger.applied_to)
        self._ledger.note_applied_to(pairs)
        self._ledger.tell(StepSeen(0, site, held, lent))
        return True
