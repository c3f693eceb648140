"""Diagnostics: true numbers about a step, which goes on as if nobody looked."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from tests.support.models import Spare, begin, everything, identical, linear, restless, small
from zgtui.config.settings import EVERY, NEVER, RunName, Settings
from zgtui.experiments import EXPERIMENTS, load
from zgtui.experiments.experiment import Data, Experiment
from zgtui.runlog.events import FIRST_STEPS, is_milestone
from zgtui.theory.dynamics import angle
from zgtui.training.budget import DEBT, Budget
from zgtui.training.comparison import Comparison
from zgtui.training.diagnostics import sampling
from zgtui.training.diagnostics.probe import Probe
from zgtui.training.diagnostics.sampling import COLUMNS, Diagnostics

OFF = Settings(diagnostics="off")


def sampled(comparison: Comparison, steps: int) -> dict[tuple[RunName, int], dict[str, float]]:
    """The diagnostics of each of the next steps."""
    for _ in range(steps):
        comparison.advance(sample=True)
    found: dict[tuple[RunName, int], dict[str, float]] = {}
    for sample in comparison.drain().samples:
        found.setdefault((sample.run, sample.step), {})[sample.name] = sample.value
    return found


def assert_unseen(experiment: Experiment, settings: Settings, steps: int) -> None:
    """Diagnostics at every step leave losses and everything else as they are without."""
    losses: list[dict[RunName, list[float]]] = []
    states = []
    # One after the other: each seeds the generator that both draw from.
    for one in (settings, replace(settings, diagnostics="off")):
        comparison = begin(experiment, one)
        for _ in range(steps):
            comparison.advance(sample=True)
        drained = comparison.drain()
        losses.append(drained.losses)
        names = {sample.name for sample in drained.samples} - {"accuracy"}
        assert bool(names) is (one is settings)
        states.append(everything(comparison))
    assert len(losses[0]["A"]) == steps
    assert losses[0] == losses[1]
    assert identical(*states)


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_no_experiment_notices_that_it_is_watched(name: str) -> None:
    assert_unseen(load(name), Settings(experiment=name), 12)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(momentum=0.9, nesterov=True),
        Settings(optimizer="Adam"),
        Settings(clip=0.1),
        Settings(twin=True),
        Settings(schedule="cosine").with_run("B", accumulate=3),
    ],
    ids=["SGD", "nesterov", "Adam", "clip", "twin", "accumulate"],
)
def test_dropout_and_batchnorm_do_not_notice_either(settings: Settings) -> None:
    assert_unseen(small(), settings, 25)


def test_a_run_that_clears_applies_the_fresh_gradient_alone() -> None:
    for (run, _), found in sampled(begin(small()), 6).items():
        if run == "A":
            assert found["grad_norm"] == found["fresh_norm"]
            assert found["ratio"] == 1.0
            assert found["cosine"] == pytest.approx(1.0, abs=1e-6)


def flat(model: nn.Module) -> Tensor:
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).clone()


def test_a_run_that_never_clears_is_taken_apart_into_fresh_and_held() -> None:
    comparison = begin(small(linear, double=True))
    model = comparison.runs["B"].model
    before = torch.zeros(8, dtype=torch.float64)
    for step in range(1, 9):
        found = sampled(comparison, 1)["B", step]
        held = flat(model)
        fresh = held - before
        assert found["grad_norm"] == pytest.approx(held.norm().item(), rel=1e-12)
        assert found["fresh_norm"] == pytest.approx(fresh.norm().item(), rel=1e-12)
        assert found["ratio"] == pytest.approx((held.norm() / fresh.norm()).item(), rel=1e-12)
        cosine = torch.cosine_similarity(held, fresh, dim=0).item()
        assert found["cosine"] == pytest.approx(cosine, abs=1e-12)
        before = held


def test_the_fresh_gradient_is_that_of_one_backward_bit_for_bit() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    inputs = torch.randn(5, 3)
    alone = [g.clone() for g in torch.autograd.grad(model(inputs).sum(), [*model.parameters()])]
    for _ in range(2):
        probe = Probe(model, clipped=False)
        model(inputs).sum().backward()
        fresh = [probe._fresh[at] for at in range(len(alone))]
        assert all(map(torch.equal, fresh, alone))
        probe.products()
    held = [p.grad for p in model.parameters() if p.grad is not None]
    assert all(map(torch.equal, held, [2 * gradient for gradient in alone]))


def test_gradients_of_all_parts_of_a_batch_are_one_fresh_gradient() -> None:
    experiment = small(linear, double=True)
    whole = begin(experiment)
    parts = begin(experiment, Settings().with_run("A", accumulate=4).with_run("B", accumulate=4))
    one, four = sampled(whole, 5), sampled(parts, 5)
    assert one.keys() == four.keys()
    for key, found in one.items():
        for name in ("grad_norm", "fresh_norm", "cosine"):
            assert four[key][name] == pytest.approx(found[name], rel=1e-12), (key, name)


def test_parameters_without_a_gradient_are_passed_over() -> None:
    found = sampled(begin(small(Spare)), 3)
    used_alone = {"grad_norm", "fresh_norm", "ratio", "cosine"}
    assert all(used_alone <= values.keys() for values in found.values())
    assert all(map(math.isfinite, (v for values in found.values() for v in values.values())))


def test_under_clipping_the_held_gradient_is_told_as_it_was_before() -> None:
    settings = Settings(clip=1e-3)
    comparison = begin(small(linear, double=True), settings)
    first, second = sampled(comparison, 1), sampled(comparison, 1)
    assert first["A", 1]["grad_norm"] > 10e-3, "clipping would hide it"
    model = comparison.runs["B"].model
    assert flat(model).norm().item() == pytest.approx(1e-3, rel=1e-3)
    # B holds what clipping left of step 1, at most 0.001 long, and the fresh gradient.
    found = second["B", 2]
    assert abs(found["grad_norm"] - found["fresh_norm"]) <= 1.001e-3
    assert found["grad_norm"] != found["fresh_norm"]


def test_hooks_are_there_at_sampled_steps_alone() -> None:
    comparison = begin(small())
    comparison.advance(sample=True)
    comparison.advance()
    for run in comparison.runs.values():
        for parameter in run.model.parameters():
            assert parameter._backward_hooks is None
            assert not parameter._post_accumulate_grad_hooks
    assert {sample.step for sample in comparison.drain().samples} == {1}


def test_at_rest_there_is_no_angle_to_tell() -> None:
    def still() -> Data:
        return Data(torch.zeros(4, 3), torch.zeros(4, 2))

    experiment = replace(small(lambda: nn.Linear(3, 2, bias=False)), data=still)
    found = sampled(begin(experiment), 1)["A", 1]
    assert found["fresh_norm"] == 0
    assert "ratio" not in found
    assert "cosine" not in found


def test_the_share_of_uphill_steps_of_the_article() -> None:
    found = sampled(begin(load("article")), 400)
    cosines = [values["cosine"] for (run, _), values in found.items() if run == "B"]
    uphill = sum(cosine < 0 for cosine in cosines) / len(cosines)
    assert uphill == pytest.approx(0.5 - angle(1.2) / (2 * math.pi), abs=0.01)


def test_the_energy_of_a_run_that_never_clears_is_conserved() -> None:
    comparison = begin(small(linear, batch_size=None, lr=0.3, double=True))
    found = sampled(comparison, 1500)
    energies = [values["energy"] for (run, _), values in found.items() if run == "B"]
    assert len(energies) == 1500
    assert energies == pytest.approx([energies[0]] * 1500, rel=3e-14)
    cleared = [values["energy"] for (run, _), values in found.items() if run == "A"]
    assert cleared[-1] < 0.9 * cleared[0], "with nothing carried over it is the loss"


@pytest.mark.parametrize(
    ("experiment", "settings"),
    [
        (small(restless, batch_size=None), Settings()),
        (small(linear), Settings()),
        (small(linear, batch_size=None), Settings(momentum=0.5)),
        (small(linear, batch_size=None), Settings(weight_decay=0.1)),
        (small(linear, batch_size=None), Settings(clip=1.0)),
        (small(linear, batch_size=None), Settings(schedule="cosine")),
        (small(linear, batch_size=None, optimizer="Adam"), Settings()),
    ],
    ids=["network", "minibatch", "momentum", "decay", "clip", "schedule", "Adam"],
)
def test_no_energy_is_told_where_the_claim_does_not_hold(
    experiment: Experiment, settings: Settings
) -> None:
    comparison = begin(experiment, settings)
    assert comparison.columns == list(COLUMNS)
    assert all("energy" not in values for values in sampled(comparison, 2).values())


def test_the_columns_told_before_are_those_that_come() -> None:
    comparison = begin(small(linear, batch_size=None))
    found = sampled(comparison, 1)["B", 1]
    assert comparison.columns == [*COLUMNS, "energy"]
    assert set(found) == set(comparison.columns)


def test_switched_off_nothing_is_measured() -> None:
    comparison = begin(small(), OFF)
    assert comparison.columns == []
    assert not comparison.diagnostics.due(1)
    assert sampled(comparison, 3) == {}
    assert not comparison.initial.sharpness


def test_q_is_the_rate_of_the_step_times_the_sharpness() -> None:
    comparison = begin(load("article"))
    comparison.set_lr("B", 0.25)
    found = sampled(comparison, 1)
    assert found["A", 1]["sharpness"] == pytest.approx(12, rel=1e-4)
    assert found["A", 1]["q"] == pytest.approx(1.2, rel=1e-4)
    assert found["B", 1]["q"] == pytest.approx(3.0, rel=1e-4)


class Clock:
    """Stands in for time.perf_counter, and takes the time that a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr("zgtui.training.diagnostics.sampling.time.perf_counter", fake)
    return fake


