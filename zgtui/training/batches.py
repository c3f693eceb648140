"""The batches that both runs train on."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from zgtui.experiments.experiment import Data

if TYPE_CHECKING:
    from zgtui.config.settings import RunName


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
        self.inputs = data.inputs.to(device)
        self.targets = data.targets.to(device)
        samples = len(data.inputs)
        self.size = min(size or samples, samples)
        self.per_epoch = samples // self.size
        self.full = self.size == samples
        """Whether every batch is all the data: the loss then is a function of the weights."""
        self._generator = torch.Generator().manual_seed(seed)
        self._order: list[Tensor] = []

    def next(self) -> tuple[Tensor, Tensor]:
        """The next inputs and targets, (batch, …) each; an incomplete last batch is left out."""
        return (self.inputs, self.targets) if self.full else self.of(self.next_indices())

    def next_indices(self) -> Tensor:
        """Which samples the next batch is made of, (batch), where it is not all of them."""
        if not self._order:
            order = torch.randperm(len(self.inputs), generator=self._generator)
            order = order[: self.per_epoch * self.size]
            # PyTorch would wait for all that the GPU has to do, though it copies from the CPU.
            order = order.to(self.inputs.device, non_blocking=self.inputs.is_cuda)
            self._order = list(order.split(self.size))[::-1]
        return self._order.pop()

    def of(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """The inputs and targets of these samples, (batch, …) each."""
        return self.inputs.index_select(0, indices), self.targets.index_select(0, indices)

    def some(self) -> tuple[Tensor, Tensor]:
        """As many samples as a step sees, the first ones; no step is done by it."""
        return self.inputs[: self.size], self.targets[: self.size]

    def state(self) -> BatchesState:
        """What ``restore`` goes back to."""
        return BatchesState(self._generator.get_state(), list(self._order))

    def restore(self, state: BatchesState) -> None:
        """Let the batches come next that came after ``state``."""
        self._generator.set_state(state.generator)
        self._order = list(state.order)


DIGITS = 4


@dataclass(frozen=True)
class Fingerprints:
    """Hashes: ``weights`` of each run at step 0, buffers included; ``batches``: data and order."""

    weights: dict[RunName, str]
    batches: str


def fingerprints(
    first: nn.Module, second: nn.Module, batches: Batches, *, same_init: bool
) -> Fingerprints:
    """Those of the models of A and B, which have the same weights where ``same_init``."""
    a = _hash(first.state_dict().values())
    b = a if same_init else _hash(second.state_dict().values())
    size = torch.tensor(batches.size)
    order = _hash([batches.inputs, batches.targets, size, batches.state().generator])
    return Fingerprints({"A": a, "B": b}, order)


def _hash(tensors: Iterable[Tensor]) -> str:
    """The first DIGITS hexadecimal digits of a hash of ``tensors``."""
    digest = hashlib.blake2b(usedforsecurity=False)
    for tensor in tensors:
        plain = tensor.detach().cpu().contiguous().reshape(-1)
        # Read where it lies: numpy, torch's own way to bytes, need not be installed.
        digest.update(ctypes.string_at(plain.data_ptr(), plain.nbytes) if plain.nbytes else b"")
    return digest.hexdigest()[:DIGITS]
