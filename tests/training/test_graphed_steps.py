"""Steps that are captured and replayed: bit for bit those that are done one by one.

What stands in for CUDA graphs repeats operations on the same tensors, and no Python.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.capturing import FakeCapturer, NoGraphs, WrongGraphs
from tests.support.models import begin, everything, identical, linear, restless, small
from tests.training.test_joint_step import (
    OneByOne,
    experiment_with_its_data,
    lives,
    one,
    same,
    with_a_frozen_layer,
)
from zgtui.config.settings import EVERY, NEVER, Clearing, RunSettings, Settings
from zgtui.experiments.experiment import Experiment
from zgtui.ipc import LineWriter
from zgtui.training import comparison as comparison_module
from zgtui.training import graphed_steps
from zgtui.training.capturers import SWITCH, suitable_capturer
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in
from zgtui.worker.loop import Worker
from zgtui.worker.protocol import NOTICES, Remark, SetRunning, Start

pytestmark = pytest.mark.usefixtures("unwatched")
NOT_PERMITTED = "a step cannot be captured: operation not permitted when stream is capturing"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs of few steps, and from the second on."""
    monkeypatch.setattr(graphed_steps, "SETTLED_STEPS", 1)
    monkeypatch.setattr(graphed_steps, "LONGEST", 3)


def graphed(
    experiment: Experiment, settings: Settings, capturer: FakeCapturer | None = None
) -> tuple[Comparison, FakeCapturer]:
    capturer = capturer or FakeCapturer()
    return Comparison(experiment, fill_in(settings, experiment, "cpu"), capturer), capturer


def check(experiment: Experiment, settings: Settings, *, replays: bool = True) -> None:
    """A life with changes and a way back comes out the same; steps were replayed, or not."""
    comparison, capturer = graphed(experiment, settings)
    assert same(lives(comparison), lives(one(OneByOne, experiment, settings)))
    assert (capturer.replays > capturer.captures > 0) == replays
    assert comparison.problem == ""


@pytest.mark.parametrize("name", ["article", "article-exact", "regression", "spirals", "moons"])
def test_every_experiment_under_sgd_comes_out_the_same(name: str, soon: None) -> None:
    check(experiment_with_its_data(name), Settings(experiment=name, diagnostics="off", steps=100))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(momentum=0.9),
        Settings(momentum=0.9, nesterov=True, weight_decay=0.01),
        Settings(weight_decay=0.01),
        Settings(twin=True),
        Settings(diagnostics="on"),
        Settings(a=RunSettings(clear=EVERY, lr=0.3)),
        Settings(b=RunSettings(clear=Clearing(3))),
        Settings(batch_size=7),
        Settings(a=RunSettings(clear=EVERY, lr=1e9), b=RunSettings(clear=NEVER, lr=1e9)),
    ],
    ids=str,
)
def test_every_setting_comes_out_the_same(settings: Settings, soon: None) -> None:
    check(experiment_with_its_data("regression"), settings)


def test_a_parameter_without_gradient_stays_without(soon: None) -> None:
    experiment = small(with_a_frozen_layer)
    check(experiment, Settings(momentum=0.5, diagnostics="off"))
    comparison, _ = graphed(experiment, Settings(momentum=0.5, diagnostics="off"))
    comparison.advance_to(20)
    for run in comparison.runs.values():
        assert [p.grad is None for p in run.model.parameters()] == [True, True, False, False]


@pytest.mark.parametrize(
    ("experiment", "settings"),
    [
        (small(restless), Settings()),
        (small(linear, optimizer="Adam"), Settings()),
        (small(linear), Settings(clip=1.0)),
        (small(linear), Settings(schedule="cosine", steps=40)),
        (small(linear), Settings(b=RunSettings(clear=EVERY, accumulate=2))),
    ],
    ids=["draws", "counts its steps", "clips", "has a schedule", "accumulates"],
)
def test_what_a_graph_would_not_do_is_not_captured(
    experiment: Experiment, settings: Settings, soon: None
) -> None:
    comparison, capturer = graphed(experiment, replace(settings, diagnostics="off"))
    comparison.advance_to(30)
    if settings.b.accumulate == 1:
        assert capturer.captures == 0
    other = begin(experiment, replace(settings, diagnostics="off"))
    other.advance_to(30)
    assert comparison.drain().losses == other.drain().losses
    assert comparison.problem == ""


