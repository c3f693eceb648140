"""Whether random numbers are drawn while several threads train."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from zgtui.instrument.observer import Backward
from zgtui.instrument.shared_draws import LOOKS, SharedDraws
from zgtui.instrument.threads import AtWork

if TYPE_CHECKING:
    from collections.abc import Callable

CALL = Backward([], None, None)
DRAWS: dict[str, Callable[[], object]] = {
    "torch": lambda: torch.randn(2),
    "dropout": lambda: torch.nn.functional.dropout(torch.ones(3)),
    "numpy": np.random.rand,
    "random": random.random,
}


def looking(threads: int) -> tuple[SharedDraws, list[str]]:
    at_work, over = AtWork(), list[str]()
    together = threading.Barrier(threads)

    def train() -> None:
        at_work.begins()
        together.wait()  # else a later one may get the number of an earlier one

    started = [threading.Thread(target=train) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return SharedDraws(at_work, lambda: over.append("over")), over


@pytest.mark.parametrize("draw", DRAWS)
def test_draws_while_several_threads_train_are_seen(draw: str) -> None:
    draws, over = looking(2)
    for _ in range(2):
        draws.backward_begins(CALL)
    assert over == [], "nothing was drawn"
    DRAWS[draw]()
    draws.backward_begins(CALL)
    assert draws.found
    assert not draws.looking
    assert over == ["over"]


def test_one_thread_may_draw_as_it_likes() -> None:
    draws, over = looking(1)
    for _ in range(LOOKS):
        assert draws.looking
        torch.randn(2)
        draws.backward_begins(CALL)
    assert not draws.found
    assert not draws.looking, "each look would cost a training of small steps"
    assert over == ["over"]


def test_a_generator_of_a_threads_own_is_not_shared() -> None:
    draws, _ = looking(2)
    own = torch.Generator()
    for _ in range(3):
        torch.randn(2, generator=own)
        draws.backward_begins(CALL)
    assert not draws.found
