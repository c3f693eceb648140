"""How work of a GPU is captured, to be repeated as a whole: the seam to CUDA graphs."""

from __future__ import annotations

import os
from collections.abc import Callable
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
    """Captures work on tensors that keep their places; replaying it reads and writes there."""

    def warm_up(self, work: Work) -> None:
        """Do ``work`` where it will be captured: what is set up at the first time is no part of it.

        It is done: what it writes is written.
        """

    def capture(self, work: Work) -> Work:
        """What repeats ``work``; what that itself writes meanwhile counts for nothing.

        Raises:
            RuntimeError: if something in it cannot be captured.
        """

    def send(self, losses: Tensor) -> ArrivingLosses:
        """Copy ``losses``, (steps), to the host, without waiting for it."""


class CudaCapturer:
    """CUDA graphs on ``device``; all is captured on one stream of its own (pytorch #64339)."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)

    def warm_up(self, work: Work) -> None:
        """On the stream that captures."""
        present = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(present)
        with torch.cuda.stream(self._stream):
            work()
        present.wait_stream(self._stream)

    def capture(self, work: Work) -> Work:
        """Nothing is computed while it is captured."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            work()
        return graph.replay

    def send(self, losses: Tensor) -> ArrivingLosses:
        """Through pinned memory."""
        return _Pinned(losses)


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
