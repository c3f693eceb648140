"""The devices of this machine, and how many threads of the CPU to train with."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn

from zgtui.errors import UsageError
from zgtui.experiments.experiment import Experiment

CPU = "cpu"


def available_devices() -> dict[str, str]:
    """The devices that can be used here, best first: name → description."""
    devices = dict(_nvidia()) if torch.cuda.is_available() else {}
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple GPU (Metal)"
    return devices | cpu_alone()


def cpu_alone() -> dict[str, str]:
    """The CPU, in the same form; no GPU is asked for, or gets anything to remember."""
    return {CPU: f"CPU, threads: {torch.get_num_threads()}"}


def _nvidia() -> Iterator[tuple[str, str]]:
    try:
        for index in range(torch.cuda.device_count()):
            gigabytes = torch.cuda.get_device_properties(index).total_memory / 2**30
            yield f"cuda:{index}", f"{torch.cuda.get_device_name(index)}, {gigabytes:.0f} GiB"
    except RuntimeError as error:  # of a card that is lost: all else can be used
        warnings.warn(f"CUDA fails: {error}", stacklevel=2)


GPU_PAYS = 10**6
"""Parameters × predictions a step from which ``auto`` takes a GPU, see `step_work`.

A rule of thumb, not measured on any GPU. Forward and backward pass take about six operations for
each of these; to launch the kernels of one step of two small models takes about as long as one core
needs for a million.
The article's model has 3, spirals 1e5, digits 3e5, chars 5e6.
"""


def step_work(experiment: Experiment, batch_size: int | None) -> int:
    """Parameters × predictions in a step of ``experiment``; its model and data are made for it."""
    data = experiment.data()
    samples = len(data.inputs)
    batch = min(batch_size or experiment.batch_size or samples, samples)
    parameters = sum(parameter.numel() for parameter in experiment.model().parameters())
    return parameters * batch * (data.targets.numel() // max(len(data.targets), 1) or 1)


def resolve_device(name: str, devices: Mapping[str, str], work: Callable[[], int]) -> str:
    """The device meant by ``name``.

    ``auto`` takes the best of ``devices`` where ``work``, see `step_work`, is enough for it to pay,
    else the CPU; it is asked only where there is a choice.

    Raises:
        UsageError: if it is not on this machine; the sentence lists what is.
    """
    if name == "auto":
        best = next(iter(devices))
        return best if best == CPU or CPU not in devices or work() >= GPU_PAYS else CPU
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in devices:
        raise UsageError(
            f"device {name!r} is not on this machine; available: auto, {', '.join(devices)}"
        )
    return wanted


def choice_words(asked: str, chosen: str, devices: Mapping[str, str]) -> str:
    """Why ``auto`` passed over a better device, as one sentence; empty where it did not."""
    best = next(iter(devices))
    if asked != "auto" or chosen == best:
        return ""
    return (
        f"auto picks the CPU: steps are too small to be faster on {best}"
        f" (--device {best} to use it anyway)"
    )


MANY = 10**9
"""Parameters × samples a batch from which one thread is no longer enough.

Measured on one machine, two shared cores under other load, with networks of three equal layers
and torch 2.13: two threads reached .07 to .57 of the speed of one at every product from 1e4 to
8e8 (a step of .6 to 126 ms), since each operation waits for the slower core. The bound lies just
above what was measured, and a free machine with more cores gains from less.
"""
CHOSEN_BY_USER = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables of the environment by which a user sets torch's number of threads."""


def suitable_threads(model: nn.Module, batch_size: int, most: int) -> int:
    """How many threads to train ``model`` with on batches of ``batch_size``, of ``most``.

    It is ``most`` where the user chose that in the environment. It never depends on how busy the
    machine is: sums over several threads round otherwise, and the same seed gives the same losses.
    """
    if any(os.environ.get(name) for name in CHOSEN_BY_USER):
        return most
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return most if parameters * batch_size >= MANY else 1


@contextmanager
def threads_for(model: nn.Module, batch_size: int) -> Iterator[None]:
    """Train inside with the suitable number of threads; torch has its own again afterwards.

    The number that torch has on entry, at most one for each core by its own default, is the most.
    """
    most = torch.get_num_threads()
    torch.set_num_threads(suitable_threads(model, batch_size, most))
    try:
        yield
    finally:
        torch.set_num_threads(most)
