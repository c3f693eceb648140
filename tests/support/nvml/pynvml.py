"""Stands in for nvidia-ml-py: the GPUs are those in the JSON file that FAKE_NVML names.

Of each: what its functions return, or the word "unsupported", or "hang".
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


def _told(handle: int, name: str) -> Any:
    value = _gpus()[handle][name]
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
    return index


def nvmlDeviceGetUUID(handle: int) -> Any:
    return _told(handle, "uuid")


def nvmlDeviceGetName(handle: int) -> Any:
    return _told(handle, "name")


def nvmlDeviceGetMemoryInfo(handle: int) -> Any:
    return SimpleNamespace(**_told(handle, "memory"))


def nvmlDeviceGetUtilizationRates(handle: int) -> Any:
    return SimpleNamespace(gpu=_told(handle, "utilization"))


def nvmlDeviceGetTemperature(handle: int, sensor: int) -> Any:
    assert sensor == NVML_TEMPERATURE_GPU
    return _told(handle, "temperature")


def nvmlDeviceGetPowerUsage(handle: int) -> Any:
    return _told(handle, "milliwatts")


def nvmlDeviceGetComputeRunningProcesses(handle: int) -> Any:
    """The process id 0 stands for whoever started this one."""
    return [
        SimpleNamespace(pid=pid or os.getppid(), usedGpuMemory=memory)
        for pid, memory in _told(handle, "processes")
    ]
