"""A callback for the Trainer of Lightning, under either of its names."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from zgtui.integrations.first_steps import WatchingCallback

PACKAGES = {"lightning": "lightning.pytorch", "pytorch_lightning": "pytorch_lightning"}
"""The names under which Lightning is installed, and where each has its callbacks."""

if TYPE_CHECKING:
    from lightning.pytorch import Callback, LightningModule, Trainer
else:
    # Where both are installed, the one that the script trains with has been imported before.
    _there = [name for name in PACKAGES if PACKAGES[name] in sys.modules]
    _there += [name for name in PACKAGES if find_spec(name) is not None]
    if not _there:
        raise ImportError("Lightning is not installed here: pip install lightning")
    Callback = import_module(PACKAGES[_there[0]]).Callback


class LightningWatch(WatchingCallback, Callback):
    """Watches the first steps of ``fit``: ``Trainer(callbacks=[LightningWatch()])``.

    The arguments are those of `zgtui.integrations.first_steps.FirstSteps`.
    """

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
