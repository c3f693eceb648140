"""Many runs in one batch are those that torch trains one by one, and they prove the theory."""

from __future__ import annotations

import copy
import itertools

import pytest
import torch

from tests.support.training import compare
from zgtui.config.settings import EVERY, NEVER, Clearing, MapAxis
from zgtui.errors import UsageError
from zgtui.experiments import load
from zgtui.theory.dynamics import Rule
from zgtui.theory.stability_map import MapGrid, on_boundary
from zgtui.training.many_runs import ManyRuns
from zgtui.training.measured_map import MeasuredMap


def measured(experiment: str, grid: MapGrid) -> MeasuredMap:
    made = MeasuredMap(compare(experiment, steps=1), grid)
    while not made.done:
        made.advance()
    return made


def test_each_run_is_torchs_own_sgd() -> None:
    torch.manual_seed(3)
    experiment = load("regression")
    model, data = experiment.model(), experiment.data()
    settings = list(
        itertools.product([EVERY, Clearing(3), NEVER], [0.0, 0.5, 0.9], [0.0, 0.02], [0.01, 0.2])
    )
    rules = [Rule(clear, momentum=m, decay=wd * lr) for clear, m, wd, lr in settings]
    lrs = [lr for *_, lr in settings]
    many = ManyRuns(model, experiment.criterion, data.inputs, data.targets, rules, lrs)
    many.advance(25)
    for at, (clear, momentum, decay, lr) in enumerate(settings):
        own = copy.deepcopy(model).double()
        sgd = torch.optim.SGD(own.parameters(), lr=lr, momentum=momentum, weight_decay=decay)
        for step in range(1, 26):
            if clear.due(step):
                sgd.zero_grad()
            loss = experiment.criterion(own(data.inputs.double()), data.targets.double())
            loss.backward()
            sgd.step()
        for name, parameter in own.named_parameters():
            torch.testing.assert_close(many._weights[name][at], parameter.data, rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    ("axis", "clearing"),
    [
        ("clearing", NEVER),
        ("momentum", EVERY),
        ("momentum", NEVER),
        ("weight-decay", EVERY),
        ("weight-decay", NEVER),
    ],
)
def test_training_comes_to_what_theory_says_in_every_cell(
    axis: MapAxis, clearing: Clearing
) -> None:
    made = measured("article", MapGrid(axis, columns=40, rows=16, clearing=clearing))
    assert {len(row) for row in made.measured} == {40}
    apart = [
        (row, column)
        for row, column in itertools.product(range(16), range(40))
        if made.measured[row][column] != made.predicted[row][column]
        and not on_boundary(made.predicted, row, column)
    ]
    assert apart == []
    assert len({outcome for row in made.measured for outcome in row}) > 1


def test_it_holds_with_several_directions_too() -> None:
    made = measured("regression", MapGrid("clearing", columns=40, rows=8))
    apart = [
        (row, column)
        for row, column in itertools.product(range(8), range(40))
        if made.measured[row][column] != made.predicted[row][column]
        and not on_boundary(made.predicted, row, column)
    ]
    assert apart == []


def test_the_model_and_the_random_state_stay_as_they_are() -> None:
    comparison = compare("article", steps=1)
    assert comparison.initial_model is not None
    before = copy.deepcopy(comparison.initial_model.state_dict())
    state = torch.random.get_rng_state()
    made = MeasuredMap(comparison, MapGrid("clearing", columns=4, rows=3))
    while not made.done:
        made.advance()
    assert torch.equal(torch.random.get_rng_state(), state)
    for name, value in comparison.initial_model.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_network_has_no_map() -> None:
    with pytest.raises(UsageError, match="linear model under MSE loss"):
        MeasuredMap(compare("moons", steps=1), MapGrid("clearing", columns=4, rows=3))
