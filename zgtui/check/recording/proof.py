"""Runs the micro-batches of one step apart and as one batch, and compares their gradients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from zgtui.check.recording.tape import (
    Given,
    MadeByCall,
    NoProofError,
    Recipe,
    TapeReplay,
    leaves_of,
)
from zgtui.check.recording.torch_calls import PRODUCTS, QUOTIENTS, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from zgtui.check.observations import LossSeen

CLOSE = {torch.float16: 1e-2, torch.bfloat16: 3e-2}
"""How far a loss may be from what it was, relative; that of other types is `EXACT`."""
EXACT = 1e-4
SHAPES = {"view", "reshape", "expand"}
LARGEST_WEIGHT = 2.0
"""A division by more than this, by a whole number, is none that halves a loss."""


def ratio_of(recipes: list[Recipe], losses: list[LossSeen]) -> tuple[float, float]:
    """How many times the gradient of the whole batch its parts add up to, and the rest.

    The rest is what remains of the parts when that multiple of the whole is taken away, relative
    to the parts: 0 where both point the same way.

    Raises:
        NoProofError: if the batches cannot be run again, or not as one.
    """
    if any(loss.reduction in {"unknown", "handed on"} for loss in losses):
        raise NoProofError("it is unclear how its loss is averaged")
    if any(loss.ranks > 1 for loss in losses):
        raise NoProofError("its gradients are averaged over several processes")
    copies = _copies(recipes)
    replay, params = TapeReplay(copies), [one for one in copies.values() if one.requires_grad]
    parts = [torch.zeros_like(one) for one in params]
    for recipe in recipes:
        loss = replay.run(recipe)
        near = CLOSE.get(loss.dtype, EXACT) * max(1.0, abs(recipe.value))
        if not abs(float(loss.detach()) - recipe.value) <= near:
            raise NoProofError(
                f"a micro-batch run again gives the loss {float(loss.detach()):.6g} instead of"
                f" {recipe.value:.6g}"
            )
        parts = [old + new for old, new in zip(parts, _gradients(loss, params), strict=True)]
    skipped = _divisions(recipes, losses)
    whole = _gradients(replay.run(_joined(recipes, skipped), skipped), params)
    return _compared(parts, whole)


def _compared(parts: list[Tensor], whole: list[Tensor]) -> tuple[float, float]:
    one, other = (
        torch.cat([g.double().flatten().cpu() for g in several]) for several in (parts, whole)
    )
    square = float(other @ other)
    if not square or not torch.isfinite(one).all():
        raise NoProofError("the gradient of the whole batch is zero or not finite")
    ratio = float(one @ other) / square
    size = float(one.norm())
    return ratio, float((one - ratio * other).norm()) / size if size else 0.0


def _gradients(loss: Tensor, params: list[Tensor]) -> list[Tensor]:
    grad: Callable[..., Any] = getattr(torch.autograd.grad, "__wrapped__", torch.autograd.grad)
    found = grad(loss, params, allow_unused=True)
    return [
        torch.zeros_like(param) if one is None else one
        for param, one in zip(params, found, strict=True)
    ]


def _copies(recipes: list[Recipe]) -> dict[int, Tensor]:
    """Of every parameter and buffer that has a part in it, by ``id``."""
    found: dict[int, Tensor] = {}
    for recipe in recipes:
        for call in recipe.calls.values():
            held = [given.tensor for given in leaves_of((call.args, call.kwargs), Given)]
            several = [one for one in held if one.requires_grad]
            if isinstance(call.target, nn.Module):
                several += [*call.target.parameters(), *call.target.buffers()]
            for one in several:
                if id(one) not in found:
                    found[id(one)] = one.detach().clone().requires_grad_(one.requires_grad)
    return found


def _divisions(recipes: list[Recipe], losses: list[LossSeen]) -> set[int]:
    """The calls that divide the loss for the accumulation: the whole is run without them."""
    if any(loss.reduction == "sum" for loss in losses):
        return set()
    found: set[int] = set()
    number = len(recipes)
    may_halve = number == LARGEST_WEIGHT and any(loss.reduction != "targets" for loss in losses)
    for place, call in enumerate(_chain(recipes[0])):
        values = {divisor for recipe in recipes if (divisor := _divisor(recipe, place)) is not None}
        for divisor in values:
            whole = divisor > LARGEST_WEIGHT and divisor == round(divisor)
            if may_halve and found:
                continue
            if len(values) > 1 or whole or abs(divisor - number) < 1e-6 * number:
                found.add(call)
    return found


def _chain(recipe: Recipe) -> Iterator[int]:
    """The calls from the loss down, as long as each scales the one below it."""
    made: MadeByCall | None = recipe.root
    while made is not None:
        yield made.call
        call = recipe.calls[made.call]
        below = list(leaves_of((call.args, call.kwargs), MadeByCall))
        scales = name_of(call.target) in PRODUCTS | QUOTIENTS and len(below) == 1
        made = below[0] if scales else None


def _divisor(recipe: Recipe, place: int) -> float | None:
    """By what plain number the call at that place of the chain divides."""
    chain = list(_chain(recipe))
    if place >= len(chain):
        return None
    call = recipe.calls[chain[place]]
    numbers = [one for one in call.args if isinstance(one, int | float)]
    if name_of(call.target) not in PRODUCTS | QUOTIENTS or len(numbers) != 1 or not numbers[0]:
        return None
    return numbers[0] if name_of(call.target) in QUOTIENTS else 1 / numbers[0]


def _joined(recipes: list[Recipe], skipped: set[int]) -> Recipe:
    """The recipe of the whole batch: what differs from part to part is put together.

    Numbers may differ in calls that are skipped alone.
    """
    first = recipes[0]
    orders = [list(recipe.calls) for recipe in recipes]
    if len({len(order) for order in orders}) > 1:
        raise NoProofError("its micro-batches take different paths through the model")
    sizes = [_batch(recipe) for recipe in recipes]
    calls = {}
    for place, number in enumerate(orders[0]):
        several = [one.calls[order[place]] for one, order in zip(recipes, orders, strict=True)]
        if any(call.target != several[0].target for call in several):
            raise NoProofError("its micro-batches take different paths through the model")
        join = _Join(sizes, numbers=number in skipped, shape=name_of(several[0].target) in SHAPES)
        calls[number] = replace(
            several[0],
            args=join.of([call.args for call in several]),
            kwargs=join.of([call.kwargs for call in several]),
        )
    return Recipe(calls, first.root, first.value)


def _batch(recipe: Recipe) -> int:
    """How many samples are in a micro-batch: the length of the first input."""
    for call in recipe.calls.values():
        for given in leaves_of((call.args, call.kwargs), Given):
            if given.tensor.dim() and not given.tensor.requires_grad:
                return len(given.tensor)
    raise NoProofError("none of its inputs was seen")


class _Join:
    """Puts the arguments of one call in each part together into those for the whole."""

    def __init__(self, sizes: list[int], *, numbers: bool, shape: bool) -> None:
        self._sizes, self._numbers, self._shape = sizes, numbers, shape

    def of(self, several: list[Any]) -> Any:
        """The argument for the whole."""
        first = several[0]
        if isinstance(first, Given):
            return self._tensors([one.tensor for one in several])
        if isinstance(first, MadeByCall):
            return first
        if isinstance(first, dict):
            return {key: self.of([one[key] for one in several]) for key in first}
        if type(first) in {list, tuple}:
            found = [self.of(list(each)) for each in zip(*several, strict=True)]
            return type(first)(self._shaped(found))
        if any(type(one) is not type(first) or one != first for one in several):
            if self._shape and isinstance(first, int):
                return first
            if not (self._numbers and isinstance(first, int | float)):
                raise NoProofError("a value in its loss differs from micro-batch to micro-batch")
        return first

    def _shaped(self, found: list[Any]) -> list[Any]:
        """A shape written in numbers leaves its first length open, which the batch is in."""
        lengths = [at for at, one in enumerate(found) if type(one) is int]
        if self._shape and lengths and all(found[at] != -1 for at in lengths):
            found[lengths[0]] = -1
        return found

    def _tensors(self, several: list[Tensor]) -> Given:
        first = several[0]
        parts = first.dim() and all(
            len(one) == size for one, size in zip(several, self._sizes, strict=True)
        )
        if parts and not first.requires_grad:
            if len({one.shape[1:] for one in several}) > 1:
                raise NoProofError("its micro-batches are padded to different lengths")
            joined = torch.cat(several)
            return Given(joined, joined._version)  # noqa: SLF001 - torch gives it no other name
        if any(one is not first and not _equal(one, first) for one in several):
            raise NoProofError("a tensor in its loss differs and has no place for each sample")
        return Given(first, first._version)  # noqa: SLF001 - as above


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool((one == other).all())