def share_spent(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, cost: float, step_seconds: float
) -> tuple[float, int]:
    """Of the time that passes, what samples take once the first steps are done; and how many.

    The gradients of a sample cost ``cost`` seconds, a sharpness ten times as many.
    """

    def products(_probe: Probe) -> None:
        clock.now += cost

    def find(*_arguments: object) -> None:
        clock.now += 10 * cost

    monkeypatch.setattr(Probe, "products", products)
    monkeypatch.setattr(sampling, "sharpness", find)
    run = begin(small(linear), OFF).runs["A"]
    watcher = Diagnostics(Settings(), nn.MSELoss(), full_batch=False, quadratic=False)
    spent = begun = 0.0
    samples = 0
    nothing = torch.zeros(())
    for step in range(1, 20_001):
        if step == FIRST_STEPS + 1:
            spent, begun = 0.0, clock.now
        due = watcher.due(step)
        clock.now += step_seconds
        if due:
            before = clock.now
            probe = watcher.watch(run)
            probe.close()
            watcher.take("A", step, run, probe, nothing, nothing, nothing)
            watcher.end_step(step)
            spent += clock.now - before
            samples += 1
    return spent / (clock.now - begun), samples


@pytest.mark.parametrize(("cost", "step_seconds"), [(0.01, 0.001), (0.002, 0.01), (0.1, 0.2)])
def test_samples_cost_at_most_a_tenth_of_the_time(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, cost: float, step_seconds: float
) -> None:
    share, samples = share_spent(monkeypatch, clock, cost, step_seconds)
    assert 0.01 < share <= 0.06
    assert samples > 5


