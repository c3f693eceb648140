"""What an experiment is: a model, data, a loss and the defaults that suit them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Data:
    """Training data: ``inputs`` (samples, …) and ``targets`` (samples, …).

    ``test_inputs`` and ``test_targets`` are held out; the accuracy is measured on them.
    """

    inputs: Tensor
    targets: Tensor
    test_inputs: Tensor | None = None
    test_targets: Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A model, data and loss to train two runs on, with the defaults that suit them.

    ``model`` and ``data`` are called after the random state was seeded, so that what they draw
    with torch's own generator is the same for the same seed.

    Attributes:
        model: makes a fresh model on the CPU; called once, or twice where ``separate_starts``,
            and once more with ``data`` where ``auto`` has to choose a device.
        data: makes the training data on the CPU.
        criterion: maps model outputs (batch, …) and targets (batch, …) to the loss, a scalar.
        lr: default learning rate.
        steps: default length in optimizer steps.
        speed: default steps per second where somebody watches; 0 is without limit.
        batch_size: default samples per step; None takes all of them every step.
        optimizer: default class of torch.optim.
        momentum: default momentum; None leaves it to the optimizer.
        weight_decay: default weight decay; None leaves it to the optimizer.
        accuracy: maps outputs (samples, …) and targets (samples, …) of the held-out samples to the
            share classified correctly, a scalar from 0 to 1; None where that means nothing.
        separate_starts: build the two models one after the other, so that they start differently.
    """

    model: Callable[[], nn.Module]
    data: Callable[[], Data]
    criterion: Callable[[Tensor, Tensor], Tensor]
    lr: float
    steps: int
    speed: float = 0
    batch_size: int | None = None
    optimizer: str = "SGD"
    momentum: float | None = None
    weight_decay: float | None = None
    accuracy: Callable[[Tensor, Tensor], Tensor] | None = None
    separate_starts: bool = False


def hold_out(inputs: Tensor, targets: Tensor, samples: int | None = None) -> Data:
    """Data of which ``samples`` drawn at random, a fifth where None, are held out."""
    count = len(inputs) // 5 if samples is None else samples
    order = torch.randperm(len(inputs))
    test, train = order[:count], order[count:]
    return Data(inputs[train], targets[train], inputs[test], targets[test])


def accuracy(outputs: Tensor, targets: Tensor) -> Tensor:
    """The share of samples classified correctly, a scalar: the largest output is the target class.

    ``outputs`` are (samples, …, classes), ``targets`` (samples, …).
    """
    return (outputs.argmax(dim=-1) == targets).float().mean()
