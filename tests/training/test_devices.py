"""Where a comparison trains, and what it takes from its experiment."""

from __future__ import annotations

import pytest
import torch

from tests.support.training import compare, minibatches, seen, train
from zgtui.config.settings import NEVER, RUNS, RunSettings, Settings
from zgtui.errors import UsageError
from zgtui.training.devices import available_devices, resolve_device
from zgtui.training.run import fill_in


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


def test_auto_takes_the_best_device_and_cuda_means_the_first_gpu() -> None:
    both = {"cuda:0": "a GPU", "cuda:1": "another", "cpu": "the processor"}
    assert resolve_device("auto", both) == "cuda:0"
    assert resolve_device("cuda", both) == "cuda:0"
    assert resolve_device("cuda:1", both) == "cuda:1"
    assert resolve_device("cpu", both) == "cpu"
    assert resolve_device("auto", {"mps": "a GPU", "cpu": "the processor"}) == "mps"
    assert resolve_device("auto", {"cpu": "the processor"}) == "cpu"


@pytest.mark.parametrize("name", ["cuda", "cuda:9", "mps"])
def test_an_absent_device_is_refused_with_a_list_of_what_there_is(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_device(name, {"cuda:3": "a GPU", "cpu": "the processor"})
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


@pytest.mark.cuda
def test_a_comparison_trains_on_the_gpu_as_on_the_processor() -> None:
    on_gpu, on_cpu = compare(device="cuda:0"), compare(device="cpu")
    assert all(p.is_cuda for run in on_gpu.runs.values() for p in run.model.parameters())
    losses, reference = train(on_gpu, 20), train(on_cpu, 20)
    for run in RUNS:
        assert losses[run] == pytest.approx(reference[run], abs=1e-5)
    assert losses["A"][:2] == losses["B"][:2]


@pytest.mark.cuda
def test_both_runs_see_the_same_batches_on_the_gpu() -> None:
    on_gpu, on_cpu = compare(minibatches(), "cuda:0"), compare(minibatches(), "cpu")
    train(on_gpu, 6)
    train(on_cpu, 6)
    assert seen(on_gpu, "A") == seen(on_gpu, "B") == seen(on_cpu, "A")