def test_a_toggle_needs_no_new_capture_and_a_new_rate_one_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graphed_steps, "SETTLED_STEPS", 10)
    comparison, capturer = graphed(experiment_with_its_data("spirals"), Settings(diagnostics="off"))
    comparison.advance_to(10)
    assert capturer.captures == 0, "short trainings are not worth it"
    comparison.advance_to(200)
    made, done = capturer.captures, capturer.replays
    for clearing in (EVERY, NEVER):
        comparison.set_clearing("B", clearing)
        comparison.advance_to(comparison.step + 70)
    assert capturer.captures == made
    assert capturer.replays > done
    comparison.set_lr("A", 0.05)
    comparison.advance_to(comparison.step + 5)
    assert capturer.captures == made, "keys may be pressed on"
    comparison.advance_to(comparison.step + 100)
    assert capturer.captures > made


def test_losses_come_in_order_whatever_trained_them(soon: None) -> None:
    experiment, settings = experiment_with_its_data("spirals"), Settings(diagnostics="off")
    comparison, _ = graphed(experiment, settings)
    other = one(OneByOne, experiment, settings)
    for trained in (comparison, other):
        trained.advance_to(5)
        trained.advance()
        trained.advance_to(17)
        trained.advance(sample=True)
        trained.advance_to(30)
    assert comparison.drain().losses == other.drain().losses
    assert comparison.drain().losses == {"A": [], "B": []}


def test_accuracy_is_measured_at_the_same_steps(soon: None) -> None:
    experiment = experiment_with_its_data("spirals")
    settings = Settings(diagnostics="off", steps=70)
    comparison, other = graphed(experiment, settings)[0], one(OneByOne, experiment, settings)
    for trained in (comparison, other):
        trained.advance_to(70)
    assert comparison.drain().samples == other.drain().samples


@pytest.mark.parametrize(
    ("capturer", "told"),
    [
        (NoGraphs(), NOT_PERMITTED),
        (WrongGraphs(), "a captured step does not do the same as the step itself"),
    ],
)
def test_where_capture_fails_training_goes_on_as_if_it_had_not_been_tried(
    capturer: FakeCapturer, told: str, soon: None
) -> None:
    experiment, settings = experiment_with_its_data("regression"), Settings(momentum=0.5)
    comparison, _ = graphed(experiment, settings, capturer)
    assert same(lives(comparison), lives(one(OneByOne, experiment, settings)))
    assert comparison.problem == told


def test_the_processor_captures_nothing_and_a_variable_switches_it_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert suitable_capturer("cpu") is None
    monkeypatch.setenv(SWITCH, "off")
    assert suitable_capturer("cuda:0") is None


def test_the_worker_says_once_why_it_goes_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    monkeypatch.setattr(comparison_module, "suitable_capturer", lambda _: NoGraphs())
    stdin, _ = os.pipe()
    said, notices = os.pipe()
    worker = Worker(stdin, LineWriter(notices), tmp_path)
    worker._apply(Start(Settings(device="cpu", steps=0, speed=0.0)))
    worker._apply(SetRunning(running=True))
    while worker._step < 200:
        worker._advance()
    os.close(notices)
    with os.fdopen(said, "rb") as lines:
        remarks = [one for one in map(NOTICES.decode, lines) if isinstance(one, Remark)]
    assert [remark.text for remark in remarks] == [
        f"{NOT_PERMITTED}: training goes on step by step",
    ]


@pytest.mark.cuda
@pytest.mark.parametrize("momentum", [None, 0.9])
@pytest.mark.parametrize("name", ["article", "spirals", "moons", "regression"])
def test_graphs_of_a_gpu_do_the_same_as_its_steps(name: str, momentum: float | None) -> None:
    experiment = experiment_with_its_data(name)
    settings = fill_in(Settings(diagnostics="off", momentum=momentum), experiment, "cuda:0")
    capturer = suitable_capturer("cuda:0")
    assert capturer is not None
    with_graphs, without = (
        Comparison(experiment, settings, capturer),
        Comparison(experiment, settings),
    )
    for comparison in (with_graphs, without):
        comparison.advance_to(150)
        comparison.set_clearing("B", EVERY)
        comparison.advance_to(250)
        comparison.set_lr("A", 0.02)
        comparison.set_clearing("B", Clearing(2))
        comparison.advance_to(400)
    assert with_graphs.problem == ""
    assert with_graphs.steps_together > 200 > without.steps_together == 0
    assert with_graphs.drain().losses == without.drain().losses
    assert identical(everything(with_graphs), everything(without))
