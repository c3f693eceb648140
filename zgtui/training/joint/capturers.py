"""How work of a GPU is captured, to be repeated as a whole: the seam to CUDA graphs."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

Work = Callable[[], None]


class ArrivingLosses(Protocol):
    """Losses on their way from a device."""

    def wait(self) -> None:
        """Until they are there."""

    def read(self) -> list[float]:
        """All of them, after waiting."""


class Capturer(Protocol):
    """Captures work on tensors that keep their places; replaying it reads and writes there.

    What is captured, replayed, put and sent here goes one after the other in a stream of its own,
    beside what is done elsewhere: `begin` and `join` order the two.
    """

    def another(self) -> Capturer:
        """One with a stream of its own: what it replays may go on beside what this one does."""

    def begin(self) -> None:
        """What is done here from now on finds all that has been done outside until now."""

    def join(self) -> None:
        """What is done outside from now on finds all that has been done here until now."""

    def warm_up(self, work: Work) -> None:
        """Do ``work`` where it will be captured: what is set up at the first time is no part of it.

        It is done: what it writes is written, and what is done outside afterwards finds it.

        Raises:
            RuntimeError: if something in it would make a capture fail.
        """

    def capture(self, work: Work) -> Work:
        """What repeats ``work``; what that itself writes meanwhile counts for nothing.

        Raises:
            RuntimeError: if something in it cannot be captured.
        """

    def put(self, values: Sequence[float], place: Tensor) -> None:
        """Copy ``values`` to the first places of ``place``, (many), without waiting for it."""

    def send(self, losses: Tensor) -> ArrivingLosses:
        """Copy ``losses``, (steps), to the host, without waiting for it."""


class CudaCapturer:
    """CUDA graphs on ``device``, captured, warmed up and replayed on one stream of its own.

    Libraries keep a workspace for each stream, so that two of these never write to the same one
    (pytorch #64339). All graphs share one pool of memory: they are never replayed at the same
    time, and none leaves anything in it that another reads.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)
        self._pool = torch.cuda.graph_pool_handle()

    def another(self) -> CudaCapturer:
        """With another stream and another pool."""
        return CudaCapturer(self._device)

    def begin(self) -> None:
        """By an event."""
        self._stream.wait_stream(torch.cuda.current_stream(self._device))

    def join(self) -> None:
        """By an event."""
        torch.cuda.current_stream(self._device).wait_stream(self._stream)

    def warm_up(self, work: Work) -> None:
        """What waits for the GPU is refused here: a capture that fails leaves traces."""
        self.begin()
        with torch.cuda.stream(self._stream), _waiting_refused():
            work()
        self.join()

    def capture(self, work: Work) -> Work:
        """Nothing is computed while it is captured."""
        graph = torch.cuda.CUDAGraph()
        present = torch.cuda.current_stream(self._device)
        try:
            # PyTorch waits for the current device before it captures.
            with (
                _no_collection(),
                torch.cuda.device(self._device),
                torch.cuda.graph(graph, pool=self._pool, stream=self._stream),
            ):
                work()
        except BaseException:
            self._recover(present)
            raise
        return partial(self._replay, graph)

    def _replay(self, graph: torch.cuda.CUDAGraph) -> None:
        with torch.cuda.stream(self._stream):
            graph.replay()

    def _recover(self, present: torch.cuda.Stream) -> None:
        """Go back to the stream ``present``, and let random numbers be drawn again.

        PyTorch does neither where the end of a capture fails (pytorch #171263): the next capture
        that succeeds frees its generator. It also takes the pool to be in use for good.
        """
        self._pool = torch.cuda.graph_pool_handle()
        with torch.cuda.device(self._device):  # to set a stream sets its device as well
            torch.cuda.set_stream(present)
            with suppress(RuntimeError):
                number = torch.zeros(1, device=self._device)
                stream = torch.cuda.Stream(self._device)
                with torch.cuda.graph(torch.cuda.CUDAGraph(), stream=stream):
                    number.add_(1)
            torch.cuda.set_stream(present)

    def put(self, values: Sequence[float], place: Tensor) -> None:
        """Through pinned memory, which PyTorch does not give away before it was read."""
        host = torch.tensor(values, dtype=place.dtype, pin_memory=True)
        with torch.cuda.stream(self._stream):
            place[: len(values)].copy_(host, non_blocking=True)

    def send(self, losses: Tensor) -> ArrivingLosses:
        """Through pinned memory."""
        with torch.cuda.stream(self._stream):
            return _Pinned(losses)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Inside, no garbage is collected: freeing memory or a graph of CUDA would spoil a capture."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _waiting_refused() -> Iterator[None]:
    """Inside, an operation that waits for the GPU raises RuntimeError."""
    mode = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is said not to find all of them
        torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode(mode)


SWITCH = "ZGTUI_CUDA_GRAPHS"
"""The variable of the environment that, set to ``off``, has no step captured."""


def suitable_capturer(device: str) -> Capturer | None:
    """What captures steps on ``device``; None where nothing does, or nothing is to."""
    where = torch.device(device)
    wanted = where.type == "cuda" and os.environ.get(SWITCH) != "off"
    return CudaCapturer(where) if wanted else None


class _Pinned:
    """A copy in pinned memory that is complete once ``event`` is reached."""

    def __init__(self, losses: Tensor) -> None:
        self._host = torch.empty(losses.shape, dtype=losses.dtype, pin_memory=True)
        self._host.copy_(losses, non_blocking=True)
        self._event = torch.cuda.Event()
        self._event.record(torch.cuda.current_stream(losses.device))

    def wait(self) -> None:
        """For the event."""
        if not self._event.query():
            self._event.synchronize()

    def read(self) -> list[float]:
        """After the event."""
        self.wait()
        values: list[float] = self._host.tolist()
        return values
