"""The gradient ledger: how much of a step is fresh and how much was carried over."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Ledger:
    """A step along A = fresh + carried, each seen along the direction of A.

    ``fresh_along`` and ``carried_along`` add up to ``‖A‖``; the one that pulls against the step is
    negative. ``carried_norm`` is the whole length of what was carried over, A - g.
    """

    fresh_along: float
    carried_along: float
    carried_norm: float


def ledger(grad_norm: float, fresh_norm: float, cosine: float) -> Ledger:
    """The ledger of a step from the columns ``grad_norm`` ‖A‖, ``fresh_norm`` ‖g‖, ``cosine``."""
    fresh_along = fresh_norm * cosine
    # ‖A - g‖² by the law of cosines, in a form that does not cancel where A and g are close.
    across = 2 * grad_norm * fresh_norm * (1 - cosine)
    carried = math.sqrt(max(0.0, (grad_norm - fresh_norm) ** 2 + across))
    return Ledger(fresh_along, grad_norm - fresh_along, carried)
