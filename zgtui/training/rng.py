"""torch's random state, and the same random draws for both runs: a dropout mask is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class SharedRng:
    """Lets all runs draw the same random numbers at the same step.

    Whether a model draws at all is seen at its first step, so that models which do not, most of
    them, pay nothing for it afterwards.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.used: bool | None = None
        """Whether the model draws; None before its first step."""
        self._begin: list[Tensor] | None = None

    def new_step(self) -> None:
        """Begin a step: its first ``same_draws`` decides the draws of the others."""
        self._begin = None

    @contextmanager
    def same_draws(self) -> Iterator[None]:
        """What is drawn inside is the same for every run of a step."""
        if self.used is False:
            yield
            return
        if self._begin is None:
            self._begin = get_rng_states(self._device)
        else:
            set_rng_states(self._device, self._begin)
        yield
        if self.used is None:
            states = zip(self._begin, get_rng_states(self._device), strict=True)
            self.used = any(not torch.equal(before, after) for before, after in states)


def seed_generators(device: torch.device, seed: int) -> None:
    """Seed the generator of the CPU, and that of ``device`` where it is another."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


@contextmanager
def random_state_kept(devices: Iterable[str]) -> Iterator[None]:
    """What is drawn inside on ``devices`` and on the CPU does not change what is drawn later."""
    kept = [(device := torch.device(name), get_rng_states(device)) for name in devices]
    try:
        yield
    finally:
        for device, states in kept:
            set_rng_states(device, states)


def get_rng_states(device: torch.device) -> list[Tensor]:
    """The states of torch's generators: that of the CPU, and of ``device`` where it is another."""
    states = [torch.random.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    elif device.type == "mps":
        states.append(torch.mps.get_rng_state())
    return states


def set_rng_states(device: torch.device, states: list[Tensor]) -> None:
    """Go back to ``states``, as ``get_rng_states`` of the same device returned them."""
    torch.random.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
    elif device.type == "mps":
        torch.mps.set_rng_state(states[1])
