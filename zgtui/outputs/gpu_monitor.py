"""The GPUs while something is trained: memory, utilization, temperature and power, where known."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from zgtui.ipc import LineBuffer
from zgtui.lazy_dataclass import dataclass
from zgtui.worker.client import child_environment

POLL_SECONDS = 1.0
FRESH_SECONDS = 5.0
"""What is older is not shown: the driver no longer answers."""
END_SECONDS = 1.0
GIB = 1 << 30


@dataclass(frozen=True)
class GpuUsage:
    """One GPU: bytes, percent, degrees Celsius and watts; None for what it does not tell.

    ``ours`` are the bytes of our own processes, among those ``used``. ``numbered`` says whether its
    place among all is its number in CUDA.
    """

    name: str
    used: int | None = None
    total: int | None = None
    ours: int | None = None
    utilization: int | None = None
    celsius: int | None = None
    watts: float | None = None
    numbered: bool = True

    def words(self) -> Iterator[str]:
        """What there is to tell, what matters most first; nothing of a GPU that tells nothing."""
        told = (self.used, self.utilization, self.celsius, self.watts)
        if all(one is None for one in told):
            return
        name = self.name.removeprefix("NVIDIA ")
        yield name if self.utilization is None else f"{name} {self.utilization} %"
        if self.used is not None and self.total:
            yield self._memory(self.used, self.total)
        if self.celsius is not None:
            yield f"{self.celsius} °C"
        if self.watts is not None:
            yield f"{self.watts:.0f} W"

    def _memory(self, used: int, total: int) -> str:
        if self.ours is None:
            return f"{used / GIB:.1f} of {total / GIB:.0f} GiB used"
        others = max(0, used - self.ours)
        told = f"{self.ours / GIB:.1f} GiB, others {others / GIB:.1f}"
        return f"{told}, of {total / GIB:.0f}"


class GpuMonitor:
    """Reads what a poller says, without ever waiting; knows nothing where there is nothing."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started = False
        self._lines = LineBuffer()
        self._newest: Sequence[GpuUsage] = ()
        self._heard = 0.0

    def start(self) -> None:
        """Start the poller, once; nothing is started without nvidia-ml-py."""
        if self._started:
            return
        self._started = True
        if importlib.util.find_spec("pynvml") is None:
            return
        command = [sys.executable, "-m", "zgtui.outputs.gpu_poller"]
        with contextlib.suppress(OSError):  # it is an extra: without it everything goes on
            self._process = subprocess.Popen(
                [*command, str(os.getpid()), str(POLL_SECONDS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
                start_new_session=True,
            )
            assert self._process.stdout is not None
            os.set_blocking(self._process.stdout.fileno(), False)

    def read(self) -> None:
        """Take in what has been said since; to be called as often as frames are drawn."""
        if self._process is None:
            return
        assert self._process.stdout is not None
        with contextlib.suppress(BlockingIOError):
            received = os.read(self._process.stdout.fileno(), 65536)
            for line in self._lines.take(received):
                self._newest = [GpuUsage(**fields) for fields in json.loads(line)]
                self._heard = time.monotonic()
            if not received:
                self.close()

    @property
    def newest(self) -> Sequence[GpuUsage]:
        """Each GPU that CUDA sees, in its order; empty where none is known, or no longer."""
        return self._newest if time.monotonic() - self._heard < FRESH_SECONDS else ()

    def of(self, device: str) -> Sequence[GpuUsage]:
        """The one that PyTorch calls ``device``, such as ``cuda:0``.

        Where numbers do not tell which that is, the one that our processes use.
        """
        kind, _, number = device.partition(":")
        if kind != "cuda":
            return ()
        if not all(gpu.numbered for gpu in self.newest):
            return self.ours
        at = int(number) if number.isdecimal() else 0
        return self.newest[at : at + 1]

    @property
    def ours(self) -> Sequence[GpuUsage]:
        """Those on which our processes hold memory; where that is hidden, the only one there is."""
        held = [gpu for gpu in self.newest if gpu.ours]
        hidden = len(self.newest) == 1 and self.newest[0].ours is None
        return self.newest if hidden and (self.newest[0].utilization or 0) > 0 else held

    def close(self) -> None:
        """End the poller; one that hangs in the driver is killed."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def gpu_words(gpus: Sequence[GpuUsage]) -> Iterator[str]:
    """All GPUs, each in a few parts."""
    for gpu in gpus:
        yield from gpu.words()
