"""Learning rates: as they are, and multiplied by a factor while a step runs."""

from __future__ import annotations

import threading
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
        self._scaled: dict[int, list[tuple[dict[str, Any], Any, Any]]] = {}
        """By thread, of which each may be in a step of its own: groups, their rates and ours."""

    def step_begins(self, optimizer: Optimizer) -> None:
        """Scale what no outer step has scaled."""
        here = self._scaled.setdefault(threading.get_ident(), [])
        scaled = {id(group) for group, _, _ in here}
        for group in optimizer.param_groups:
            if "lr" in group and id(group) not in scaled:
                before = group["lr"]
                group["lr"] = before * self.factor
                here.append((group, before, group["lr"]))

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """Give the groups their own learning rates back."""
        if outermost:
            for group, before, ours in self._scaled.pop(threading.get_ident(), ()):
                if group["lr"] is ours:
                    group["lr"] = before
