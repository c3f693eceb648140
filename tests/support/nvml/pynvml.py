"""Stands in for nvidia-ml-py: the GPUs are those in the JSON file that FAKE_NVML names.

Of each: what its functions return, or the word "unsupported", or "hang". ``lost`` makes all of them
fail, ``lent`` is false for one that nobody here may use, and ``instances`` are the parts of one
that is divided (MIG).
"""

import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

NVML_TEMPERATURE_GPU = 0


class NVMLError(Exception):
    """As the library's own."""


def _gpus() -> list[dict[str, Any]]:
    path = os.environ.get("FAKE_NVML")
    if path is None:
        raise NVMLError("Driver Not Loaded")
    gpus: list[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))
    return gpus


def _told(handle: Any, name: str) -> Any:
    """``handle`` is the number of a GPU, with a second number for an instance of it."""
    card, *instance = handle if isinstance(handle, tuple) else (handle,)
    gpu = _gpus()[card]
    if gpu.get("lost"):
        raise NVMLError("GPU is lost")
    value = (gpu["instances"][instance[0]] if instance else gpu).get(name, "unsupported")
    if value == "unsupported":
        raise NVMLError("Not Supported")
    while value == "hang":
        time.sleep(1.0)
    return value


def nvmlInit() -> None:
    _gpus()


def nvmlDeviceGetCount() -> int:
    return len(_gpus())


def nvmlDeviceGetHandleByIndex(index: int) -> int:
    if not _gpus()[index].get("lent", True):
        raise NVMLError("Insufficient Permissions")
    return index


def nvmlDeviceGetMigMode(handle: Any) -> list[int]:
    if isinstance(handle, tuple):
        raise NVMLError("Invalid Argument")
    return [1, 1] if _told(handle, "instances") else [0, 0]


def nvmlDeviceGetMaxMigDeviceCount(handle: int) -> int:
    return 7


def nvmlDeviceGetMigDeviceHandleByIndex(handle: int, index: int) -> Any:
    if index >= len(_told(handle, "instances")):
        raise NVMLError("Not Found")
    return (handle, index)


def nvmlDeviceGetUUID(handle: Any) -> Any:
    return _told(handle, "uuid")


def nvmlDeviceGetName(handle: Any) -> Any:
    return _told(handle, "name")


def nvmlDeviceGetMemoryInfo(handle: Any) -> Any:
    return SimpleNamespace(**_told(handle, "memory"))


def nvmlDeviceGetUtilizationRates(handle: Any) -> Any:
    return SimpleNamespace(gpu=_told(handle, "utilization"))


def nvmlDeviceGetTemperature(handle: int, sensor: int) -> Any:
    assert sensor == NVML_TEMPERATURE_GPU
    return _told(handle, "temperature")


def nvmlDeviceGetPowerUsage(handle: Any) -> Any:
    return _told(handle, "milliwatts")


def nvmlDeviceGetComputeRunningProcesses(handle: Any) -> Any:
    """The process id 0 stands for whoever started this one."""
    return [
        SimpleNamespace(pid=pid or os.getppid(), usedGpuMemory=memory)
        for pid, memory in _told(handle, "processes")
    ]
