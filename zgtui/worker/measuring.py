"""How fast each device trains an experiment, in a training process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from zgtui.config.settings import Settings
from zgtui.errors import UsageError, WorkerError, ZgtuiError
from zgtui.ipc import Ack
from zgtui.temporary import TemporaryFolder
from zgtui.worker.client import WorkerClient
from zgtui.worker.protocol import ComparisonStarted, Failed, Notice, Progress, Ready, Start

Answer = TypeVar("Answer")

START_SECONDS = 120.0
"""How long a device may take to its first step, and to any further one that is waited for."""
WARM_SECONDS = 1.0
"""Training before the measurement: memory pools, kernels that are chosen or loaded at first."""
MEASURED_SECONDS = 3.0


@dataclass(frozen=True)
class DeviceSpeed:
    """A device; ``rate`` are steps of both runs a second, None where they were not measured."""

    name: str
    description: str
    picked: bool
    """Whether ``auto`` takes it for the experiment."""
    rate: float | None = None
    problem: str = ""
    """Why there is no rate, as one sentence."""


@dataclass(frozen=True)
class DeviceSpeeds:
    """All devices of this machine, the best first, and the version of PyTorch."""

    devices: Sequence[DeviceSpeed]
    torch: str

    @property
    def fastest(self) -> str:
        """The name of the device that was measured to be the fastest; empty for none."""
        rates = {device.name: device.rate for device in self.devices if device.rate is not None}
        return max(rates, key=lambda name: rates[name] or 0.0, default="")


class _Asked:
    """A worker that is asked to train; what it says is waited for."""

    def __init__(self) -> None:
        self.ready: Ready | None = None
        self.started: ComparisonStarted | None = None
        self.seen: list[tuple[float, int]] = []
        """When which step was reported."""
        self._failure: ZgtuiError | None = None
        self._message = ""
        self._news = asyncio.Event()

    async def until(self, found: Callable[[], Answer | None], what: str) -> Answer:
        """What ``found`` finds. Raises ZgtuiError if the worker fails, or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while (answer := found()) is None:
            if self._failure is not None:
                raise self._failure
            self._news.clear()
            left = deadline - time.monotonic()
            try:
                await asyncio.wait_for(self._news.wait(), max(0.0, left))
            except asyncio.TimeoutError:
                raise WorkerError(f"no {what} within {START_SECONDS:.0f} s") from None
        return answer

    def worker_notice(self, notice: Notice) -> None:
        if isinstance(notice, Ready):
            self.ready = notice
        elif isinstance(notice, ComparisonStarted):
            self.started = notice
        elif isinstance(notice, Progress) and notice.step:
            self.seen.append((time.monotonic(), notice.step))
        elif isinstance(notice, Ack) and notice.error is not None:
            self._failure = UsageError(notice.error)
        elif isinstance(notice, Failed):
            self._message = notice.message
        self._news.set()

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        self._failure = WorkerError(f"{self._message} ({reason})" if self._message else reason)
        self._news.set()


async def _with_worker(ask: Callable[[WorkerClient, _Asked], Awaitable[Answer]]) -> Answer:
    with TemporaryFolder("devices") as folder:
        client, asked = WorkerClient(folder), _Asked()
        client.start(asked)
        try:
            return await ask(client, asked)
        finally:
            await client.stop()


async def ask_worker() -> Ready:
    """What a training process says first. Raises WorkerError if it cannot start."""

    async def ask(_client: WorkerClient, asked: _Asked) -> Ready:
        return await asked.until(lambda: asked.ready, "answer")

    return await _with_worker(ask)


async def device_speeds(settings: Settings, *, measure: bool) -> DeviceSpeeds:
    """The devices for ``settings``, whose own device is left aside; ``measure`` trains on each.

    Raises:
        ZgtuiError: if the experiment cannot be trained at all.
    """
    asked = replace(settings, device="auto", steps=0, speed=0.0, diagnostics="off")
    ready, picked = await _with_worker(lambda client, one: _choice(client, one, asked))
    found = []
    for name, description in ready.devices.items():
        device = DeviceSpeed(name, description, name == picked)
        found.append(await _measured(device, asked) if measure else device)
    return DeviceSpeeds(found, ready.torch)


async def _choice(client: WorkerClient, asked: _Asked, settings: Settings) -> tuple[Ready, str]:
    client.send(Start(settings, running=False))
    started = await asked.until(lambda: asked.started, "answer")
    assert asked.ready is not None
    return asked.ready, started.settings.device


async def _measured(device: DeviceSpeed, settings: Settings) -> DeviceSpeed:
    """A device that fails or stands still says why; the others are measured all the same."""

    async def measure(client: WorkerClient, asked: _Asked) -> float:
        client.send(Start(replace(settings, device=device.name)))
        return await _rate(asked)

    try:
        return replace(device, rate=await _with_worker(measure))
    except ZgtuiError as error:
        return replace(device, problem=str(error))


async def _rate(asked: _Asked) -> float:
    await asked.until(lambda: asked.seen or None, "first step")
    await asyncio.sleep(WARM_SECONDS)
    warm = len(asked.seen)
    first = await asked.until(lambda: asked.seen[warm:] or None, "new step")
    await asyncio.sleep(MEASURED_SECONDS)
    begin, before = first[0]
    end, after = await asked.until(
        lambda: next((seen for seen in asked.seen[::-1] if seen[1] > before), None), "new step"
    )
    return (after - before) / (end - begin)