@pytest.mark.parametrize(("cost", "measured"), [(0.1, True), (0.3, False)])
def test_where_training_rests_the_sharpness_is_that_of_now(
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    cost: float,
    measured: bool,  # noqa: FBT001 - a case
) -> None:
    asked: list[int] = []

    def find(*_arguments: object) -> None:
        clock.now += cost
        asked.append(step)

    monkeypatch.setattr(sampling, "sharpness", find)
    run = begin(small(linear), OFF).runs["A"]
    watcher = Diagnostics(Settings(), nn.MSELoss(), full_batch=False, quadratic=False)
    nothing = torch.zeros(())
    for step in range(1, 6):
        watcher.rest_after(resting=step == 4)
        probe = watcher.watch(run)
        probe.close()
        watcher.take("A", step, run, probe, nothing, nothing, nothing)
        watcher.end_step(step)
    assert asked == ([1, 4] if measured else [1])


def test_the_first_steps_are_sampled_one_by_one(clock: Clock) -> None:
    watcher = Diagnostics(Settings(), nn.MSELoss(), full_batch=False, quadratic=False)
    for step in range(1, FIRST_STEPS + 1):
        assert watcher.due(step)
        watcher.end_step(step)
    assert not watcher.due(FIRST_STEPS + 1)
    clock.now += sampling.SAMPLE_SECONDS
    assert watcher.due(FIRST_STEPS + 2)


