"""The value of a loss: a number, or one that is on its way from a device."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from zgtui.instrument.registry import in_capture, local


class Arriving:
    """A loss on its way from a GPU of CUDA."""

    def __init__(self, value: Tensor) -> None:
        self._value = torch.empty((), dtype=value.dtype, device="cpu", pin_memory=True)
        self._value.copy_(value.reshape(()), non_blocking=True)
        self._event = torch.cuda.Event()
        self._event.record(torch.cuda.current_stream(value.device))

    def here(self) -> bool:
        """Whether reading it waits for nothing."""
        reached: bool = self._event.query()
        return reached

    def read(self) -> float:
        """The loss, after waiting for it."""
        self._event.synchronize()
        return float(self._value.item())


LossPart = tuple[int, float | Arriving]
"""The number of a series, 0 for none, and a loss."""


def read(part: float | Arriving) -> float:
    """The loss, after waiting for one that is not there yet."""
    return part if isinstance(part, float) else part.read()


def summed(parts: list[LossPart]) -> tuple[float, dict[int, float]]:
    """The sum of all, and that of each series; waits for what is not there yet."""
    total, sums = 0.0, dict[int, float]()
    for number, part in parts:
        value = read(part)
        total += value
        sums[number] = sums.get(number, 0.0) + value
    return total, sums


def value_of(tensor: Any, weight: Any) -> float | Arriving | None:
    """The value of ``tensor`` as a loss; with ``weight`` the sum of its weighted elements."""
    if weight is None and type(tensor) is Tensor and tensor.is_cpu and tensor.numel() == 1:
        return float(tensor.item())  # nearly always, and at a third of the time of what follows
    part = local(tensor)
    if not isinstance(part, torch.Tensor):
        return None
    part = part.detach()
    if weight is not None:
        factor = local(weight)
        assert factor is not None
        part = (part * factor.detach()).sum()
    elif part.numel() != 1:
        return None
    if not part.is_cuda:
        return float(part.item())  # on an Apple GPU, for example, this waits for the device
    if in_capture(part):
        return None
    return Arriving(part)
