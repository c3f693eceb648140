"""Random draws of a model: the same for both runs, and nothing to pay where there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from tests.support.training import minibatches, same, train
from zgtui.config.settings import EVERY, RUNS, Settings
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in


class Noisy(nn.Module):
    """Adds noise to what it gets, and remembers that noise."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.drawn: list[Tensor] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.drawn.append(torch.randn_like(inputs))
        outputs: Tensor = self.layer(inputs + self.drawn[-1])
        return outputs


def begin(model: Callable[[], nn.Module]) -> Comparison:
    """A comparison at step 0 in which nothing but the two runs looks at the models."""
    experiment = replace(minibatches(), model=model)
    return Comparison(experiment, fill_in(Settings(diagnostics="off"), experiment, "cpu"))


def dropout() -> nn.Module:
    return nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))


def test_both_runs_draw_the_same_at_a_step_and_other_numbers_at_the_next() -> None:
    comparison = begin(Noisy)
    train(comparison, 6)
    drawn = []
    for run in RUNS:
        model = comparison.runs[run].model
        assert isinstance(model, Noisy)
        drawn.append(model.drawn)
    assert same(drawn[0], drawn[1])
    assert len({tuple(noise.flatten().tolist()) for noise in drawn[0]}) == 6


def test_with_dropout_two_runs_that_both_clear_stay_the_same_run() -> None:
    comparison = begin(dropout)
    comparison.set_clearing("B", EVERY)
    losses = train(comparison, 30)
    assert losses["A"] == losses["B"]
    masks_off = begin(lambda: dropout().eval())
    assert losses["A"] != train(masks_off, 30)["A"], "dropout was at work"


def test_with_dropout_the_first_two_losses_agree_and_the_others_do_not() -> None:
    losses = train(begin(dropout), 10)
    assert losses["A"][:2] == losses["B"][:2]
    assert all(a != b for a, b in zip(losses["A"][2:], losses["B"][2:], strict=True))


@pytest.mark.parametrize(("model", "reads"), [(dropout, 5), (lambda: nn.Linear(1, 1), 0)])
def test_a_model_that_draws_nothing_pays_nothing_after_its_first_step(
    model: Callable[[], nn.Module], reads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = begin(model)
    train(comparison, 1)
    read: list[str] = []
    get_state, set_state = torch.random.get_rng_state, torch.random.set_rng_state

    def counted_get() -> Tensor:
        read.append("get")
        return get_state()

    def counted_set(state: Tensor) -> None:
        read.append("set")
        set_state(state)

    monkeypatch.setattr(torch.random, "get_rng_state", counted_get)
    monkeypatch.setattr(torch.random, "set_rng_state", counted_set)
    train(comparison, 5)
    assert read.count("get") == read.count("set") == reads
