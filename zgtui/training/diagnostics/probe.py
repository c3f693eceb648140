"""Looks at the gradients of one training step from outside, through hooks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.utils.hooks import RemovableHandle


@dataclass(frozen=True)
class Products:
    """Inner products of the gradients of one step, scalars on their device.

    g is the fresh gradient, summed over the backwards of the step; A is what ``.grad`` held after
    the last of them, before clipping. What was carried over from before is A - g.
    """

    fresh: Tensor
    """⟨g, g⟩"""
    held: Tensor
    """⟨A, A⟩"""
    between: Tensor
    """⟨A, g⟩"""
    carried: Tensor
    """⟨A - g, A - g⟩: exactly 0 where nothing was carried over"""


class Probe:
    """Records every gradient of ``model`` from now until ``products``, changing none.

    ``clipped``: gradients are changed after the last backward, so what they were is copied.
    """

    def __init__(self, model: nn.Module, *, clipped: bool) -> None:
        begin = time.perf_counter()
        self.seconds_in_step = 0.0
        """Time that attaching and the hooks took, the training step itself left out."""
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._fresh: dict[int, Tensor] = {}
        self._copies: dict[int, Tensor] = {}
        self._handles: list[RemovableHandle] = []
        self._clipped = clipped
        for at, parameter in enumerate(self._parameters):
            self._handles.append(parameter.register_hook(self._taking(at)))
            if clipped:
                self._handles.append(
                    parameter.register_post_accumulate_grad_hook(self._copying(at))
                )
        self.seconds_in_step += time.perf_counter() - begin

    def _taking(self, at: int) -> Callable[[Tensor], None]:
        def take(gradient: Tensor) -> None:
            begin = time.perf_counter()
            # Held here, it is cloned and not taken over by ``.grad``, which later grows in place.
            earlier = self._fresh.get(at)
            gradient = gradient.detach()
            # .grad may go on with the same memory, in which clipping would change it.
            gradient = gradient.clone() if self._clipped else gradient
            self._fresh[at] = gradient if earlier is None else earlier + gradient
            self.seconds_in_step += time.perf_counter() - begin

        return take

    def _copying(self, at: int) -> Callable[[Tensor], None]:
        def copy(parameter: Tensor) -> None:
            begin = time.perf_counter()
            assert parameter.grad is not None
            self._copies[at] = parameter.grad.clone()
            self.seconds_in_step += time.perf_counter() - begin

        return copy

    def close(self) -> None:
        """Take every hook away; may be called again."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        for parameter in self._parameters:
            # A removed hook leaves an empty list behind, looked through at every later backward.
            if not parameter._backward_hooks:  # noqa: SLF001 - torch has no public way
                parameter._backward_hooks = None  # noqa: SLF001 - likewise

    def products(self) -> Products | None:
        """What was recorded; None where there is no gradient at all. Ends the recording.

        Parameters that got no gradient count with what ``.grad`` holds for them.
        """
        self.close()
        found = [
            (held.detach().flatten(), self._fresh.get(at))
            for at, parameter in enumerate(self._parameters)
            if (held := self._copies.get(at, parameter.grad)) is not None
        ]
        pairs = [(held, fresh.flatten()) for held, fresh in found if fresh is not None]
        products = None
        if pairs:
            products = Products(
                fresh=_sum([torch.dot(fresh, fresh) for _, fresh in pairs]),
                held=_sum([torch.dot(held, held) for held, _ in found]),
                between=_sum([torch.dot(held, fresh) for held, fresh in pairs]),
                carried=_sum(
                    [
                        _square(held if fresh is None else held - fresh.flatten())
                        for held, fresh in found
                    ]
                ),
            )
        return products


def _square(vector: Tensor) -> Tensor:
    return torch.dot(vector, vector)


def _sum(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).sum() if len(parts) > 1 else parts[0]
