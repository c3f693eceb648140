"""What a loss was divided by and what it is the mean of, read off the top of its graph."""

from __future__ import annotations

import math
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

import torch

from zgtui.check.observations import LossSeen
from zgtui.instrument import ranks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import Tensor

    from zgtui.check.observations import Reduction

DEPTH = 24
"""So many operations below the loss are looked at."""
THROUGH = {
    "NegBackward0", "ToCopyBackward0", "CloneBackward0", "ViewBackward0", "SqueezeBackward0",
    "UnsqueezeBackward0", "AliasBackward0", "ReshapeAliasBackward0", "SqueezeBackward1",
}  # fmt: skip
SUMMANDS = {"AddBackward0", "SubBackward0"}
MEANS = {"MeanBackward0", "MeanBackward1"}
TOTALS = {"SumBackward0", "SumBackward1"}
SELECTS = {"IndexBackward0", "MaskedSelectBackward0", "ViewBackward0", "ReshapeAliasBackward0"}
LIKELIHOODS = {"NllLossBackward0", "NllLoss2DBackward0"}
"""The losses that say themselves how many targets their mean was taken over."""
REDUCED = {
    "MseLossBackward0", "SmoothL1LossBackward0", "HuberLossBackward0",
    "BinaryCrossEntropyBackward0", "BinaryCrossEntropyWithLogitsBackward0",
    "SoftMarginLossBackward0", "MultiMarginLossBackward0",
}  # fmt: skip
MEAN, SUM = 1, 2
"""Numbers of reductions in torch's own code; 0 is none."""
MAX_SCALES = 8
FRAMES = 12


class LossScales:
    """Reads the losses of backwards; knows the factors of GradScalers, which it sets apart."""

    def __init__(self) -> None:
        self._scales: deque[int] = deque(maxlen=MAX_SCALES)

    def scaled(self, result: Any) -> None:
        """A GradScaler made ``result``."""
        for one in result if isinstance(result, list | tuple) else (result,):
            factor = None if one.grad_fn is None else _tensor_factor(one.grad_fn)
            if factor is not None and factor.data_ptr() not in self._scales:
                self._scales.append(factor.data_ptr())

    def read(
        self,
        origin: int,
        roots: Iterable[Any],
        weights: Iterable[Any] | None,
        loops: tuple[int, ...],
    ) -> LossSeen:
        """What is known of the loss; its reduction is unknown for several roots or own weights."""
        several = list(roots)
        world = ranks.joined()
        root = several[0] if len(several) == 1 else None
        if _has_weight(weights):
            return LossSeen(origin, "handed on", loops=loops, ranks=world)
        if root is None or hooked((root,)):
            return LossSeen(origin, "unknown", loops=loops, ranks=world)
        chain = _Chain()
        node = chain.descend(getattr(root, "grad_fn", None), self._scales)
        terms = list(_terms(node, self._scales)) if node is not None else []
        reduction, count = _reduction_of(terms)
        apart = tuple(scale for term in terms for scale in (*term.divisors, *term.inverses()))
        return LossSeen(
            origin,
            reduction,
            tuple(chain.divisors),
            tuple(chain.factors),
            count,
            apart,
            loops,
            world,
        )


class _Chain:
    """Plain numbers that one value after the other was divided or multiplied by."""

    def __init__(self) -> None:
        self.divisors: list[float] = []
        self.factors: list[float] = []
        self.reduction: Reduction = "unknown"
        self.count = 0.0

    def inverses(self) -> Iterator[float]:
        """What its factors divide by."""
        yield from (1 / factor for factor in self.factors if factor)

    def descend(self, node: Any, scales: Iterable[int]) -> Any:
        """Follow ``node`` down through plain numbers; None where something else is in the way."""
        for _ in range(DEPTH):
            if node is None:
                return None
            name = node.name()
            if name in {"DivBackward0", "DivBackward1"}:
                number = _number(node, "_saved_other")
                if number is None or not node.next_functions[0][0]:
                    return None
                if number != 1:
                    self.divisors.append(number)
            elif name in {"MulBackward0", "MulBackward1"}:
                factor = _tensor_factor(node)
                if factor is None or factor.data_ptr() not in scales:
                    number = _number(node, "_saved_other") or _number(node, "_saved_self")
                    if number is None:
                        return None
                    self.factors.append(number)
            elif name not in THROUGH:
                return node
            node = next((one for one, _ in node.next_functions if one is not None), None)
        return None


