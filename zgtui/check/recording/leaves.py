"""The leaves of autograd graphs: their numbers, their names, and how a graph is walked to them."""

from __future__ import annotations

import gc
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import torch

from zgtui.check.recording.loss_scale import THROUGH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor


class Leaves:
    """Numbers for leaves, counted from 1, for as long as each lives."""

    def __init__(self) -> None:
        self._numbers: dict[int, tuple[int, weakref.ref[Tensor]]] = {}
        self._count = 0

    @property
    def newest(self) -> int:
        """The number that was given last."""
        return self._count

    def number(self, leaf: Tensor) -> int:
        """The number of ``leaf``; the next one where it is new."""
        known = self._numbers.get(id(leaf))
        if known is not None and known[1]() is leaf:
            return known[0]
        self._count += 1
        key, numbers = id(leaf), self._numbers

        def forget(reference: weakref.ref[Tensor]) -> None:
            if key in numbers and numbers[key][1] is reference:
                del numbers[key]

        numbers[key] = (self._count, weakref.ref(leaf, forget))
        return self._count

    def known(self, leaf: Tensor) -> int:
        """The number of ``leaf``; 0 where it has none yet."""
        known = self._numbers.get(id(leaf))
        return known[0] if known is not None and known[1]() is leaf else 0

    def named(self, names: dict[int, str]) -> dict[int, str]:
        """The names of those that live and have a number, by number; ``names`` are by ``id``."""
        return {
            number: names[key]
            for key, (number, leaf) in list(self._numbers.items())
            if key in names and leaf() is not None
        }

    def next_number(self) -> int:
        """A number for what is no leaf that could be recognised again."""
        self._count += 1
        return self._count


HOOKS = torch.nn.modules._functions.BackwardHookFunction._backward_cls  # noqa: SLF001 - made by torch for each Function
"""What a module with a full backward hook puts into the graph."""


def leaves_below(roots: Iterable[Any], hooks: list[Any] | None = None) -> list[Tensor]:
    """The leaves that a backward from ``roots`` adds to, the nearest to the roots first.

    Where modules hand gradients to hooks is added to ``hooks``.
    """
    found: dict[int, Tensor] = {
        id(root): root
        for root in roots
        if isinstance(root, torch.Tensor) and root.grad_fn is None and root.requires_grad
    }
    # A root may also be a GradientEdge, which has a node.
    nodes = (getattr(root, "grad_fn", None) or getattr(root, "node", None) for root in roots)
    waiting = deque(node for node in nodes if node is not None)
    seen = set(waiting)
    while waiting:
        node = waiting.popleft()
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found.setdefault(id(leaf), leaf)
        elif hooks is not None and type(node) is HOOKS:
            hooks.append(node)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)
    return list(found.values())


def names_of_parameters() -> dict[int, str]:
    """The longest name that any module of this process has for each parameter, by ``id``."""
    names: dict[int, str] = {}
    for thing in gc.get_objects():
        # By type: isinstance() may wake up what pretends to be of another class.
        if issubclass(type(thing), torch.nn.Module):
            for name, parameter in _named_parameters(thing):
                if len(name) > len(names.get(id(parameter), "")):
                    names[id(parameter)] = name
    return names


def _named_parameters(module: torch.nn.Module) -> list[tuple[str, Tensor]]:
    """Those of ``module``; none of one that another thread, or an exception, has left half made."""
    try:
        return list(module.named_parameters())
    except (AttributeError, RuntimeError):
        return []


STEPS = 12
"""How far down from the loss is looked."""


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
