"""One step of one run, whichever of the two lessons it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from torch import Tensor

from zgtui.training.step import train_step, train_step_accumulated

if TYPE_CHECKING:
    from zgtui.config.settings import Clearing
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion


def is_plain(run: Run, clip: float | None) -> bool:
    """Whether a step of ``run`` is `train_step`: one batch, and a gradient left as it is."""
    return run.micro_batches == 1 and clip is None


def step_run(  # noqa: PLR0913, PLR0917 - what the lessons take, but for the run
    run: Run,
    criterion: Criterion,
    clearing: Clearing,
    step: int,
    inputs: Tensor,
    targets: Tensor,
    clip: float | None,
) -> Tensor:
    """Train ``run`` on one batch, (batch, …) each, clearing as ``clearing`` says at ``step``.

    Returns the loss before the update, a scalar on its device.
    """
    lesson = (run.model, criterion, run.optimizer, clearing, step)
    if is_plain(run, clip):
        return train_step(*lesson, inputs, targets)
    count = run.micro_batches
    splits = inputs.tensor_split(count), targets.tensor_split(count)
    micro_batches = list(zip(*splits, strict=True))
    return train_step_accumulated(*lesson, micro_batches, math.inf if clip is None else clip)
