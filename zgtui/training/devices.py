"""Where training can run on this machine."""

from __future__ import annotations

import torch

from zgtui.errors import UsageError


def available_devices() -> dict[str, str]:
    """The devices that can be used here, best first: name → description."""
    devices: dict[str, str] = {}
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            gigabytes = torch.cuda.get_device_properties(index).total_memory / 2**30
            devices[f"cuda:{index}"] = f"{torch.cuda.get_device_name(index)}, {gigabytes:.0f} GiB"
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple GPU (Metal)"
    devices["cpu"] = f"the processor, {torch.get_num_threads()} threads at most"
    return devices


def resolve_device(name: str, devices: dict[str, str]) -> str:
    """The device meant by ``name``: ``auto`` takes CUDA, then MPS, then the CPU.

    Raises:
        UsageError: it is not on this machine; the sentence lists what is.
    """
    if name == "auto":
        return next(iter(devices))
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in devices:
        raise UsageError(
            f"device {name!r} is not on this machine; there is: auto, {', '.join(devices)}"
        )
    return wanted
