"""Where a comparison trains, and what it takes from its experiment."""

from __future__ import annotations

from pydoc_data.topics import topics
from types import SimpleNamespace

import pytest
import torch

from tests.cuda.target import GPU, KIND
from tests.support.training import compare, minibatches, seen, train
from zgtui.config.settings import NEVER, RUNS, RunSettings, Settings
from zgtui.errors import UsageError
from zgtui.experiments import load
from zgtui.training.devices import (
    GPU_PAYS,
    available_devices,
    choice_words,
    resolve_device,
    step_work,
)
from zgtui.training.run import fill_in

SYMBOLS = len(set("".join(topics.values())) | {"\n"})
"""Characters in the text of chars: Python's versions differ by one or two."""


def test_defaults_come_from_the_experiment_and_what_was_asked_for_stays() -> None:
    experiment = minibatches()
    filled = fill_in(Settings(), experiment, "cpu")
    assert (filled.device, filled.steps, filled.speed) == ("cpu", 30, 0)
    assert filled.a.lr == filled.b.lr == 0.01
    asked = Settings(steps=0, speed=5, b=RunSettings(clear=NEVER, lr=0.5))
    filled = fill_in(asked, experiment, "cpu")
    assert (filled.steps, filled.speed) == (0, 5)
    assert (filled.a.lr, filled.b.lr) == (0.01, 0.5)
    assert filled.b.clear == NEVER


def test_a_negative_number_of_steps_is_refused() -> None:
    with pytest.raises(UsageError, match="0 \\(no end\\) or more, not -1"):
        fill_in(Settings(steps=-1), minibatches(), "cpu")


BOTH = {"cuda:0": "a GPU", "cuda:1": "another", "cpu": "the processor"}


def never_asked() -> int:
    raise AssertionError("there is nothing to choose")


@pytest.mark.parametrize("asked", ["cuda:0", "cuda:1", "cpu"])
def test_a_named_device_is_taken_however_small_a_step_is(asked: str) -> None:
    assert resolve_device(asked, BOTH, never_asked) == asked
    assert resolve_device("cuda", BOTH, never_asked) == "cuda:0"
    assert choice_words(asked, asked, BOTH) == ""


@pytest.mark.parametrize("best", ["cuda:0", "mps"])
def test_auto_takes_a_gpu_from_where_it_pays(best: str) -> None:
    devices = {best: "a GPU", "cpu": "the processor"}
    assert resolve_device("auto", devices, lambda: GPU_PAYS) == best
    assert resolve_device("auto", devices, lambda: GPU_PAYS - 1) == "cpu"
    assert resolve_device("auto", {"cpu": "the processor"}, never_asked) == "cpu"
    assert choice_words("auto", best, devices) == ""
    assert f"(--device {best} to use it anyway)" in choice_words("auto", "cpu", devices)
    assert choice_words("auto", "cpu", {"cpu": "the processor"}) == ""


@pytest.mark.parametrize(
    ("name", "size", "work"),
    [
        ("article", None, 3 * 1),
        ("spirals", None, 4547 * 32),
        ("digits", None, 4810 * 64),
        ("chars", None, (13792 + 65 * SYMBOLS) * 8 * 32),
    ],
)
def test_the_work_of_a_step_counts_parameters_and_predictions(
    name: str, size: str | None, work: int
) -> None:
    experiment = load(name, size)
    assert step_work(experiment, None) == work
    picked = resolve_device("auto", BOTH, lambda: step_work(experiment, None))
    assert picked == ("cuda:0" if name == "chars" else "cpu")


def test_a_batch_that_was_asked_for_counts() -> None:
    assert step_work(load("spirals"), 64) == 4547 * 64
    assert step_work(load("spirals"), 10**9) == 4547 * len(load("spirals").data().inputs)


@pytest.mark.parametrize("name", ["cuda", "cuda:9", "mps"])
def test_an_absent_device_is_refused_with_a_list_of_what_there_is(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_device(name, {"cuda:3": "a GPU", "cpu": "the processor"}, never_asked)
    assert f"device {name!r} is not on this machine; available: auto, cuda:3, cpu" in str(
        caught.value
    )


def test_cuda_comes_before_mps_and_the_processor_is_always_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Properties:
        total_memory = 80 * 2**30

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: Properties)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    devices = available_devices()
    assert list(devices) == ["cuda:0", "cuda:1", "mps", "cpu"]
    assert devices["cuda:1"] == "GPU 1, 80 GiB"


def test_a_gpu_that_is_lost_leaves_the_others_and_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def properties(index: int) -> SimpleNamespace:
        if index == 1:
            raise RuntimeError("CUDA error: unknown error")
        return SimpleNamespace(total_memory=80 * 2**30)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
    monkeypatch.setattr(torch.cuda, "get_device_properties", properties)
    with pytest.warns(UserWarning, match="CUDA fails: CUDA error: unknown error"):
        assert list(available_devices()) == ["cuda:0", "cpu"]


@pytest.mark.cuda
def test_a_comparison_trains_on_the_gpu_as_on_the_processor() -> None:
    on_gpu, on_cpu = compare(device=GPU), compare(device="cpu")
    parameters = [p for run in on_gpu.runs.values() for p in run.model.parameters()]
    assert {p.device.type for p in parameters} == {KIND}
    losses, reference = train(on_gpu, 20), train(on_cpu, 20)
    for run in RUNS:
        assert losses[run] == pytest.approx(reference[run], abs=1e-5)
    assert losses["A"][:2] == losses["B"][:2]


@pytest.mark.cuda
def test_both_runs_see_the_same_batches_on_the_gpu() -> None:
    on_gpu, on_cpu = compare(minibatches(), GPU), compare(minibatches(), "cpu")
    train(on_gpu, 6)
    train(on_cpu, 6)
    assert seen(on_gpu, "A") == seen(on_gpu, "B") == seen(on_cpu, "A")
