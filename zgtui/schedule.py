"""Learning-rate schedules as pure functions: what the optimizer follows and the tables tell."""

from __future__ import annotations

import math
from collections.abc import Callable


def _constant(_step: int, _steps: int) -> float:
    return 1.0


def _step(step: int, steps: int) -> float:
    return 0.1 ** (3 * (min(step, steps) - 1) // steps)


def _cosine(step: int, steps: int) -> float:
    return (1 + math.cos(math.pi * min(step - 1, steps - 1) / steps)) / 2


SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": _constant,
    "step": _step,
    "cosine": _cosine,
}
"""``constant``; ``step``: a tenth after each third of the planned steps; ``cosine``: half a
cosine from the full rate to nearly nothing, as torch's CosineAnnealingLR. Each maps (step counted
from 1, planned steps) to the factor on the learning rate; beyond the plan the last factor holds."""


def lr_factor(schedule: str, step: int, steps: int) -> float:
    """The factor on the learning rate at ``step`` of a run planned for ``steps`` steps."""
    return SCHEDULES[schedule](max(step, 1), steps) if steps else 1.0
