"""``autograd.grad()`` and the transforms of ``torch.func``: gradients that go past ``.grad``."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.func

from zgtui.check.recording.follow_mode import traced
from zgtui.instrument.threads import LOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from zgtui.check.recording.follow_mode import FollowMode

TRANSFORMS = (
    "grad",
    "grad_and_value",
    "vjp",
    "jvp",
    "jacrev",
    "jacfwd",
    "hessian",
    "vmap",
    "linearize",
)
"""Of ``torch.func``; ``vmap`` makes no gradients itself, but what is inside it may."""


@dataclass(frozen=True)
class Grads:
    """Gradients just made, each with the tensor that it is with respect to, where that is known."""

    pairs: tuple[tuple[Tensor | None, Tensor], ...]


class _Inside(threading.local):
    """What is under way in one thread."""

    grad = False
    """Whether it is a call of ``grad()``."""
    depth = 0
    """How deep transforms lie in one another."""
    differentiated = False
    """Whether gradients were made in there."""


_inside = _Inside()


def watch_grads(
    told: Callable[[Grads], None],
    is_on: Callable[[], bool],
    failed: Callable[[BaseException], None],
) -> None:
    """Wrap the calls, so that ``told`` hears of what they make."""

    def tell(pairs: Iterator[tuple[Tensor | None, Tensor]]) -> None:
        with LOCK:
            try:
                found = tuple(pairs)
                if found and is_on():
                    told(Grads(found))
            except Exception as error:  # noqa: BLE001 - whatever it is, the script goes on
                failed(error)

    original = torch.autograd.grad

    @functools.wraps(original)
    def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if _inside.depth or _inside.grad or traced():
            # torch calls itself by this name again, once every mode has seen the call.
            return original(outputs, inputs, *args, **kwargs)
        _inside.grad = True
        try:
            result = original(outputs, inputs, *args, **kwargs)
        finally:
            _inside.grad = False
        if is_on():
            tell(_of_inputs(inputs, result))
        return result

    torch.autograd.grad = grad
    for name in TRANSFORMS:
        transform = getattr(torch.func, name, None)
        if transform is not None:
            setattr(torch.func, name, _wrapped(transform, name, tell))


def watch_engine(current: Callable[[], FollowMode | None]) -> None:
    """Follow what hooks do inside a backward: torch takes its modes away before it runs."""
    original = getattr(torch.autograd, "_engine_run_backward", None)
    if original is None:
        return  # an older torch: what hooks do by hand is not seen

    @functools.wraps(original)
    def run(*args: Any, **kwargs: Any) -> Any:
        follower = current()
        if follower is None or not follower.follow_inside():
            return original(*args, **kwargs)
        try:
            return original(*args, **kwargs)
        finally:
            follower.remove()

    torch.autograd._engine_run_backward = run  # type: ignore[attr-defined]  # noqa: SLF001 - the point of it


def _wrapped(transform: Any, name: str, tell: Callable[..., None]) -> Any:
    @functools.wraps(transform)
    def transformed(function: Any, *args: Any, **kwargs: Any) -> Any:
        made = transform(function, *args, **kwargs)
        argnums = kwargs.get("argnums", args[0] if args else 0)
        if not callable(made):
            return made  # vjp and jvp compute at once

        @functools.wraps(made)
        def call(*inner: Any, **named: Any) -> Any:
            _inside.depth += 1
            _inside.differentiated |= name != "vmap"
            try:
                result = made(*inner, **named)
            finally:
                _inside.depth -= 1
            if _inside.depth == 0 and _inside.differentiated:
                _inside.differentiated = False
                tell(_of_arguments(name, argnums, inner, result))
            return result

        return call

    return transformed


def _of_inputs(inputs: Any, result: Any) -> Iterator[tuple[Tensor | None, Tensor]]:
    if isinstance(inputs, torch.Tensor):
        inputs = (inputs,)
    if isinstance(inputs, dict):
        inputs, result = list(inputs.values()), list(result.values())
    for source, one in zip(inputs, result, strict=False):
        if isinstance(one, torch.Tensor):
            yield (source if isinstance(source, torch.Tensor) else None), one


def _of_arguments(
    name: str, argnums: Any, arguments: tuple[Any, ...], result: Any
) -> Iterator[tuple[Tensor | None, Tensor]]:
    """What came out, with the arguments that it is with respect to where it has their form."""
    sources: list[Tensor] = []
    first = result[0] if isinstance(result, tuple) else result
    if name in {"grad", "grad_and_value"} and isinstance(argnums, int):
        sources = list(_leaves_of(arguments[argnums : argnums + 1]))
        if [one.shape for one in _leaves_of(first)] != [one.shape for one in sources]:
            sources = []
    elif name == "vmap":
        sources = _shared_by_all(arguments, first)
    grads = _leaves_of(result)
    yield from zip(sources, grads, strict=False)
    yield from ((None, one) for one in grads)


def _shared_by_all(arguments: tuple[Any, ...], result: Any) -> list[Tensor]:
    """The argument that ``result`` has the form of for each sample: what all have in common."""
    wanted = [one.shape[1:] for one in _leaves_of(result)]
    for argument in arguments:
        sources = list(_leaves_of(argument))
        if wanted and [one.shape for one in sources] == wanted:
            return sources
    return []


def _leaves_of(result: Any) -> Iterator[Tensor]:
    if isinstance(result, torch.Tensor):
        if result.is_floating_point() and result.dim():
            yield result
    elif isinstance(result, dict):
        for one in result.values():
            yield from _leaves_of(one)
    elif isinstance(result, list | tuple):
        for one in result:
            yield from _leaves_of(one)
