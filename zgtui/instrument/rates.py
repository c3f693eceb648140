"""Learning rates: as they are, and multiplied by a factor while a step runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
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


@dataclass(eq=False)
class _Scaled:
    """A group of which a step is under way."""

    group: dict[str, Any]
    before: Any
    ours: Any
    threads: set[int] = field(default_factory=set)
    """Those that are in a step of it: several may share an optimizer."""


class ScaledRates(Observer):
    """Scales the rates of all groups for each step alone, so that a scheduler sees its own."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self._scaled: dict[int, _Scaled] = {}
        """By the identity of the group."""

    def step_begins(self, optimizer: Optimizer) -> None:
        """Scale what neither an outer step nor another thread's has scaled."""
        for group in optimizer.param_groups:
            if "lr" not in group:
                continue
            if id(group) not in self._scaled:
                before = group["lr"]
                group["lr"] = before * self.factor
                self._scaled[id(group)] = _Scaled(group, before, group["lr"])
            self._scaled[id(group)].threads.add(threading.get_ident())

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """Give the groups that no thread is in a step of any more their own learning rates back."""
        if not outermost:
            return
        for key, one in list(self._scaled.items()):
            one.threads.discard(threading.get_ident())
            if one.threads:
                continue
            del self._scaled[key]
            if one.group["lr"] is one.ours:
                one.group["lr"] = one.before
