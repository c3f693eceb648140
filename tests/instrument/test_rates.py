"""The learning rates of a script, scaled for the length of a step alone."""

from __future__ import annotations

import torch

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
