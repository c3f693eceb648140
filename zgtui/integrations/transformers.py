"""A callback for the Hugging Face Trainer."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerState

from zgtui.integrations.first_steps import WatchingCallback


class TransformersWatch(WatchingCallback, TrainerCallback):
    """Watches the first steps of ``train``: ``Trainer(…, callbacks=[TransformersWatch()])``.

    The arguments are those of `zgtui.integrations.first_steps.FirstSteps`.
    """

    def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
        """Begin to watch."""
        self.watched.begin([kwargs.get("optimizer")])

    def on_step_end(self, args: Any, state: TrainerState, *more: Any, **kwargs: Any) -> None:
        """Judge once enough was seen."""
        self.watched.stepped(told=state.is_world_process_zero)

    def on_train_end(self, args: Any, state: TrainerState, *more: Any, **kwargs: Any) -> None:
        """Judge what was seen of a short training."""
        self.watched.judge(told=state.is_world_process_zero, over=True)