def _terms(node: Any, scales: Iterable[int]) -> Iterator[_Chain]:
    """The summands of a loss, each with its own numbers and reduction."""
    waiting = [node]
    for _ in range(DEPTH):
        if not waiting:
            return
        node = waiting.pop()
        if node is not None and node.name() in SUMMANDS:
            waiting += [one for one, _ in node.next_functions if one is not None]
            continue
        chain = _Chain()
        end = chain.descend(node, scales)
        if end is not None and end.name() in SUMMANDS and not (chain.divisors or chain.factors):
            waiting.append(end)
            continue
        if end is not None:
            chain.reduction, chain.count = _reduced(end)
        yield chain


def _reduced(node: Any) -> tuple[Reduction, float]:
    """How ``node`` makes one number of many, and of how many."""
    name = node.name()
    if name in LIKELIHOODS:
        return _likelihood(node)
    if name in REDUCED:
        kind = getattr(node, "_saved_reduction", 0)
        count = float(node._saved_self.numel()) if kind == MEAN else 0.0  # noqa: SLF001 - how torch names what a node keeps
        return ("mean" if kind == MEAN else "sum" if kind == SUM else "unknown"), count
    if name in TOTALS:
        return "sum", 0.0
    if name in MEANS:
        # PyTorch 2.1 does not keep the number itself.
        count = float(math.prod(getattr(node, "_saved_self_sym_sizes", (0,))))
        return ("targets" if _is_of_targets(node) else "mean"), count
    return "unknown", 0.0


def _likelihood(node: Any) -> tuple[Reduction, float]:
    kind = getattr(node, "_saved_reduction", 0)
    if kind != MEAN:
        return ("sum" if kind == SUM else "unknown"), 0.0
    total = getattr(node, "_saved_total_weight", None)
    if getattr(node, "_saved_weight", None) is not None or total is None:
        return "mean", 0.0  # weighted by class: its weights differ from batch to batch by design
    return "targets", float(total)


def _is_of_targets(node: Any) -> bool:
    """Whether a mean was taken over chosen targets of a likelihood."""
    chosen = False
    for _ in range(DEPTH):
        node = next((one for one, _ in node.next_functions if one is not None), None)
        if node is None or node.name() not in SELECTS | LIKELIHOODS:
            return False
        if node.name() in LIKELIHOODS:
            return chosen
        chosen |= node.name() in {"IndexBackward0", "MaskedSelectBackward0"}
    return False


def _reduction_of(terms: list[_Chain]) -> tuple[Reduction, float]:
    """That of a whole loss: of its terms without a weight of their own, if they agree."""
    plain = [term for term in terms if not (term.divisors or term.factors)]
    kinds = {term.reduction for term in plain}
    if not kinds or "unknown" in kinds or "sum" in kinds:
        return "unknown" if len(terms) != 1 or not kinds else plain[0].reduction, 0.0
    counted = [term for term in plain if term.reduction == "targets"]
    if len(counted) == 1:
        return "targets", counted[0].count
    return "mean", plain[0].count if len(plain) == 1 else 0.0


def _number(node: Any, name: str) -> float | None:
    """The plain Python number that a node keeps by that name; None for a tensor of the script's."""
    value = getattr(node, name, None)
    if isinstance(value, int | float):
        return float(value) or None
    if not isinstance(value, torch.Tensor) or value.dim() or value.device.type != "cpu":
        return None
    if not (value.dtype in {torch.int64, torch.float64, torch.bool} and _is_wrapped(value)):
        return None
    return float(value) or None


def _is_wrapped(value: Tensor) -> bool:
    """Whether it stands for a Python number: it gives way to any type of its kind."""
    least = torch.float16 if value.is_floating_point() else torch.uint8
    return torch.result_type(value, torch.zeros((), dtype=least)) is least


def _tensor_factor(node: Any) -> Tensor | None:
    """The single number, as a tensor, that ``node`` multiplies by."""
    if node.name() != "MulBackward0":
        return None
    for name in ("_saved_other", "_saved_self"):
        value = getattr(node, name, None)
        if isinstance(value, torch.Tensor) and not value.dim() and not value.requires_grad:
            return value
    return None


def _has_weight(weights: Iterable[Any] | None) -> bool:
    if weights is None:
        return False
    several = (weights,) if isinstance(weights, torch.Tensor) else weights
    return any(one is not None for one in several)


def hooked(tensors: Iterable[Any]) -> bool:
    """Whether hooks of the script's own may change gradients on their way through ``tensors``."""
    return any(getattr(one, "_backward_hooks", None) for one in tensors)


def is_clipping() -> bool:
    """Whether what torch is asked to do now is part of clipping."""
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
    for _ in range(FRAMES):
        if frame.f_code.co_name.startswith("clip_grad"):
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False
