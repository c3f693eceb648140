"""In place of CUDA graphs, on the processor: calls are recorded and repeated on their tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Recorded:
    """Losses that are there."""

    def __init__(self, losses: Tensor) -> None:
        self._values: list[float] = losses.tolist()

    def wait(self) -> None:
        """They are there."""

    def read(self) -> list[float]:
        return self._values


class Calls(TorchDispatchMode):
    """Notes every operation on tensors with what it was given and what came of it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it so
        self.made: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.made.append((func, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def again(self) -> None:
        """The same operations on the same tensors, their results in the same places."""
        for func, args, kwargs, result in self.made:
            given = {_place(one) for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)}
            results = tree_leaves(func(*args, **kwargs))
            for place, value in zip(tree_leaves(result), results, strict=True):
                if isinstance(place, Tensor) and _place(place) not in given:
                    place.copy_(value)


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


class FakeCapturer:
    """As a graph does, it repeats operations, not Python: numbers are those of the capture."""

    def __init__(self) -> None:
        self.captures = self.replays = 0

    def warm_up(self, work: Callable[[], None]) -> None:
        work()

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        self.captures += 1
        calls = Calls()
        with calls:
            work()

        def replay() -> None:
            self.replays += 1
            calls.again()

        return replay

    def send(self, losses: Tensor) -> Recorded:
        return Recorded(losses)


class NoGraphs(FakeCapturer):
    """Can capture nothing."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        work()
        raise RuntimeError("operation not permitted when stream is capturing\nCompile with …")


class WrongGraphs(FakeCapturer):
    """Repeats the first half alone."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        calls = Calls()
        with calls:
            work()
        del calls.made[len(calls.made) // 2 :]
        return calls.again
