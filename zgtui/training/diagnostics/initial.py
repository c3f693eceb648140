"""What can be told of a comparison before its first step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.training.diagnostics.quadratic import Quadratic, quadratic
from zgtui.training.diagnostics.sharpness import sharpness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from zgtui.config.settings import RunName
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

MAX_PARAMETERS = 1_000_000
"""A larger model's sharpness is not measured ahead: its first step must not wait for that."""


@dataclass(frozen=True)
class InitialAnalysis:
    """Of each run at its initial weights; a run is missing where nothing can be told.

    ``quadratics`` where every step sees the same data and the loss is quadratic in the weights.
    ``sharpness`` is the largest eigenvalue of the Hessian on the samples of one batch.
    """

    quadratics: Mapping[RunName, Quadratic]
    sharpness: Mapping[RunName, float]

    @property
    def modes(self) -> dict[RunName, list[list[float]]] | None:
        """[λ, e_0, w_0] of each direction with curvature, by run; None where it is not known."""
        found: dict[RunName, list[list[float]]] = {}
        for name, one in self.quadratics.items():
            if one.modes is None:
                return None
            found[name] = [[mode.sharpness, mode.error, mode.weight] for mode in one.modes]
        return found or None

    @property
    def floor(self) -> float | None:
        """The least loss there is; None where it is not known."""
        known = [one.floor for one in self.quadratics.values() if one.modes is not None]
        return known[0] if known else None


NOTHING = InitialAnalysis({}, {})


def analyze_initial_state(  # noqa: PLR0913 - what a loss is made of, and how it is looked at
    runs: Mapping[RunName, Run],
    criterion: Criterion,
    inputs: Tensor,
    targets: Tensor,
    *,
    full_batch: bool,
    twins: bool,
) -> InitialAnalysis:
    """Look at the loss of ``runs`` on these samples, which are as many as a step sees.

    ``twins``: all have the same weights, so that one look is enough.
    """
    quadratics: dict[RunName, Quadratic] = {}
    sharpest: dict[RunName, float] = {}
    for name, run in runs.items():
        if twins and quadratics.keys() | sharpest.keys():
            first = next(iter(runs))
            if first in quadratics:
                quadratics[name] = quadratics[first]
            if first in sharpest:
                sharpest[name] = sharpest[first]
            continue
        found = quadratic(run.model, criterion, inputs, targets) if full_batch else None
        if found is not None:
            quadratics[name] = found
        if found is not None and found.modes:
            sharpest[name] = found.modes[0].sharpness
        elif sum(p.numel() for p in run.model.parameters()) <= MAX_PARAMETERS:
            value = sharpness(run.model, criterion, inputs, targets)
            if value is not None:
                sharpest[name] = value.value
    return InitialAnalysis(quadratics, sharpest)
