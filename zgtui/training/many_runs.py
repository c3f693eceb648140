"""Thousands of runs of one model, trained as one batch of tensors: each has settings of its own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.theory.dynamics import Rule
    from zgtui.theory.stability_map import CellOutcome
    from zgtui.training.step import Criterion

STEPS = 2000
"""Enough to tell what grows by a two-thousandth of the loss at each step."""
STEADY = 1.1
"""Updates whose mean square changes by less than this factor within half of the steps go on as
they are: what a mean over a quarter of the steps can tell from the ripple of an oscillation."""
GONE = 1e-20
"""Updates this much smaller than the first, squared, are rounding errors."""


class ManyRuns:
    """Runs from the weights of ``model``, by SGD as torch.optim has it, in float64 on the CPU.

    ``inputs`` and ``targets`` are all samples, (samples, …), which each step sees. ``rules`` and
    ``lrs`` are one for each run. ``model`` stays as it is.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a loss is made of, and what differs by run
        self,
        model: nn.Module,
        criterion: Criterion,
        inputs: Tensor,
        targets: Tensor,
        rules: Sequence[Rule],
        lrs: Sequence[float],
    ) -> None:
        own = copy.deepcopy(model).cpu().double()
        inputs, targets = inputs.cpu().double(), targets.cpu()
        if targets.is_floating_point():
            targets = targets.double()

        def loss_of(weights: dict[str, Tensor]) -> Tensor:
            return criterion(functional_call(own, weights, (inputs,)), targets)

        count = len(rules)
        self.step = 0
        """Steps done by each."""
        self._losses_of = vmap(loss_of)
        self._weights = {
            name: p.detach().expand(count, *p.shape).clone().requires_grad_()
            for name, p in own.named_parameters()
        }
        self._sgd = _ManySgd(list(self._weights.values()), rules, lrs)
        self._first, self._middle, self._last = torch.zeros(3, count, dtype=torch.float64)

    def advance(self, steps: int, of: int = STEPS) -> None:
        """Train all by ``steps``, ``of`` so many in the end."""
        quarter = max(1, of // 4)
        for _ in range(min(steps, of - self.step)):
            self.step += 1
            self._sgd.clear(self.step)
            self._losses_of(self._weights).sum().backward()
            self._sgd.apply()
            if self.step == 1:
                self._first = self._sgd.squared()
            elif quarter < self.step <= 2 * quarter:
                self._middle += self._sgd.squared()
            elif self.step > of - quarter:
                self._last += self._sgd.squared()

    def outcomes(self) -> list[CellOutcome]:
        """What each run has come to, once all steps are done.

        A run whose updates vanish has converged; where they grow it diverges; else it is bounded.
        """
        first, middle, last = self._first, self._middle, self._last
        diverged = ~last.isfinite() | ((last > middle * STEADY) & (last > first * GONE))
        converged = ~diverged & ((last < middle / STEADY) | (last < first * GONE))
        pairs = zip(diverged.tolist(), converged.tolist(), strict=True)
        return [
            "diverged" if grown else "converged" if shrunk else "bounded" for grown, shrunk in pairs
        ]


class _ManySgd:
    """SGD with a rate, momentum, weight decay and clearing for each row of ``weights``."""

    def __init__(
        self, weights: Sequence[Tensor], rules: Sequence[Rule], lrs: Sequence[float]
    ) -> None:
        self._weights = weights
        self._periods = torch.tensor([rule.clearing.period for rule in rules])
        lr = torch.tensor(lrs, dtype=torch.float64)
        momentum = torch.tensor([rule.momentum for rule in rules], dtype=torch.float64)
        decay = torch.tensor([rule.decay for rule in rules], dtype=torch.float64) / lr
        self._lr, self._momentum, self._decay = (
            [_beside(weight, values) for weight in weights] for values in (lr, momentum, decay)
        )
        self._buffers = [torch.zeros_like(weight) for weight in weights]

    def clear(self, step: int) -> None:
        """As `Clearing.due` says of each run before the backward of ``step``."""
        due = (self._periods > 0) & ((step - 1) % self._periods.clamp(min=1) == 0)
        for weight in self._weights:
            if weight.grad is not None:
                weight.grad.masked_fill_(_beside(weight, due), 0.0)

    @torch.no_grad()
    def apply(self) -> None:
        """The buffer becomes momentum·buffer + grad + wd·w, and the weights lose lr·buffer."""
        for at, weight in enumerate(self._weights):
            assert weight.grad is not None
            buffer = self._buffers[at].mul_(self._momentum[at]).add_(weight.grad)
            buffer.addcmul_(self._decay[at], weight)
            weight.addcmul_(self._lr[at], buffer, value=-1)

    @torch.no_grad()
    def squared(self) -> Tensor:
        """The squared length of the last update of each run, (runs)."""
        lengths = [
            (lr * buffer).square().flatten(1).sum(1)
            for lr, buffer in zip(self._lr, self._buffers, strict=True)
        ]
        return torch.stack(lengths).sum(0)


def _beside(weight: Tensor, values: Tensor) -> Tensor:
    """``values``, (runs), so that each meets its own row of ``weight``, (runs, …)."""
    return values.view(-1, *[1] * (weight.dim() - 1))
