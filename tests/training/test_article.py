"""Where two runs start, and the losses that are known beforehand."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn

from tests.support.training import compare, minibatches, same, train
from zgtui.config.settings import RUNS, RunName
from zgtui.experiments import EXPERIMENTS
from zgtui.experiments.experiment import Experiment

THEORY_CLEARED = [
    0.3011411428451538, 0.012045658193528652, 0.0004818237212020904, 1.9273158613641932e-05,
    7.710519298598228e-07, 3.08546397320697e-08, 1.2366996315904544e-09, 4.9467985263618175e-11,
    1.7195134205394424e-12, 5.684341886080802e-14, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
]  # fmt: skip
THEORY_NEVER_CLEARED = [
    0.2679257392883301, 0.010717039927840233, 0.36052078008651733, 0.1419963389635086,
    0.08938579261302948, 0.3794606328010559, 0.037569448351860046, 0.21246656775474548,
    0.31649771332740784, 0.00011828737478936091, 0.3263632357120514, 0.19904950261116028,
    0.0459512323141098, 0.3814784586429596, 0.07825972139835358, 0.15511009097099304,
    0.35381248593330383, 0.006726779043674469, 0.28006091713905334, 0.255412220954895,
]  # fmt: skip


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_trains_and_the_same_start_gives_the_same_first_two_losses(
    name: str,
) -> None:
    comparison = compare(name)
    losses = train(comparison, 3)
    assert all(math.isfinite(loss) for run in RUNS for loss in losses[run])
    assert comparison.same_init == (losses["A"][0] == losses["B"][0])
    if comparison.same_init:
        assert losses["A"][:2] == losses["B"][:2], "the first update holds nothing stale"
        assert losses["A"][2] != losses["B"][2]


def test_both_runs_start_from_the_same_weights_bit_for_bit() -> None:
    comparison = compare()
    first, second = (list(comparison.runs[run].model.parameters()) for run in RUNS)
    assert same([p.detach() for p in first], [p.detach() for p in second])
    assert all(p is not q for p, q in zip(first, second, strict=True))
    assert comparison.same_init


def test_article_exact_starts_apart_as_two_models_built_one_after_the_other() -> None:
    comparison = compare("article-exact")
    torch.manual_seed(42)
    for run in RUNS:
        expected = nn.Linear(2, 1)
        built = comparison.runs[run].model
        assert same([p.detach() for p in built.parameters()], [*expected.parameters()])
    assert not comparison.same_init


def article_as_a_user_writes_it() -> dict[RunName, list[float]]:
    torch.manual_seed(42)
    model_with = nn.Linear(2, 1)
    model_without = nn.Linear(2, 1)
    optimizer_with = torch.optim.SGD(model_with.parameters(), lr=0.1)
    optimizer_without = torch.optim.SGD(model_without.parameters(), lr=0.1)
    criterion = nn.MSELoss()
    x = torch.tensor([[1.0, 2.0]])
    y = torch.tensor([[1.0]])
    losses_with, losses_without = [], []
    for _ in range(20):
        optimizer_with.zero_grad()
        loss = criterion(model_with(x), y)
        loss.backward()
        optimizer_with.step()
        losses_with.append(loss.item())

        loss = criterion(model_without(x), y)
        loss.backward()
        optimizer_without.step()
        losses_without.append(loss.item())
    return {"A": losses_with, "B": losses_without}


def test_article_exact_gives_the_losses_of_the_plain_loop_bit_for_bit() -> None:
    assert train(compare("article-exact"), 20) == article_as_a_user_writes_it()


def test_article_exact_gives_the_published_losses_on_any_machine() -> None:
    losses = train(compare("article-exact"), 20)
    assert losses["A"] == pytest.approx(THEORY_CLEARED, abs=1e-6)
    assert losses["B"] == pytest.approx(THEORY_NEVER_CLEARED, abs=1e-6)


@pytest.mark.parametrize("experiment", ["article", minibatches()], ids=["article", "minibatches"])
def test_never_clearing_is_sgd_with_momentum_one_bit_for_bit(
    experiment: Experiment | str,
) -> None:
    comparison, batches = compare(experiment), compare(experiment)
    model = copy.deepcopy(comparison.runs["B"].model)
    lr = comparison.runs["B"].optimizer.param_groups[0]["lr"]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=1.0)
    criterion, losses = nn.MSELoss(), []
    for _ in range(40):
        inputs, targets = batches.batches.next()
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert train(comparison, 40)["B"] == losses
