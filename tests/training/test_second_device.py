"""A comparison on a device beside the processor: nothing mixes the two, and no step waits."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.support.second_device import NAME, SecondDevice
from tests.support.training import compare, train
from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.experiments import load
from zgtui.training.comparison import Comparison
from zgtui.training.rewind import Rewind
from zgtui.training.run import fill_in


def life(name: str, device: str) -> list[Any]:
    """All that is told of a training with changes, samples and a way back."""
    experiment, settings = load(name), Settings(experiment=name, diagnostics="on")
    comparison = Comparison(experiment, fill_in(settings, experiment, device))
    rewind, told = Rewind(comparison), [comparison.initial, comparison.fingerprints]
    comparison.advance(sample=True)
    comparison.advance_to(4)
    rewind.set_clearing("B", EVERY)
    rewind.set_lr("A", 0.03)
    comparison.advance(sample=True)
    rewind.keep()
    comparison.advance_to(8)
    told.append(comparison.drain())
    rewind.back_to(5)
    comparison.advance_to(8)
    told.append(comparison.drain())
    return told


@pytest.mark.parametrize("name", ["article", "spirals"])
def test_all_that_is_told_is_the_same_as_on_the_processor(name: str) -> None:
    with SecondDevice():
        on_device = life(name, NAME)
    assert on_device == life(name, "cpu")


@pytest.mark.parametrize(
    "changes",
    [
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"optimizer": "Adam"},
        {"schedule": "cosine", "steps": 30},
        {"clip": 0.5},
        {"b": RunSettings(clear=NEVER, accumulate=3)},
    ],
    ids=str,
)
def test_no_step_waits_and_losses_come_in_one_transfer(changes: dict[str, Any]) -> None:
    with SecondDevice() as device:
        comparison = compare("spirals", NAME, **changes)
        losses = train(comparison, 2)
        device.waits.clear()
        for _ in range(10):
            comparison.advance()
        assert device.waits == []
        losses = {run: losses[run] + more for run, more in comparison.drain().losses.items()}
        assert len(device.waits) == 1
    assert losses == train(compare("spirals", **changes), 12)


def test_what_stands_in_for_it_refuses_to_mix_devices() -> None:
    with SecondDevice() as device:
        there, here = torch.ones(3, device=NAME), torch.ones(3)
        with pytest.raises(AssertionError, match="two devices"):
            there + here
        assert there.sum().item() == 3.0
        assert (there + here.to(NAME)).cpu().tolist() == [2.0] * 3
    assert device.waits == [
        "aten._local_scalar_dense.default",
        "aten._to_copy.default",
        "aten._to_copy.default",
    ]
