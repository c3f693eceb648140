"""Around the batches of a loop that uses accelerate."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from zgtui.errors import UsageError
from zgtui.integrations.first_steps import STEPS, OnMistake
from zgtui.integrations.own_loop import LoopWatch

if TYPE_CHECKING:
    from accelerate import Accelerator
    from torch.optim import Optimizer


class AccelerateWatch(LoopWatch):
    """Watches the first steps of a loop whose parts ``accelerator`` has prepared.

    As in::

        watched = AccelerateWatch(accelerator, optimizer)
        for batch in watched(loader):
            with accelerator.accumulate(model):
                ...

    Further arguments are those of `zgtui.integrations.first_steps.FirstSteps`; of several
    processes the main one warns.

    Raises:
        UsageError: if ``accelerator`` is none, or what should be an optimizer cannot step.
    """

    def __init__(
        self,
        accelerator: Accelerator,
        *optimizers: Optimizer,
        steps: int = STEPS,
        on_mistake: OnMistake = "warn",
        ignore: Collection[str] = (),
    ) -> None:
        if not hasattr(accelerator, "is_main_process"):
            raise UsageError(
                "write AccelerateWatch(accelerator, optimizer): the accelerator comes first,"
                f" not {type(accelerator).__name__}"
            )
        told = accelerator.is_main_process
        super().__init__(*optimizers, steps=steps, on_mistake=on_mistake, ignore=ignore, told=told)
