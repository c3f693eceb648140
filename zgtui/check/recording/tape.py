"""The calls by which a loss came about, kept so that they can be made again with other values."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from zgtui.check.recording.torch_calls import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

RANDOM = {
    "rand_like", "randn_like", "randint_like", "bernoulli", "multinomial", "normal", "poisson",
}  # fmt: skip
"""Their results are values like any other: they are not drawn again."""
DROPOUTS = {
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout",
}  # fmt: skip
MAX_CALLS = 20_000


class NoProofError(Exception):
    """Why no proof can be made, in words that follow "because"."""


@dataclass(frozen=True)
class MadeByCall:
    """A tensor that call number ``call`` gave back at ``place``."""

    call: int
    place: int


@dataclass(frozen=True)
class Given:
    """A tensor that no call of the tape has made."""

    tensor: Tensor
    version: int


@dataclass(frozen=True)
class Call:
    """``target`` is a function of torch or a module."""

    target: Any
    args: Any
    kwargs: Any
    grad: bool
    autocast: torch.dtype | None
    device: str


@dataclass(frozen=True)
class Recipe:
    """How one loss is made: calls in their order, and which of their results it is."""

    calls: dict[int, Call]
    root: MadeByCall
    value: float


class Tape:
    """What was called since the last backward, outermost calls alone."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._places: dict[int, MadeByCall] = {}
        self._results: list[list[Tensor]] = []
        self._alive: list[Any] = []
        self._first = MAX_CALLS
        """The first call whose result needs a gradient: what comes before makes the data ready."""
        self.inside = False
        """Whether a module is at work, whose calls belong to it."""
        self.forbidden = ""

    def look(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note what forbids a proof, inside modules as well."""
        name = name_of(function)
        if name in DROPOUTS and kwargs.get("training", args[2] if len(args) > 2 else True):
            if kwargs.get("p", args[1] if len(args) > 1 else 0.5):
                self.forbidden = "dropout draws a new mask each time"
        elif name == "batch_norm" and kwargs.get("training", args[5] if len(args) > 5 else False):
            self.forbidden = "BatchNorm normalises each micro-batch by itself, and the whole as one"
        elif name == "scaled_dot_product_attention" and kwargs.get("dropout_p"):
            self.forbidden = "dropout draws a new mask each time"

    def note(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """A call was made, and gave ``result``."""
        made = list(tensors_of(result))
        if not made or not any(True for _ in tensors_of((args, kwargs))):
            return
        if name_of(target) in RANDOM or len(self._calls) >= MAX_CALLS:
            return
        device = made[0].device.type
        self._calls.append(
            Call(
                target,
                mapped(args, self._place),
                mapped(kwargs, self._place),
                torch.is_grad_enabled(),
                autocast_dtype(device),
                device,
            )
        )
        self._results.append(made)
        self._alive.append((args, kwargs))
        if any(one.requires_grad for one in made):
            self._first = min(self._first, len(self._calls) - 1)
        for place, one in enumerate(made):
            self._places[id(one)] = MadeByCall(len(self._calls) - 1, place)

    def _place(self, tensor: Tensor) -> MadeByCall | Given:
        return self._places.get(id(tensor)) or Given(tensor, tensor._version)  # noqa: SLF001 - torch documents it and gives it no other name

    def recipe(self, root: Tensor) -> Recipe:
        """How ``root`` was made.

        Raises:
            NoProofError: if it cannot be made again.
        """
        if self.forbidden:
            raise NoProofError(self.forbidden)
        made = self._places.get(id(root))
        if made is None:
            raise NoProofError("how its loss came about was not seen")
        calls: dict[int, Call] = {}
        waiting = [made.call]
        while waiting:
            number = waiting.pop()
            if number not in calls:
                calls[number] = call = self._with_data(self._calls[number])
                waiting += [one.call for one in leaves_of((call.args, call.kwargs), MadeByCall)]
        calls = dict(sorted(calls.items()))
        for call in calls.values():
            for given in leaves_of((call.args, call.kwargs), Given):
                _check(given)
        return Recipe(calls, made, float(root.detach()))

    def _with_data(self, call: Call) -> Call:
        """The call with what was made ready before the model was called as it was then."""

        def fixed(tree: Any) -> Any:
            if isinstance(tree, MadeByCall) and tree.call < self._first:
                tensor = self._results[tree.call][tree.place]
                return Given(tensor, tensor._version)  # noqa: SLF001 - torch documents it and gives it no other name
            if isinstance(tree, dict):
                return {key: fixed(one) for key, one in tree.items()}
            return type(tree)(map(fixed, tree)) if type(tree) in {list, tuple} else tree

        return replace(call, args=fixed(call.args), kwargs=fixed(call.kwargs))


def _check(given: Given) -> None:
    if given.tensor._version != given.version:  # noqa: SLF001 - as above
        raise NoProofError("one of its inputs was changed in place")
    if given.tensor.requires_grad and not given.tensor.is_leaf:
        raise NoProofError("its loss depends on what was computed before the last backward")


def mapped(tree: Any, change: Callable[[Tensor], Any]) -> Any:
    """A copy of nested lists, tuples and dicts with ``change`` made to each tensor."""
    if isinstance(tree, torch.Tensor):
        return change(tree)
    if isinstance(tree, dict):
        return {key: mapped(value, change) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return (
            type(tree)([mapped(one, change) for one in tree])
            if type(tree) in {list, tuple}
            else tree
        )
    return tree


def tensors_of(tree: Any) -> Iterator[Tensor]:
    """The tensors in nested lists, tuples and dicts, in order."""
    yield from leaves_of(tree, torch.Tensor)


def leaves_of(tree: Any, kind: Any) -> Iterator[Any]:
    """Everything of ``kind`` in nested lists, tuples and dicts, in order."""
    if isinstance(tree, kind):
        yield tree
    elif isinstance(tree, dict):
        for one in tree.values():
            yield from leaves_of(one, kind)
    elif isinstance(tree, list | tuple):
        for one in tree:
            yield from leaves_of(one, kind)


class TapeReplay:
    """Makes calls again, with copies in the place of parameters and buffers."""

    def __init__(self, copies: dict[int, Tensor]) -> None:
        self._copies = copies

    def run(self, recipe: Recipe, skipped: set[int] | frozenset[int] = frozenset()) -> Tensor:
        """The loss; calls in ``skipped`` give back the first tensor they are given."""
        results: dict[int, list[Tensor]] = {}
        for number, call in recipe.calls.items():
            args, kwargs = (self._values(tree, results) for tree in (call.args, call.kwargs))
            if number in skipped:
                results[number] = [next(tensors_of((args, kwargs)))]
                continue
            with torch.set_grad_enabled(call.grad), _autocast(call):
                results[number] = list(tensors_of(self._call(call.target, args, kwargs)))
        return results[recipe.root.call][recipe.root.place]

    def _values(self, tree: Any, results: dict[int, list[Tensor]]) -> Any:
        if isinstance(tree, MadeByCall):
            return results[tree.call][tree.place]
        if isinstance(tree, Given):
            return self._copies.get(id(tree.tensor), tree.tensor)
        if isinstance(tree, dict):
            return {key: self._values(one, results) for key, one in tree.items()}
        if type(tree) in {list, tuple}:
            return type(tree)([self._values(one, results) for one in tree])
        return tree

    def _call(self, target: Any, args: Any, kwargs: Any) -> Any:
        if not isinstance(target, nn.Module):
            return target(*args, **kwargs)
        held = [
            *target.named_parameters(remove_duplicate=False),
            *target.named_buffers(remove_duplicate=False),
        ]
        copies = {name: self._copies[id(one)] for name, one in held if id(one) in self._copies}
        return torch.func.functional_call(target, copies, args, kwargs)


def _autocast(call: Call) -> Any:
    if call.autocast is None:
        return nullcontext()
    return torch.autocast(call.device, dtype=call.autocast, cache_enabled=False)


def autocast_dtype(device: str) -> torch.dtype | None:
    """In what ``device`` computes where autocast is on; None where it is off."""
    if hasattr(torch, "get_autocast_dtype"):
        return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
    # Before PyTorch 2.4 each kind of device has functions of its own; CUDA's have no name in them.
    cpu = device == "cpu"
    on = torch.is_autocast_cpu_enabled() if cpu else torch.is_autocast_enabled()
    dtype = torch.get_autocast_cpu_dtype() if cpu else torch.get_autocast_gpu_dtype()
    return dtype if on else None
