"""The batches that both runs train on."""

from __future__ import annotations

import torch
from torch import Tensor

from zgtui.experiments.experiment import Data


class Batches:
    """The same batches for both runs: a new order each epoch, from a generator of its own."""

    def __init__(self, data: Data, size: int, seed: int, device: torch.device) -> None:
        """``size`` samples a batch; 0 takes all of them."""
        self._inputs = data.inputs.to(device)
        self._targets = data.targets.to(device)
        samples = len(data.inputs)
        self.size = min(size or samples, samples)
        self.per_epoch = samples // self.size
        self.full = self.size == samples
        """Whether every batch is all the data: the loss then is a function of the weights."""
        self._generator = torch.Generator().manual_seed(seed)
        self._order: list[Tensor] = []

    def next(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the next step; an incomplete last batch is left out."""
        if self.full:
            return self._inputs, self._targets
        if not self._order:
            order = torch.randperm(len(self._inputs), generator=self._generator)
            order = order[: self.per_epoch * self.size].to(self._inputs.device)
            self._order = list(order.split(self.size))[::-1]
        batch = self._order.pop()
        return self._inputs[batch], self._targets[batch]
