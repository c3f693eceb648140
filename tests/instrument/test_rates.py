"""The learning rates of a script, scaled for the length of a step alone."""

from __future__ import annotations

import threading

import torch

from tests.support.threads import elsewhere
from tests.support.waiting import PATIENCE
from zgtui.instrument.rates import ScaledRates


def test_a_step_has_the_scaled_rates_and_the_script_its_own_again() -> None:
    first, second = torch.zeros(1), torch.zeros(1)
    optimizer = torch.optim.SGD([{"params": [first], "lr": 0.1}, {"params": [second], "lr": 0.4}])
    bare = torch.optim.SGD([torch.zeros(1)], lr=0.2)
    del bare.param_groups[0]["lr"]
    rates = ScaledRates(0.5)
    rates.step_ended(optimizer, outermost=True)  # which has begun before it was watched
    rates.step_begins(optimizer)
    rates.step_begins(bare)
    rates.step_begins(optimizer)  # inside of the other, as where one wraps another
    rates.step_ended(optimizer, outermost=False)
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.2]
    optimizer.param_groups[1]["lr"] = 7.0  # by the script, in its closure
    rates.step_ended(optimizer, outermost=True)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 7.0]
    assert "lr" not in bare.param_groups[0]


def test_a_step_of_another_thread_leaves_the_rates_of_this_one_scaled() -> None:
    here, there = (torch.optim.SGD([torch.zeros(1)], lr=lr) for lr in (0.1, 0.4))
    rates = ScaledRates(0.5)
    rates.step_begins(here)

    def step() -> float:
        rates.step_begins(there)
        scaled: float = there.param_groups[0]["lr"]
        rates.step_ended(there, outermost=True)
        return scaled

    assert elsewhere(step) == 0.2
    assert (here.param_groups[0]["lr"], there.param_groups[0]["lr"]) == (0.05, 0.4)
    rates.step_ended(here, outermost=True)
    assert here.param_groups[0]["lr"] == 0.1


def test_threads_that_share_an_optimizer_scale_it_once_and_the_last_gives_its_rates_back() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.4)
    (group,) = optimizer.param_groups
    rates = ScaledRates(0.5)
    inside, may_end = threading.Event(), threading.Event()

    def step() -> None:
        rates.step_begins(optimizer)
        inside.set()
        assert may_end.wait(PATIENCE)
        rates.step_ended(optimizer, outermost=True)

    other = threading.Thread(target=step)
    rates.step_begins(optimizer)
    other.start()
    assert inside.wait(PATIENCE)
    assert group["lr"] == 0.2
    rates.step_ended(optimizer, outermost=True)
    assert group["lr"] == 0.2, "the other is still in its step"
    may_end.set()
    other.join()
    assert group["lr"] == 0.4
