"""Clearing by hand goes gradient by gradient: what one line clears is told as one observation."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from zgtui.check.contributions import contribution, portions

if TYPE_CHECKING:
    from collections.abc import Callable

    from zgtui.check.observations import ClearSeen, Observation
    from zgtui.instrument.sites import Site


class ClearGathered:
    """Holds the clearing of one line back until something else happens."""

    def __init__(self, sink: Callable[[Observation], None]) -> None:
        self._sink = sink
        self._waiting: ClearSeen | None = None

    def add(self, seen: ClearSeen) -> None:
        """One more; joined to the last where both are of one line."""
        last = self._waiting
        if last is not None and (last.how, last.site) == (seen.how, seen.site):
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
