"""A callback for the Trainer of Lightning."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from zgtui.integrations.first_steps import STEPS, FirstSteps, OnMistake


class LightningWatch(Callback):
    """Watches the first steps of ``fit``: ``Trainer(callbacks=[LightningWatch()])``.

    The arguments are those of `zgtui.integrations.first_steps.FirstSteps`.
    """

    def __init__(
        self, steps: int = STEPS, on_mistake: OnMistake = "warn", ignore: Collection[str] = ()
    ) -> None:
        self.watched = FirstSteps(steps, on_mistake, ignore)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin to watch."""
        self.watched.begin(trainer.optimizers)

    def on_train_batch_end(self, trainer: Trainer, *args: Any, **kwargs: Any) -> None:
        """Judge once enough was seen."""
        self.watched.stepped(told=trainer.is_global_zero)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Judge what was seen of a short training."""
        self.watched.judge(told=trainer.is_global_zero, over=True)

    def on_exception(self, *args: Any) -> None:
        """Watch no more."""
        self.watched.end()
