"""A step under way: what it applies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zgtui.check.observations import Held
from zgtui.check.recording.contributions import (
    DECAYED,
    LEFT,
    MIXED,
    Contributions,
    leaf_of,
    origin_of,
    portions,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from zgtui.check.observations import Portion
    from zgtui.check.recording.tracked_optimizers import TrackedOptimizer
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
        new = [one for one in several if not one & LEFT or _is_lent(one, leaf, before)]
        left = [one for one in several if one & LEFT and not _is_lent(one, leaf, before)]
        key = (
            tuple(sorted({n for one in new if (n := origin_of(one)) not in before})),
            tuple(sorted({origin_of(one) for one in left})),
            _is_kept(left, leaf, DECAYED),
            _is_kept(left, leaf, MIXED | DECAYED),
        )
        alike.setdefault(key, []).append(leaf)
        lent.update(one for one in new if leaf_of(one) not in (leaf, 0))
    held = tuple(Held(tuple(leaves), *key) for key, leaves in alike.items())
    return held, portions(lent)


def _is_lent(one: int, leaf: int, before: Container[int]) -> bool:
    """Whether what has moved another leaf was scaled, on its own, to move this one as well."""
    alone = one & DECAYED and not one & MIXED
    return bool(alone) and leaf_of(one) not in (leaf, 0) and origin_of(one) not in before


def _is_kept(left: list[int], leaf: int, marks: int) -> bool:
    """Whether all that was left was scaled down where it was; not an average of other gradients."""
    return bool(left) and all(one & marks and leaf_of(one) == leaf for one in left)


def moved_before(
    pairs: Iterable[tuple[int, Contributions]], applied_to: Mapping[int, Container[int]]
) -> tuple[int, ...]:
    """The origins that have moved their leaves already, though no step has left them there."""
    found = {
        origin_of(one)
        for leaf, several in pairs
        for one in several
        if not one & LEFT and leaf_of(one) == leaf and origin_of(one) in applied_to.get(leaf, ())
    }
    return tuple(sorted(found))


@dataclass(eq=False)
class RunningStep:
    """A step under way, and what it is going to apply.

    ``suspended`` says that torch's own code runs and need not be seen. ``is_wrapper`` says that
    another optimizer's step ran inside it, which is the one that counts.
    """

    tracked: TrackedOptimizer
    site: Site
    held: list[tuple[int, Contributions]]
    loops: tuple[int, ...] = ()
    whiles: tuple[int, ...] = ()
    suspended: bool = False
    is_wrapper: bool = False
    origins: int = 0
    """Origins seen before the last call of the closure."""
    evaluated: bool = False
    """Whether the closure has left gradients that are not told of yet."""
    summed_on: bool = False
    """Whether it applies a sum of gradients that earlier steps had applied as well."""
    pieces: int = 0
    """Of how many steps the copies are that a gradient was put together of."""
    versions: dict[int, int] = field(default_factory=dict)
    """How often each parameter had been written to when it began, where that tells of updates."""

    def is_cleared(self, leaf: int, version: int) -> None:
        """The gradient of ``leaf`` goes: before the update, where ``version`` is still the old one.

        So do pre-hooks of an optimizer, which come after everybody's.
        """
        if self.versions.get(leaf) == version:
            self.held = [(other, several) for other, several in self.held if other != leaf]
