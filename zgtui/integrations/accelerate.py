"""Around the batches of a loop that uses accelerate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.errors import UsageError
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

    Further ``options`` are those of `zgtui.integrations.own_loop.LoopWatch`; of several processes
    the main one warns.

    Raises:
        UsageError: if ``accelerator`` is none.
    """

    def __init__(self, accelerator: Accelerator, *optimizers: Optimizer, **options: Any) -> None:
        if not hasattr(accelerator, "is_main_process"):
            raise UsageError(
                "write AccelerateWatch(accelerator, optimizer): the accelerator comes first,"
                f" not {type(accelerator).__name__}"
            )
        super().__init__(*optimizers, told=accelerator.is_main_process, **options)
