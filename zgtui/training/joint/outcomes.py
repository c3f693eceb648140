"""Whether two ways to do the same steps came to the same numbers, and how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor


def identical(first: Sequence[Tensor], second: Sequence[Tensor]) -> bool:
    """Number for number; a nan is one, and a zero has no sign."""
    return all(map(_same, first, second))


def distance(first: Sequence[Tensor], second: Sequence[Tensor]) -> float:
    """The largest difference in a tensor, relative to its largest number in ``second``.

    It is infinite where one of the two has a number that is not finite and the other has not.
    """
    return max(map(_relative, first, second), default=0.0)


def _same(first: Tensor, second: Tensor) -> bool:
    return bool(((first == second) | (first.isnan() & second.isnan())).all())


def _relative(first: Tensor, second: Tensor) -> float:
    if _same(first, second):
        return 0.0
    difference = (first.double() - second.double()).abs().max()
    relative = float(difference / second.double().abs().max())
    return relative if math.isfinite(relative) else math.inf
