"""Steps that are captured and replayed: bit for bit those that are done one by one.

What stands in for CUDA graphs repeats operations on the same tensors, and no Python.
"""

from __future__ import annotations

import gc
import math
import os
import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from tests.cuda.target import GPU, TRIAL, capturer
from tests.support.capturing import FakeCapturer, FixedRates, HalfGraphs, NoGraphs, NoRoom
from tests.support.models import Spare, begin, everything, identical, linear, restless, small
from tests.training.ways import (
    OPTIMIZERS,
    OneByOne,
    experiment_with_its_data,
    lives,
    same,
    user_loss,
    with_a_frozen_layer,
    with_a_hook_on_a_gradient,
    with_a_hook_on_the_module,
)
from zgtui.config.settings import EVERY, NEVER, Clearing, RunSettings, Settings
from zgtui.experiments.experiment import Experiment
from zgtui.ipc import LineWriter
from zgtui.training import comparison as comparison_module
from zgtui.training.comparison import Comparison
from zgtui.training.joint import graphed_steps
from zgtui.training.joint.capturers import SWITCH, suitable_capturer
from zgtui.training.repeatability import NOT_REPRODUCIBLE
from zgtui.training.run import fill_in
from zgtui.worker.loop import Worker
from zgtui.worker.protocol import NOTICES, Remark, SetRunning, Start

