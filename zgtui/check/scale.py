"""What a loss was divided by before its backward, read off the top of its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = 12
"""How far down from the loss is looked."""
THROUGH = {"NegBackward0", "ToCopyBackward0", "CloneBackward0", "ViewBackward0", "SqueezeBackward0"}


def divisor_of(roots: Iterable[Any]) -> float:
    """The constants that the one root was divided by; 1 without, and for several roots.

    Factors above 1 are left out: they are weights, or the scale of a GradScaler.
    """
    several = list(roots)
    node = getattr(several[0], "grad_fn", None) if len(several) == 1 else None
    divisor = 1.0
    for _ in range(STEPS):
        if node is None:
            break
        name = node.name()
        if name == "DivBackward0":
            divisor *= _constant(node) or 1.0
        elif name == "MulBackward0":
            factor = _constant(node)
            if factor is None:
                break
            divisor /= factor if 0 < factor < 1 else 1.0
        elif name not in THROUGH:
            break
        node = next((one for one, _ in node.next_functions if one is not None), None)
    return divisor if divisor > 1 else 1.0


def _constant(node: Any) -> float | None:
    """The plain number that ``node`` multiplies or divides by; None where it is none."""
    if sum(one is not None for one, _ in node.next_functions) != 1:
        return None
    for name in ("_saved_other", "_saved_self"):
        value = getattr(node, name, None)
        if isinstance(value, torch.Tensor) and value.numel() == 1 and value.device.type == "cpu":
            return float(value)
    return None
