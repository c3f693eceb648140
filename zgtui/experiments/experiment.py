"""What an experiment is: a model, data, a loss and the defaults that suit them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Data:
    """Training data: ``inputs`` and ``targets`` share their first dimension, the samples."""

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A model, data and loss to train two runs on, with the defaults that suit them.

    ``model`` and ``data`` are called after the random state was seeded, so that what they draw
    with torch's own generator is the same for the same seed.

    Attributes:
        model: makes a fresh model on the CPU; called once, or twice where ``separate_starts``.
        data: makes the training data on the CPU.
        criterion: maps (model outputs, targets) to a scalar loss.
        lr: default learning rate.
        steps: default length in optimizer steps.
        speed: default steps a second where somebody watches; 0 is without limit.
        batch_size: samples a step; None takes all of them every step.
        separate_starts: build the two models one after the other, so that they start differently.
    """

    model: Callable[[], nn.Module]
    data: Callable[[], Data]
    criterion: Callable[[Tensor, Tensor], Tensor]
    lr: float
    steps: int
    speed: float = 0
    batch_size: int | None = None
    separate_starts: bool = False


def seed_everything(seed: int) -> None:
    """Seed torch's generators, those of every GPU included."""
    torch.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)
