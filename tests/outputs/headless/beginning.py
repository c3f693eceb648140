"""How a comparison begins, as the training process tells it."""

from __future__ import annotations

from zgtui.config.settings import Settings
from zgtui.worker.protocol import ComparisonStarted


def started(settings: Settings, steps_per_epoch: int = 1) -> ComparisonStarted:
    return ComparisonStarted(
        log="",
        settings=settings,
        optimizer="SGD",
        steps_per_epoch=steps_per_epoch,
        full_batch=steps_per_epoch == 1,
        same_init=True,
    )
