"""The same random draws for both runs: a dropout mask is part of a fair comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class Twins:
    """Lets both runs draw the same numbers at the same step.

    Whether a model draws at all is seen at its first step, so that models which do not, most of
    them, pay nothing for it afterwards.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.draws: bool | None = None
        """Whether the model draws; None before its first step."""
        self._begin: list[Tensor] | None = None

    def new_step(self) -> None:
        """Begin a step: its first ``same_draws`` decides the draws of the others."""
        self._begin = None

    @contextmanager
    def same_draws(self) -> Iterator[None]:
        """What is drawn inside is the same for every run of a step."""
        if self.draws is False:
            yield
            return
        if self._begin is None:
            self._begin = random_states(self._device)
        else:
            restore_random_states(self._device, self._begin)
        yield
        if self.draws is None:
            self.draws = any(
                not torch.equal(before, after)
                for before, after in zip(self._begin, random_states(self._device), strict=True)
            )


def random_states(device: torch.device) -> list[Tensor]:
    """The states of torch's generators: that of the CPU, and of ``device`` where it is another."""
    states = [torch.random.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    elif device.type == "mps":
        states.append(torch.mps.get_rng_state())
    return states


def restore_random_states(device: torch.device, states: list[Tensor]) -> None:
    """Go back to ``states``, which ``random_states`` of the same device told."""
    torch.random.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
    elif device.type == "mps":
        torch.mps.set_rng_state(states[1])
