"""Losses whose targets were drawn from the very predictions that they judge.

Their gradient is zero on the average: nobody trains on it. It is taken for its squares, or its
products, which estimate a Fisher information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from zgtui.check.recording.replacements import tensors_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

DEPTH = 8
"""So many operations stand between a loss and the likelihood that it is a mean of."""
PLAIN = {"Mean", "Sum", "Div", "Neg", "View", "UnsafeView", "Squeeze", "ReshapeAlias", "Alias"}
"""Operations, by the names of their nodes, that weigh no target otherwise than the next."""
RELATIVE = 1e-3


class _Likelihood(NamedTuple):
    """Where a node keeps its targets, and how what it keeps becomes probabilities."""

    targets: str
    probabilities: Any


LIKELIHOODS = {
    "NllLoss": _Likelihood("_saved_target", torch.exp),
    "NllLoss2D": _Likelihood("_saved_target", torch.exp),
    "Gather": _Likelihood("_saved_index", torch.exp),
    "BinaryCrossEntropyWithLogits": _Likelihood("_saved_target", torch.sigmoid),
}


class DrawnTargets:
    """Remembers what was drawn last, and from which probabilities."""

    def __init__(self) -> None:
        self._last: tuple[Tensor, Tensor] | None = None

    def drawn(self, values: Iterable[Any], result: Any) -> None:
        """``torch.multinomial`` or ``torch.bernoulli`` drew ``result``."""
        weights = next(tensors_in(values), None)
        if weights is not None and isinstance(result, torch.Tensor):
            self._last = weights.detach(), result

    def judged(self, roots: Iterable[Any]) -> bool:
        """Whether a loss is the mean likelihood of what was drawn from its own predictions."""
        several = list(roots)
        if self._last is None or len(several) != 1:
            return False
        node: Any = getattr(several[0], "grad_fn", None)
        for _ in range(DEPTH):
            name = "" if node is None else str(node.name()).partition("Backward")[0]
            if name in LIKELIHOODS:
                return _is_of(node, LIKELIHOODS[name], *self._last)
            if name not in PLAIN:
                return False
            node = node.next_functions[0][0]
        return False


def _is_of(node: Any, likelihood: _Likelihood, weights: Tensor, result: Tensor) -> bool:
    targets = getattr(node, likelihood.targets, None)
    predictions = getattr(node, "_saved_self", None)
    if targets is None or predictions is None or targets.numel() != result.numel():
        return False
    if weights.numel() != predictions.numel() or targets.device != result.device:
        return False
    if not torch.equal(targets.flatten().double(), result.flatten().double()):
        return False
    own = likelihood.probabilities(predictions.detach().double()).flatten()
    drawn = weights.double()
    if likelihood.probabilities is torch.exp:
        drawn = drawn / drawn.sum(-1, keepdim=True)
    return torch.allclose(drawn.flatten(), own, rtol=RELATIVE, atol=0.0)
