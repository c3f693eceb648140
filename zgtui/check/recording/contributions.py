"""Contributions: what one backward added to the gradient of one leaf, packed into an integer.

Sets of them say what a tensor's values are made of. Marks travel with a contribution: that a step
has applied it already and it was left in the gradient, that it was then scaled down by hand, and
that it was copied with others more than once.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zgtui.check.observations import ClearSeen, Observation, Portion
    from zgtui.instrument.sites import Site


Contributions = frozenset[int]
NOTHING: Contributions = frozenset()

LEFT = 1
"""A step has applied it, and it stayed in the gradient."""
DECAYED = 2
"""It was scaled down by a constant after it had been applied, on purpose as it seems."""
MIXED = 4
"""It was scaled down together with a new one."""
NESTED = 8
"""It stands in a copy of a gradient, and had been in an earlier copy of it already."""
TWICE = 16
"""Two such copies were put together: it counts twice."""
MAX_TOGETHER = 64
"""A gradient that is never cleared is followed by so many of its newest contributions."""
MARKS = LEFT | DECAYED | MIXED | NESTED | TWICE
_LEAF = 5
_ORIGIN = 45


def contribution(origin: int, leaf: int) -> int:
    """What backward number ``origin`` added to the gradient of leaf number ``leaf``."""
    return origin << _ORIGIN | leaf << _LEAF


def origin_of(one: int) -> int:
    """The number of the backward."""
    return one >> _ORIGIN


def leaf_of(one: int) -> int:
    """The number of the leaf."""
    return (one & ((1 << _ORIGIN) - 1)) >> _LEAF


def bare(one: int) -> int:
    """Without its marks."""
    return one & ~MARKS


def marked(several: Iterable[int], marks: int) -> Contributions:
    """All of ``several`` with ``marks`` added."""
    return frozenset(one | marks for one in several)


def carried(several: Contributions) -> Contributions:
    """What a copy is made of: old gradients taken along alone were taken on purpose."""
    if several and all(one & LEFT and not one & (DECAYED | MIXED) for one in several):
        return frozenset(map(bare, several))
    return several


def portions(several: Iterable[int]) -> tuple[Portion, ...]:
    """The contributions by backward, in order."""
    found: dict[int, set[int]] = {}
    for one in several:
        found.setdefault(origin_of(one), set()).add(leaf_of(one))
    return tuple((origin, tuple(sorted(leaves))) for origin, leaves in sorted(found.items()))


class ClearGathered:
    """Holds the clearing of one line back until something else happens."""

    def __init__(self, sink: Callable[[Observation], None]) -> None:
        self._sink = sink
        self._waiting: ClearSeen | None = None

    def add(self, seen: ClearSeen) -> None:
        """One more; joined to the last where both are of one line."""
        last = self._waiting
        if last is not None and _alike(last, seen):
            self._waiting = _joined(last, seen)
            return
        self.flush()
        self._waiting = seen

    def covers(self, site: Site) -> bool:
        """Whether what is cleared at ``site`` is part of a ``zero_grad()`` told of already."""
        last = self._waiting
        return last is not None and last.site == site and last.how in {"optimizer", "module"}

    def flush(self) -> None:
        """Tell what is held back."""
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._sink(waiting)


def _alike(first: ClearSeen, second: ClearSeen) -> bool:
    return (first.how, first.site, first.thread) == (second.how, second.site, second.thread)


def _joined(first: ClearSeen, second: ClearSeen) -> ClearSeen:
    several = {
        contribution(origin, leaf)
        for portion in (*first.dropped, *second.dropped)
        for origin, leaves in (portion,)
        for leaf in leaves
    }
    return dataclasses.replace(
        first,
        leaves=tuple(sorted({*first.leaves, *second.leaves})),
        held=first.held or second.held,
        dropped=portions(several),
        not_finite=tuple(sorted({*first.not_finite, *second.not_finite})),
        looked_at=tuple(sorted({*first.looked_at, *second.looked_at})),
    )
