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
        self._draws: bool | None = None
        self._begin: list[Tensor] | None = None

    def new_step(self) -> None:
        """Begin a step: its first ``same_draws`` decides the draws of the others."""
        self._begin = None

    @contextmanager
    def same_draws(self) -> Iterator[None]:
        """What is drawn inside is the same for every run of a step."""
        if self._draws is False:
            yield
            return
        if self._begin is None:
            self._begin = self._states()
        else:
            self._restore(self._begin)
        yield
        if self._draws is None:
            self._draws = any(
                not torch.equal(before, after)
                for before, after in zip(self._begin, self._states(), strict=True)
            )

    def _states(self) -> list[Tensor]:
        states = [torch.random.get_rng_state()]
        if self._device.type == "cuda":
            states.append(torch.cuda.get_rng_state(self._device))
        elif self._device.type == "mps":
            states.append(torch.mps.get_rng_state())
        return states

    def _restore(self, states: list[Tensor]) -> None:
        torch.random.set_rng_state(states[0])
        if self._device.type == "cuda":
            torch.cuda.set_rng_state(states[1], self._device)
        elif self._device.type == "mps":
            torch.mps.set_rng_state(states[1])
