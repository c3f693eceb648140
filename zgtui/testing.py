"""For the tests of your own training code: ``assert_gradients_cleared``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.optim import Optimizer

__all__ = ["assert_gradients_cleared"]


def assert_gradients_cleared(
    train_step: Callable[[], object], *optimizers: Optimizer, calls: int = 6
) -> None:
    """Call ``train_step`` ``calls`` times and fail unless its gradients are cleared rightly.

    ``train_step`` takes no arguments and trains: forward, backward, step and clearing. Give the
    ``optimizers`` it uses. With gradient accumulation choose ``calls`` so that at least three
    steps of each optimizer are made::

        def test_training_clears_its_gradients():
            assert_gradients_cleared(lambda: train_step(model, batch, optimizer), optimizer)

    Raises:
        AssertionError: an error or a warning was found, or no verdict can be given; its message
            is the report.
        UsageError: ``calls`` is below three.
    """
    if calls < MIN_STEPS:
        raise UsageError(f"assert_gradients_cleared needs at least {MIN_STEPS} calls")
    from zgtui._watch import MISTAKEN, watch  # noqa: PLC0415 - imports torch

    with watch(*optimizers) as watched:
        for _ in range(calls):
            train_step()
    report = watched.report()
    if report.verdict != "pass":
        raise AssertionError(f"{MISTAKEN}\n{report}")
