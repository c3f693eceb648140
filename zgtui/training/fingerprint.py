"""Short hashes by which two runs are seen to start alike and to learn from the same batches."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from zgtui.settings import RunName
    from zgtui.training.batches import Batches

DIGITS = 4


@dataclass(frozen=True)
class Fingerprints:
    """``weights`` of each run at step 0, buffers included; ``batches``: data and their order."""

    weights: dict[RunName, str]
    batches: str


def weights_hash(model: nn.Module) -> str:
    """The first DIGITS hexadecimal digits of a hash of every parameter and buffer."""
    return _hash(model.state_dict().values())


def batches_hash(batches: Batches) -> str:
    """The same of all samples, of the batch size and of the generator that orders them."""
    size = torch.tensor(batches.size)
    return _hash([batches.inputs, batches.targets, size, batches.state().generator])


def _hash(tensors: Iterable[Tensor]) -> str:
    digest = hashlib.blake2b(usedforsecurity=False)
    for tensor in tensors:
        plain = tensor.detach().cpu().contiguous().reshape(-1)
        # Read where it lies: numpy, torch's own way to bytes, need not be installed.
        digest.update(ctypes.string_at(plain.data_ptr(), plain.nbytes) if plain.nbytes else b"")
    return digest.hexdigest()[:DIGITS]
