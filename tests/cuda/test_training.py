"""Comparisons on an NVIDIA GPU."""

from __future__ import annotations

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from tests.support.training import compare, same, train
from zgtui.config.settings import EVERY, NEVER, RUNS, Clearing
from zgtui.experiments import EXPERIMENTS
from zgtui.training.rewind import Rewind

pytestmark = pytest.mark.cuda
GPU = "cuda:0"
WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize", "aten::item")
"""What makes the processor wait for the GPU."""


def weights(comparison: object, run: str) -> list[torch.Tensor]:
    model = comparison.runs[run].model  # type: ignore[attr-defined]  # a Comparison
    return [parameter.detach().clone() for parameter in model.parameters()]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_both_runs_have_equal_weights_and_batches_as_on_the_processor(name: str) -> None:
    if EXPERIMENTS[name].needs is not None:
        pytest.importorskip("sklearn")
    on_gpu, on_cpu = compare(name, GPU), compare(name, "cpu")
    assert on_gpu.fingerprints == on_cpu.fingerprints
    for run in RUNS:
        assert all(weight.is_cuda for weight in weights(on_gpu, run))
    assert same(weights(on_gpu, "A"), weights(on_gpu, "B")) == on_gpu.same_init
    losses, reference = train(on_gpu, 10), train(on_cpu, 10)
    for run in RUNS:
        # Sums are rounded in another order; ten steps of a run that oscillates amplify that.
        assert losses[run] == pytest.approx(reference[run], rel=1e-2, abs=1e-3)
        assert losses[run][:2] == pytest.approx(reference[run][:2], rel=1e-4, abs=1e-5)
    if on_gpu.same_init:
        assert losses["A"][:2] == losses["B"][:2]


@pytest.mark.parametrize("name", ["article", "spirals"])
def test_the_same_seed_gives_the_same_losses_again(name: str) -> None:
    assert train(compare(name, GPU), 50) == train(compare(name, GPU), 50)


@pytest.mark.parametrize("name", ["article", "spirals"])
def test_changes_and_steps_back_are_exact(name: str) -> None:
    def life() -> tuple[object, ...]:
        comparison = compare(name, GPU)
        rewind, told = Rewind(comparison), []
        comparison.advance_to(3)
        rewind.set_clearing("B", EVERY)
        rewind.set_lr("A", 0.05)
        comparison.advance_to(5)
        rewind.keep()
        told.append(comparison.drain().losses)
        kept = weights(comparison, "B")
        rewind.set_clearing("A", NEVER)
        rewind.set_clearing("B", Clearing(3))
        comparison.advance_to(9)
        told.append(comparison.drain().losses)
        rewind.back_to(5)
        assert same(weights(comparison, "B"), kept)
        comparison.advance_to(9)
        told.append(comparison.drain().losses)
        return tuple(told)

    first = life()
    assert first == life()
    assert first[1] != first[2], "the way back undid the second change"


@pytest.mark.parametrize("name", ["article", "spirals"])
def test_no_step_waits_for_the_gpu(name: str) -> None:
    comparison = compare(name, GPU)
    comparison.advance_to(50)
    comparison.drain()
    steps = 50
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
        comparison.advance_to(comparison.step + steps)
    counts = {event.key: event.count for event in profiled.key_averages()}
    waits = {name: counts[name] for name in WAITS if counts.get(name)}
    assert sum(waits.values()) <= 3, waits  # the profiler's own, one at each end, not one a step
    assert sum(map(len, comparison.drain().losses.values())) == len(RUNS) * steps


def test_the_second_gpu_is_used_where_it_is_asked_for() -> None:
    if torch.cuda.device_count() < 2:
        pytest.skip("there is one GPU")
    comparison = compare("article", "cuda:1")
    assert {weight.device.index for weight in weights(comparison, "A")} == {1}
    train(comparison, 5)
