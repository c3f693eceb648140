"""A callback for the Hugging Face Trainer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from zgtui.integrations.first_steps import STEPS, FirstSteps, OnMistake


class TransformersWatch(TrainerCallback):
    """Watches the first steps of ``train``: ``Trainer(…, callbacks=[TransformersWatch()])``.

    The arguments are those of `zgtui.integrations.first_steps.FirstSteps`.
    """

    def __init__(
        self, steps: int = STEPS, on_mistake: OnMistake = "warn", ignore: Collection[str] = ()
    ) -> None:
        self.watched = FirstSteps(steps, on_mistake, ignore)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin to watch."""
        self.watched.begin([kwargs.get("optimizer")])

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Judge once enough was seen."""
        self.watched.stepped(told=state.is_world_process_zero)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Judge what was seen of a short training."""
        self.watched.judge(told=state.is_world_process_zero, over=True)