def test_milestones_are_sampled_whatever_that_costs(clock: Clock) -> None:
    watcher = Diagnostics(Settings(), nn.MSELoss(), full_batch=False, quadratic=False)
    watcher.charge(1e6)
    found = []
    for step in range(1, 1001):
        clock.now += 1e-6
        if watcher.due(step):
            found.append(step)
            watcher.end_step(step)
    assert found == [*range(1, 21), 50, 100, 200, 500, 1000]
    assert all(map(is_milestone, found))


def test_what_a_cleared_run_carries_is_exactly_nothing() -> None:
    for (run, step), found in sampled(begin(small()), 8).items():
        if run == "A" or step == 1:
            assert found["carried_norm"] == 0.0
        else:
            assert found["carried_norm"] > 0


def test_clipping_leaves_the_gradient_of_the_step_as_it_was() -> None:
    for (run, _), found in sampled(begin(small(), Settings(clip=1e-3)), 5).items():
        assert found["fresh_norm"] > 2e-3
        if run == "A":
            assert found["grad_norm"] == pytest.approx(found["fresh_norm"], rel=1e-6)
            assert found["carried_norm"] == 0.0


def test_a_budget_takes_its_share_and_no_more() -> None:
    budget = Budget(0.1)
    waited: list[int] = []
    # The first turn comes at once: nobody knows its cost.
    while not budget.affordable():
        waited.append(-1)
    budget.spend(0.02)
    for turn in range(3):
        while not budget.affordable():
            budget.earn(0.01)
            waited.append(turn)
        budget.spend(0.02)
    assert [waited.count(turn) for turn in range(-1, 3)] == pytest.approx([0, 40, 20, 20], abs=1)
    while not budget.affordable():
        budget.earn(0.01)
    budget.charge(0.02)
    assert budget.affordable() is False


def test_a_budget_saves_up_no_more_than_it_may_overdraw() -> None:
    budget = Budget(0.5)
    answers = []
    for _ in range(2):
        budget.spend(10 * DEBT)
        answers += [budget.affordable()]
        budget.earn(1000 * DEBT)
        # What costs more than the account holds is paid by a full one.
        answers += [budget.affordable()]
    assert answers == [False, True] * 2


def test_policies_are_followed_while_watched() -> None:
    comparison = begin(small(linear, double=True))
    sampled(comparison, 3)
    comparison.set_clearing("B", EVERY)
    assert sampled(comparison, 1)["B", 4]["ratio"] == pytest.approx(1.0)
    comparison.set_clearing("B", NEVER)
    assert sampled(comparison, 1)["B", 5]["ratio"] != pytest.approx(1.0)
