"""In place of CUDA graphs, on the processor: calls are recorded and repeated on their tensors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

WAITING = {
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.nonzero.default,
    torch.ops.aten.masked_select.default,
    torch.ops.aten.equal.default,
}
"""What the processor waits for a GPU in, so that it cannot be captured."""


def let_the_processor_capture(replace: Callable[[Any, str, Any], None]) -> None:
    """Have optimizers do on the processor what they do on a device that captures graphs."""
    for name, module in list(sys.modules.items()):
        for what in ("capturable", "foreach_kernels", "fused_kernels"):
            function = f"_get_{what}_supported_devices"
            if name.startswith("torch.optim.") and hasattr(module, function):
                replace(module, function, lambda *_, **__: ["cpu", "cuda"])


class Recorded:
    """Losses that are there once what was to be done before them has been done."""

    def __init__(self, capturer: FakeCapturer) -> None:
        self._capturer = capturer
        self.values: list[float] | None = None

    def wait(self) -> None:
        if self.values is None:
            self._capturer.work_off()

    def read(self) -> list[float]:
        self.wait()
        assert self.values is not None
        return self.values


class Calls(TorchDispatchMode):
    """Notes every operation on tensors with what it was given and what came of it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it so
        self.made: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in WAITING:
            raise RuntimeError("operation not permitted when stream is capturing\nCompile with …")
        result = func(*args, **(kwargs or {}))
        self.made.append((func, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def again(self) -> None:
        """The same operations on the same tensors, their results in the same places."""
        for func, args, kwargs, result in self.made:
            given = {
                _place(one) for one in tree_flatten((args, kwargs))[0] if isinstance(one, Tensor)
            }
            results = tree_flatten(func(*args, **kwargs))[0]
            for place, value in zip(tree_flatten(result)[0], results, strict=True):
                if isinstance(place, Tensor) and _place(place) not in given:
                    place.copy_(value)


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


class FakeCapturer:
    """As a graph does, it repeats operations, not Python: numbers are those of the capture.

    As a stream does, it does them later: at the join, or when somebody waits. ``told`` has each
    call with the number of its stream.
    """

    def __init__(self, first: FakeCapturer | None = None) -> None:
        self._first = first or self
        if first is None:
            self.captures = self.replays = self.streams = 0
            self.told: list[tuple[str, int]] = []
        self.stream = self._first.streams
        self._first.streams += 1
        self._queue: list[Callable[[], None]] = []
        self._begun = False

    def another(self) -> FakeCapturer:
        return type(self)(self._first)

    def _tell(self, what: str) -> None:
        self._first.told.append((what, self.stream))

    def begin(self) -> None:
        self._tell("begin")
        self._begun = True

    def join(self) -> None:
        self._tell("join")
        self.work_off()
        self._begun = False

    def work_off(self) -> None:
        queue, self._queue = self._queue, []
        for do in queue:
            do()

    def _later(self, what: str, do: Callable[[], None]) -> None:
        assert self._begun, f"{what} does not wait for what was done outside"
        self._tell(what)
        self._queue.append(do)

    def warm_up(self, work: Callable[[], None]) -> None:
        assert not self._queue, "what was replayed is not joined"
        work()

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        assert not self._queue, "what was replayed is not joined"
        self._first.captures += 1
        calls = Calls()
        with calls:
            work()

        def replay() -> None:
            self._first.replays += 1
            self._later("replay", calls.again)

        return replay

    def put(self, values: Sequence[float], place: Tensor) -> None:
        own = list(values)

        def copy() -> None:
            place[: len(own)].copy_(torch.tensor(own, dtype=place.dtype))

        self._later("put", copy)

    def send(self, losses: Tensor) -> Recorded:
        recorded = Recorded(self)

        def copy() -> None:
            recorded.values = losses.tolist()

        self._later("send", copy)
        return recorded


class NoGraphs(FakeCapturer):
    """Can capture nothing."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        work()
        raise RuntimeError("operation not permitted when stream is capturing\nCompile with …")


class NoRoom(FakeCapturer):
    """Has no memory for a graph."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        work()
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


class HalfGraphs(FakeCapturer):
    """Repeats the first half alone."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        calls = Calls()
        with calls:
            work()
        del calls.made[len(calls.made) // 2 :]
        return lambda: self._later("replay", calls.again)


class FixedRates(FakeCapturer):
    """Has the rates of the capture in its graphs, whatever is put there later."""

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        calls = Calls()
        with calls:
            work()
        fixed = [
            (func, (args[0], args[1].clone()) if _is_rate(func, args) else args, kwargs, result)
            for func, args, kwargs, result in calls.made
        ]
        calls.made[:] = fixed
        return lambda: self._later("replay", calls.again)


def _is_rate(func: Any, args: Any) -> bool:
    return func is torch.ops.aten.copy_.default and args[0].ndim == 0
