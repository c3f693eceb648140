"""Learning rates: as they are, and multiplied by a factor while a step runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from zgtui.instrument.observer import Observer
from zgtui.instrument.registry import in_capture

if TYPE_CHECKING:
    from torch.optim import Optimizer


def rates_of(optimizer: Optimizer) -> list[float] | None:
    """Those of its groups that have one; None while a tensor that holds one cannot be read."""
    rates = [group["lr"] for group in optimizer.param_groups if "lr" in group]
    if any(isinstance(rate, torch.Tensor) and in_capture(rate) for rate in rates):
        return None
    return list(map(float, rates))


class ScaledRates(Observer):
    """Scales the rates of all groups for each step alone, so that a scheduler sees its own."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self._lrs: list[tuple[dict[str, Any], Any, Any]] = []

    def step_begins(self, optimizer: Optimizer) -> None:
        """Scale what no outer step has scaled."""
        scaled = {id(group) for group, _, _ in self._lrs}
        for group in optimizer.param_groups:
            if "lr" in group and id(group) not in scaled:
                before = group["lr"]
                group["lr"] = before * self.factor
                self._lrs.append((group, before, group["lr"]))

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """Give the groups their own learning rates back."""
        if outermost and self._lrs:
            for group, before, ours in self._lrs:
                if group["lr"] is ours:
                    group["lr"] = before
            self._lrs = []
