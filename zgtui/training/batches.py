"""The batches that both runs train on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from zgtui.experiments.experiment import Data


@dataclass(frozen=True)
class BatchesState:
    """Which batches come next."""

    generator: Tensor
    order: list[Tensor]

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return self.generator.nbytes + sum(batch.nbytes for batch in self.order)


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

    def some(self) -> tuple[Tensor, Tensor]:
        """As many samples as a step sees, the first ones; no step is done by it."""
        return self._inputs[: self.size], self._targets[: self.size]

    def state(self) -> BatchesState:
        """What ``restore`` goes back to."""
        return BatchesState(self._generator.get_state(), list(self._order))

    def restore(self, state: BatchesState) -> None:
        """Let the batches come next that came after ``state``."""
        self._generator.set_state(state.generator)
        self._order = list(state.order)