pytestmark = pytest.mark.usefixtures("unwatched", "as_a_gpu")
NO_GRAPHS = "CUDA graphs are off, training step by step: "
NOT_PERMITTED = (
    f"{NO_GRAPHS}a step cannot be captured: operation not permitted when stream is capturing"
)
WRONG = f"{NO_GRAPHS}replaying the graph gives different results from eager"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs of few steps, and from the second on, however slow this machine is."""
    monkeypatch.setattr(graphed_steps, "SETTLED_STEPS", 1)
    monkeypatch.setattr(graphed_steps, "LONGEST", 3)
    monkeypatch.setattr(graphed_steps, "LONG_SECONDS", math.inf)


def graphed(
    experiment: Experiment,
    settings: Settings,
    capturer: FakeCapturer | None = None,
    kind: type[Comparison] = Comparison,
) -> tuple[Comparison, FakeCapturer]:
    capturer = capturer or FakeCapturer()
    return kind(experiment, fill_in(settings, experiment, "cpu"), capturer), capturer


def by_itself(experiment: Experiment, settings: Settings) -> Comparison:
    """The same, with the same optimizers, whose steps are done one after the other."""
    return graphed(experiment, settings, kind=OneByOne)[0]


def check(experiment: Experiment, settings: Settings, *, replays: bool = True) -> None:
    """A life with changes and a way back comes out the same; steps were replayed, or not."""
    comparison, capturer = graphed(experiment, settings)
    assert same(lives(comparison), lives(by_itself(experiment, settings)))
    assert comparison.remarks == []
    assert (capturer.replays > capturer.captures > 0) == replays


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
        Settings(clip=0.5),
        Settings(b=RunSettings(clear=EVERY, accumulate=3), batch_size=7),
        Settings(schedule="cosine", steps=15),
        Settings(schedule="step", steps=12, momentum=0.9),
        Settings(schedule="cosine", steps=15, momentum=0.9, nesterov=True, weight_decay=0.01),
        Settings(schedule="cosine", steps=15, twin=True),
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


COUNTS_ON_THE_CPU = {"Adagrad", "Adafactor"}


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_comes_out_the_same_or_says_why_not(
    optimizer: str, schedule: str, soon: None
) -> None:
    experiment = experiment_with_its_data("moons")
    if optimizer == "Muon":  # takes nothing but matrices
        experiment = replace(experiment, model=lambda: nn.Linear(2, 2, bias=False))
    settings = Settings(optimizer=optimizer, schedule=schedule, steps=20, diagnostics="off")
    comparison, capturer = graphed(experiment, settings)
    assert same(lives(comparison), lives(by_itself(experiment, settings)))
    if schedule == "cosine" and optimizer in COUNTS_ON_THE_CPU | {"Muon"}:
        told = f"{optimizer} cannot read its learning rate from a tensor"
        assert comparison.remarks == [NO_GRAPHS + told]
    elif optimizer in COUNTS_ON_THE_CPU:
        assert comparison.remarks == [NOT_PERMITTED]
    else:
        assert comparison.remarks == []
        assert capturer.replays > capturer.captures > 0


@pytest.mark.parametrize(
    ("experiment", "why"),
    [
        (small(restless), "the model uses random numbers (dropout, for example)"),
        (small(Spare), "Spare is not a built-in PyTorch module"),
        (small(with_a_hook_on_the_module), "Linear is not a built-in PyTorch module"),
        (small(with_a_hook_on_a_gradient), "hooks are registered"),
        (replace(small(linear), criterion=user_loss), "the loss is not a built-in PyTorch loss"),
    ],
    ids=["draws", "a model of a user's", "a hook", "a hook on a gradient", "a loss of a user's"],
)
def test_what_a_graph_might_not_do_is_not_captured_and_said(
    experiment: Experiment, why: str, soon: None
) -> None:
    settings = Settings(diagnostics="off")
    comparison, capturer = graphed(experiment, settings)
    comparison.advance_to(30)
    assert capturer.captures == 0
    other = begin(experiment, settings)
    other.advance_to(30)
    assert comparison.drain().losses == other.drain().losses
    assert comparison.remarks == [NO_GRAPHS + why]
    assert other.remarks == [], "nobody expects graphs on the processor"


def test_what_an_optimizer_counts_elsewhere_is_not_captured_and_said(soon: None) -> None:
    comparison, capturer = graphed(small(linear), Settings(momentum=0.9, diagnostics="off"))
    comparison.advance_to(1)
    optimizer = comparison.runs["A"].optimizer
    for parameter in comparison.runs["A"].model.parameters():
        optimizer.state[parameter]["step"] = torch.zeros((), device="meta")
    comparison.advance_to(10)
    assert capturer.captures == 0
    assert comparison.remarks == [f"{NO_GRAPHS}SGD counts its steps on the CPU"]


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
    other = by_itself(experiment, settings)
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
    comparison, other = graphed(experiment, settings)[0], by_itself(experiment, settings)
    for trained in (comparison, other):
        trained.advance_to(70)
    assert comparison.drain().samples == other.drain().samples


@pytest.mark.parametrize(
    ("capturer", "settings", "told"),
    [
        (NoGraphs(), Settings(momentum=0.5), NOT_PERMITTED),
        (HalfGraphs(), Settings(momentum=0.5), WRONG),
        (FixedRates(), Settings(schedule="cosine", steps=30), WRONG),
        (
            NoRoom(),
            Settings(momentum=0.5),
            f"{NO_GRAPHS}the GPU has too little memory left for them",
        ),
    ],
    ids=["no graph", "half a graph", "a graph of one rate", "no memory"],
)
def test_where_capture_fails_training_goes_on_as_if_it_had_not_been_tried(
    capturer: FakeCapturer, settings: Settings, told: str, soon: None
) -> None:
    experiment = experiment_with_its_data("regression")
    comparison, _ = graphed(experiment, settings, capturer)
    assert same(lives(comparison), lives(by_itself(experiment, settings)))
    assert comparison.remarks == [told]


def rough(outputs: Tensor, targets: Tensor) -> Tensor:
    """As on a GPU that sums in no fixed order: never twice the same."""
    return mse_loss(outputs, targets) * (1 + 1e-6 * next(ROUGHNESS))


ROUGHNESS = cycle([0.1, 0.7, 0.4, 0.9, 0.2])
rough.__module__ = "zgtui.experiments.linear"  # as one of those that are known


def test_steps_that_are_never_twice_the_same_are_captured_and_the_difference_is_said(
    soon: None,
) -> None:
    experiment = replace(experiment_with_its_data("regression"), criterion=rough)
    comparison, capturer = graphed(experiment, Settings(diagnostics="off"))
    comparison.advance_to(30)
    assert capturer.replays > capturer.captures > 0
    (remark,) = comparison.remarks
    assert re.fullmatch(
        f"{NOT_REPRODUCIBLE}: steps replayed from graphs differ from others about as much as those"
        r" from one another \(by \de-0[67] of the largest number\)",
        remark,
    )
    wrong, _ = graphed(experiment, Settings(diagnostics="off"), HalfGraphs())
    wrong.advance_to(30)
    assert wrong.remarks == [WRONG], "by far more than steps differ among themselves"


def test_both_runs_go_on_side_by_side_and_meet_before_anything_reads_them(soon: None) -> None:
    comparison, capturer = graphed(experiment_with_its_data("spirals"), Settings())
    comparison.advance_to(30)
    capturer.told.clear()
    comparison.advance_to(33)
    each = ["replay", "send"]
    assert capturer.told == [
        *[("begin", 0), ("begin", 1)],
        *[(what, 0) for what in each],
        *[(what, 1) for what in each],
        *[("join", 0), ("join", 1)],
    ]


def test_a_rate_that_changes_is_put_in_place_before_each_replay(soon: None) -> None:
    settings = Settings(schedule="cosine", steps=60, diagnostics="off", optimizer="Adam")
    comparison, capturer = graphed(experiment_with_its_data("moons"), settings)
    comparison.advance_to(20)
    made = capturer.captures
    capturer.told.clear()
    comparison.set_lr("A", 0.2)
    comparison.advance_to(35)
    assert capturer.captures == made, "no rate needs a graph of its own"
    order = [what for what, stream in capturer.told if stream == 0]
    assert order == ["begin", "put", "replay", "send", "join"] * (len(order) // 5)
    assert len(order) >= 5 * 5


def test_steps_that_take_long_are_captured_one_by_one(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphed_steps, "LONG_SECONDS", 0.0)
    comparison, capturer = graphed(experiment_with_its_data("spirals"), Settings(diagnostics="off"))
    comparison.advance_to(20)
    made, done = capturer.captures, capturer.replays
    assert made == 4, "each run with and without clearing"
    comparison.advance_to(30)
    assert (capturer.captures, capturer.replays) == (made, done + 2 * 10)


def test_a_comparison_that_is_given_up_frees_its_memory_at_once(soon: None) -> None:
    comparison, _ = graphed(experiment_with_its_data("spirals"), Settings(diagnostics="off"))
    comparison.advance_to(20)
    weight = weakref.ref(next(comparison.runs["A"].model.parameters()))
    gc.disable()
    try:
        del comparison
        assert weight() is None
    finally:
        gc.enable()


def test_the_processor_captures_nothing_and_a_variable_switches_it_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert suitable_capturer("cpu") is None
    monkeypatch.setenv(SWITCH, "off")
    assert suitable_capturer("cuda:0") is None


@contextmanager
def at_work(folder: Path, settings: Settings) -> Iterator[tuple[Worker, Callable[[], list[str]]]]:
    """A worker that trains as ``settings`` say, and the remarks it has made once it is done."""
    stdin, _ = os.pipe()
    said, notices = os.pipe()
    worker = Worker(stdin, LineWriter(notices), folder)
    worker._apply(Start(settings))
    worker._apply(SetRunning(running=True))

    def remarks() -> list[str]:
        os.close(notices)
        with os.fdopen(said, "rb") as lines:
            heard = map(NOTICES.decode, lines)
            return [one.text for one in heard if isinstance(one, Remark)]

    yield worker, remarks


def test_the_worker_says_once_why_it_goes_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    monkeypatch.setattr(comparison_module, "suitable_capturer", lambda _: NoGraphs())
    with at_work(tmp_path, Settings(device="cpu", steps=0, speed=0.0)) as (worker, remarks):
        while worker._step < 200:
            worker._advance()
    assert remarks() == [NOT_PERMITTED]


def test_at_a_set_speed_captured_steps_come_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    capturer = FakeCapturer()
    monkeypatch.setattr(comparison_module, "suitable_capturer", lambda _: capturer)
    settings = Settings(device="cpu", steps=0, speed=500.0, diagnostics="off")
    with at_work(tmp_path, settings) as (worker, _):
        steps = []
        for _ in range(30):
            worker._advance()
            steps.append(worker._step)
    assert steps == list(range(1, 31))
    assert capturer.replays > 30


@pytest.mark.cuda
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        *((name, Settings()) for name in ("article", "spirals", "moons", "regression", "chars")),
        ("spirals", Settings(momentum=0.9)),
        ("regression", Settings(clip=0.5, b=RunSettings(clear=EVERY, accumulate=3), batch_size=8)),
        ("spirals", Settings(optimizer="SGD", schedule="cosine", steps=400)),
        *(
            ("moons", Settings(optimizer=optimizer, schedule=schedule, steps=400))
            for optimizer in ("Adam", "AdamW", "RMSprop", "NAdam")
            for schedule in ("constant", "cosine")
        ),
    ],
    ids=str,
)
def test_graphs_of_a_gpu_do_the_same_as_its_steps(
    name: str, settings: Settings, request: pytest.FixtureRequest
) -> None:
    steps = (150, 250, 400)
    if TRIAL:  # what stands in for a GPU is slow
        request.getfixturevalue("soon")
        steps = (15, 25, 40)
    experiment = experiment_with_its_data(name)
    settings = fill_in(replace(settings, experiment=name, diagnostics="off"), experiment, GPU)
    with_graphs, without = (
        Comparison(experiment, settings, capturer()),
        OneByOne(experiment, settings, capturer()),
    )
    for comparison in (with_graphs, without):
        comparison.advance_to(steps[0])
        comparison.set_clearing("B", EVERY)
        comparison.advance_to(steps[1])
        comparison.set_lr("A", 0.002)
        comparison.set_clearing("B", Clearing(2))
        comparison.advance_to(steps[2])
    assert with_graphs.steps_together > steps[2] / 2 > without.steps_together == 0
    if with_graphs.remarks:  # that is all they may say
        assert all(NOT_REPRODUCIBLE in remark for remark in with_graphs.remarks)
        first, again = (one.drain().losses["A"][:100] for one in (with_graphs, without))
        assert first == pytest.approx(again, rel=1e-3)
    else:
        assert with_graphs.drain().losses == without.drain().losses
        assert identical(everything(with_graphs), everything(without))
