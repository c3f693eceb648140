"""Hashes of a script's weights before its first step and at its end, written beside its log."""

from __future__ import annotations

import ctypes
import hashlib
import json
from typing import TYPE_CHECKING

import torch

from zgtui.instrument.control import claim
from zgtui.instrument.observer import Observer
from zgtui.instrument.protocol import WEIGHTS
from zgtui.instrument.registry import local

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.instrument import Instrument
    from zgtui.instrument.protocol import RunSpec


class WeightHashes(Observer):
    """Of every optimizer in the process that steps first: its parameters, in their order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._optimizers: list[Optimizer] = []
        self._before: list[str] = []
        self._mine = True

    def step_begins(self, optimizer: Optimizer) -> None:
        """Hash what an optimizer holds before its first step."""
        if self._mine and all(one is not optimizer for one in self._optimizers):
            if not self._optimizers:
                self._mine = claim(self._path.with_suffix(".pid"))
            self._optimizers.append(optimizer)
            self._before.append(_hash_of([optimizer]))

    def ends(self) -> None:
        """Hash what they hold at the end."""
        if self._mine and self._optimizers:
            before = hashlib.sha256("".join(self._before).encode()).hexdigest()
            values = {"before": before, "after": _hash_of(self._optimizers)}
            self._path.write_text(json.dumps(values), encoding="utf-8")


def _hash_of(optimizers: list[Optimizer]) -> str:
    found = hashlib.sha256()
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            for param in group["params"]:
                found.update(_bytes(param))
    return found.hexdigest()


def _bytes(param: Tensor) -> bytes:
    part = local(param)
    assert part is not None
    plain = part.detach().to("cpu").contiguous().reshape(-1).view(torch.uint8)
    return ctypes.string_at(plain.data_ptr(), plain.numel())  # torch itself needs NumPy for it


def make(_instrument: Instrument, spec: RunSpec) -> WeightHashes:
    """An observer that writes into the run's own folder."""
    return WeightHashes(spec.own / WEIGHTS)
