"""``zgtui devices``: what a training process finds on this machine."""

from __future__ import annotations

import asyncio

from zgtui.cli import Invocation, Subcommand
from zgtui.errors import WorkerError
from zgtui.temporary import TemporaryFolder
from zgtui.terminal import tell
from zgtui.worker.client import WorkerClient
from zgtui.worker.protocol import Notice, Ready


class _Waiting:
    """Waits for the worker's first word."""

    def __init__(self) -> None:
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()

    def worker_notice(self, notice: Notice) -> None:
        if isinstance(notice, Ready) and not self.ready.done():
            self.ready.set_result(notice)

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(WorkerError(reason))


async def ask_worker() -> Ready:
    """What a training process says first. Raises WorkerError if it cannot start."""
    with TemporaryFolder("devices") as folder:
        client, waiting = WorkerClient(folder), _Waiting()
        client.start(waiting)
        try:
            return await waiting.ready
        finally:
            await client.stop()


def print_devices(_call: Invocation) -> int:
    """Print one line a device, the one that ``auto`` picks first; returns the exit code."""
    ready = asyncio.run(ask_worker())
    width = max(map(len, ready.devices))
    for index, (name, description) in enumerate(ready.devices.items()):
        tell(f"{name:<{width}}  {description}{'' if index else '  (auto picks this)'}")
    tell(f"PyTorch {ready.torch}")
    return 0


COMMAND = Subcommand(
    "devices",
    "list the devices that can train here",
    {},
    print_devices,
    examples=(
        "zgtui devices",
        "zgtui --device cuda:1",
        "zgtui train --device cpu --steps 100",
    ),
)
