"""Whether random numbers are drawn while several threads train."""

from __future__ import annotations

import random
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from tests.support.threads import elsewhere
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


def test_draws_are_seen_where_numpy_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(_: torch.Tensor) -> None:
        raise RuntimeError("Numpy is not available")

    monkeypatch.setattr(torch.Tensor, "numpy", unavailable)
    monkeypatch.delitem(sys.modules, "numpy.random")
    draws, _ = looking(2)
    draws.backward_begins(CALL)
    torch.randn(2)
    draws.backward_begins(CALL)
    assert draws.found


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


def test_threads_that_train_one_after_another_draw_in_one_order() -> None:
    at_work = AtWork()
    at_work.begins()
    for _ in range(3):
        elsewhere(at_work.begins)
        at_work.begins()
    assert at_work.side_by_side == 1
    draws = SharedDraws(at_work, lambda: None)
    for _ in range(3):
        torch.randn(2)
        draws.backward_begins(CALL)
    assert not draws.found


def test_another_generator_of_numpy_is_looked_at_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """What numpy.random.set_bit_generator() sets, whose state is no tuple of keys."""
    other = np.random.RandomState(np.random.PCG64(3))
    monkeypatch.setattr(np.random, "get_state", other.get_state)
    draws, _ = looking(2)
    for _ in range(2):
        draws.backward_begins(CALL)
    assert not draws.found
    other.rand()
    draws.backward_begins(CALL)
    assert draws.found
