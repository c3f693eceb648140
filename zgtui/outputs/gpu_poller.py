"""Reads the state of the NVIDIA GPUs: a process, since the driver may take its time, or hang.

    python -m zgtui.outputs.gpu_poller OURS SECONDS

It prints a line every SECONDS, a JSON list with an object for each GPU that CUDA would see here, in
that order; see `zgtui.outputs.gpu_monitor.GpuUsage`. CUDA sees one instance of a GPU that is
divided into several (MIG), and has the fastest card first where cards differ, unless
CUDA_DEVICE_ORDER says otherwise: then numbers do not tell which card is meant. The memory of
process OURS and of all below it is told apart. Without a driver or nvidia-ml-py it ends without a
word; and when stdin ends.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

MILLI = 1000


def visible(uuids: list[str], chosen: str | None, cards: int) -> list[int]:
    """The GPUs that CUDA sees under ``CUDA_VISIBLE_DEVICES``, in its order.

    It names them by number, of which there are ``cards``, or by the beginning of their ids, and
    ends at the first that is none.
    """
    if chosen is None:
        return list(range(cards))
    found: list[int] = []
    for word in (part.strip() for part in chosen.split(",")):
        if word.isdecimal():
            at = int(word) if int(word) < cards else None
        else:
            named = [at for at, uuid in enumerate(uuids) if word and uuid.startswith(word)]
            at = named[0] if len(named) == 1 else None
        if at is None:
            return found
        found.append(at)
    return found


def _by_id(chosen: str | None) -> bool:
    """Whether ``CUDA_VISIBLE_DEVICES`` names GPUs, and so tells their order."""
    words = chosen.split(",") if chosen else []
    return bool(words) and not any(word.strip().isdecimal() for word in words)


def family(root: int) -> set[int]:
    """``root`` and all processes below it, where /proc tells."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text(errors="replace").rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):  # it has ended meanwhile
            continue
        parents.setdefault(parent, []).append(int(entry.parent.name))
    found, waiting = {root}, [root]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


class Gpus:
    """What the driver says. Raises pynvml.NVMLError if there is none."""

    def __init__(self, nvml: Any) -> None:
        nvml.nvmlInit()
        self._nvml = nvml
        count = nvml.nvmlDeviceGetCount()
        tried = (self._ask(partial(nvml.nvmlDeviceGetHandleByIndex, at)) for at in range(count))
        # A cluster that lends some of a machine's cards lists all, and CUDA counts those it lends.
        cards = [card for card in tried if card is not None]
        names = {self._name(card) for card in cards}
        by_bus = os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID"
        chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._numbered = by_bus or len(names) <= 1 or _by_id(chosen)
        if not self._numbered:
            chosen = None  # what it numbers is not known: the card that we use is among all
        # By number the cards alone can be chosen, and by its id an instance as well.
        instances = [one for card in cards for one in self._instances(card)]
        handles = [*cards, *instances]
        seen = visible(list(map(self._uuid, handles)), chosen, len(cards))
        self._handles = self._seen(seen, cards, handles)

    def _seen(self, seen: list[int], cards: list[Any], handles: list[Any]) -> list[Any]:
        """Of a divided card its first instance; of instances CUDA sees one, and no card beside."""
        found: list[Any] = []
        for at in seen:
            part = at >= len(cards)
            if part or self._mig(handles[at]):
                return found or ([handles[at]] if part else self._instances(handles[at])[:1])
            found.append(handles[at])
        return found

    def _mig(self, handle: Any) -> bool:
        mode = self._ask(lambda: self._nvml.nvmlDeviceGetMigMode(handle))
        return bool(mode and mode[0])

    def _instances(self, card: Any) -> list[Any]:
        """The parts of a card that is divided; none of any other."""
        nvml = self._nvml
        most = nvml.nvmlDeviceGetMaxMigDeviceCount(card) if self._mig(card) else 0
        one = nvml.nvmlDeviceGetMigDeviceHandleByIndex
        found = (self._ask(partial(one, card, at)) for at in range(most))
        return [handle for handle in found if handle is not None]

    def _uuid(self, handle: Any) -> str:
        return _text(self._ask(lambda: self._nvml.nvmlDeviceGetUUID(handle)) or "")

    def _name(self, handle: Any) -> str:
        return _text(self._ask(lambda: self._nvml.nvmlDeviceGetName(handle)) or "GPU")

    def read(self, ours: int) -> list[dict[str, Any]]:
        """The state of each GPU now; None for what it does not tell."""
        pids = family(ours)
        return [self._state(handle, pids) for handle in self._handles]

    def _state(self, handle: Any, pids: set[int]) -> dict[str, Any]:
        nvml = self._nvml
        memory = self._ask(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        power = self._ask(lambda: nvml.nvmlDeviceGetPowerUsage(handle))
        return {
            "name": self._name(handle),
            "used": memory.used if memory else None,
            "total": memory.total if memory else None,
            "ours": self._ours(handle, pids),
            "utilization": self._ask(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu),
            "celsius": self._ask(
                lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
            ),
            "watts": None if power is None else power / MILLI,
            "numbered": self._numbered,
        }

    def _ours(self, handle: Any, pids: set[int]) -> int | None:
        """Bytes of our processes; None where none is known: a container may hide them.

        There the driver's numbers of processes are those of the machine, and may by chance be ours.
        """
        running = self._ask(lambda: self._nvml.nvmlDeviceGetComputeRunningProcesses(handle)) or []
        if not all(Path(f"/proc/{process.pid}").exists() for process in running):
            return None
        own = [process.usedGpuMemory for process in running if process.pid in pids]
        return sum(own) if own and None not in own else None

    def _ask(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except self._nvml.NVMLError:  # this GPU, driver or container does not tell
            return None


def _text(name: str | bytes) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name


def lines(ours: int) -> Iterator[str]:
    """The state of all GPUs, as often as it is asked for; nothing where it cannot be known."""
    try:
        import pynvml  # noqa: PLC0415 - an extra
    except ImportError:
        return
    try:
        gpus = Gpus(pynvml)
        while True:
            yield json.dumps(gpus.read(ours))
    except pynvml.NVMLError:
        return


def main() -> None:
    """Print until nobody listens any more."""
    ours, seconds = int(sys.argv[1]), float(sys.argv[2])
    for line in lines(ours):
        try:
            os.write(1, f"{line}\n".encode())
        except OSError:
            return
        if select.select([0], [], [], seconds)[0] and not os.read(0, 4096):
            return


if __name__ == "__main__":
    main()
