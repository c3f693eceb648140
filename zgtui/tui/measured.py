"""What was last measured of a run's gradients, taken from the samples in the run's log."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REMEMBERED = 200
"""Sampled steps of which the share that went uphill is told."""
GRADIENT = ("grad_norm", "fresh_norm", "ratio", "cosine", "energy")


@dataclass
class Measured:
    """The newest values of one run; None where nothing was measured yet.

    ``grad_norm`` is the length of ``.grad`` as the step used it, ``fresh_norm`` that of the
    gradient of this step alone, ``cosine`` that of the angle between the two, ``sharpness`` the
    largest eigenvalue of the Hessian. ``step`` is the one that the gradients are of,
    ``sharpness_step`` that of the sharpness.
    """

    step: int = 0
    grad_norm: float | None = None
    fresh_norm: float | None = None
    ratio: float | None = None
    cosine: float | None = None
    energy: float | None = None
    sharpness: float | None = None
    sharpness_step: int = 0
    _uphill: deque[bool] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def take(self, sample: Mapping[str, Any]) -> None:
        """Take in a sample event of this run."""
        if "sharpness" in sample:
            self.sharpness, self.sharpness_step = sample["sharpness"], sample["step"]
        if "grad_norm" not in sample:
            return
        self.step = sample["step"]
        for name in GRADIENT:
            setattr(self, name, sample.get(name))
        if self.cosine is not None:
            self._uphill.append(self.cosine < 0)

    @property
    def carried(self) -> float | None:
        """The length of what ``.grad`` held before this step's backward."""
        if self.grad_norm is None or self.fresh_norm is None or self.cosine is None:
            return None
        both = 2 * self.cosine * self.grad_norm * self.fresh_norm
        return math.sqrt(max(0.0, self.grad_norm**2 + self.fresh_norm**2 - both))

    @property
    def sampled(self) -> int:
        """Of how many steps ``uphill`` tells."""
        return len(self._uphill)

    @property
    def uphill(self) -> float:
        """The share, 0 to 1, of the newest sampled steps that went against the gradient."""
        return sum(self._uphill) / len(self._uphill) if self._uphill else 0.0

    def q(self, lr: float | None) -> float | None:
        """lr·λ at the learning rate ``lr``; None where either is unknown."""
        return None if lr is None or self.sharpness is None else lr * self.sharpness
