"""The loss that theory promises, to be drawn beside the one that is measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zgtui.curves.exact import extremes, joined
from zgtui.lazy_dataclass import dataclass
from zgtui.theory.dynamics import Rule, error

if TYPE_CHECKING:
    from collections.abc import Sequence

PER_COLUMN = 16
"""Losses computed for each column where more steps than this share one."""


@dataclass(frozen=True)
class Mode:
    """One eigenvector of the Hessian of a quadratic loss, at step 0.

    ``sharpness`` is its eigenvalue λ, ``error`` the component along it of the distance from the
    optimum and ``weight`` that of the weights themselves, which matters with weight decay alone.
    """

    sharpness: float
    error: float
    weight: float

    @property
    def share(self) -> float:
        """Its part of the loss at step 1: ½·λ·e²."""
        return self.sharpness * self.error * self.error / 2

    def moves(self, rule: Rule) -> bool:
        """Whether its loss changes: it is off the optimum, or weight decay takes it from there."""
        return self.sharpness > 0 and bool(self.error or (rule.decay and self.weight))


class Prediction:
    """The losses of a quadratic in closed form (claims.md 2, 8 and 10).

    ``min_loss`` is the least loss there is. It holds from step 1 to ``steps``, the last step before
    the run's rate or clearing is changed.

    Raises:
        ValueError: if ``rule`` has no closed form.
    """

    revision = 0
    """Never changes: neither does what was predicted."""

    def __init__(
        self, modes: Sequence[Mode], min_loss: float, rule: Rule, lr: float, steps: int
    ) -> None:
        if not rule.has_closed_form:
            raise ValueError("momentum on leftover gradients has no closed form here")
        self.steps = steps
        self._modes = [mode for mode in modes if mode.moves(rule)]
        self._min_loss = min_loss
        self._rule = rule
        self._lr = lr

    def loss(self, step: int) -> float:
        """The loss of ``step``, counted from 1; inf where it left the range of floats."""
        total = self._min_loss
        for mode in self._modes:
            away = error(self._rule, self._lr * mode.sharpness, mode.error, mode.weight, step - 1)
            total += mode.sharpness * away * away / 2
        return math.inf if math.isnan(total) else total

    def points(self, columns: int, start: int, end: int) -> tuple[Sequence[float], Sequence[float]]:
        """What to draw of the steps ``start`` to ``end`` (inclusive) on ``columns`` columns.

        Every loss where at most two steps share a column, else the lowest and the highest of up to
        PER_COLUMN steps spread over each. Returns steps, ascending, and losses, equally long;
        infinite losses are left out.
        """
        start, end = max(start, 1), min(end, self.steps)
        span = end - start + 1
        if span <= 2 * columns:
            columns = span
        pairs: list[list[tuple[float, float]]] = []
        for column in range(columns):
            left = start + column * span // columns
            right = start + (column + 1) * span // columns
            count = min(PER_COLUMN, right - left)
            steps = [left + at * (right - left) // count for at in range(count)]
            pairs.append(extremes(steps, [self.loss(step) for step in steps]))
        return joined(pairs)
