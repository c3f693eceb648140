"""Comparisons on an NVIDIA GPU."""

from __future__ import annotations

import math

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from tests.cuda.target import GPU, KIND, TRIAL, capturer
from tests.support.training import compare, same, train
from zgtui.config.settings import EVERY, NEVER, RUNS, Clearing, Settings
from zgtui.experiments import EXPERIMENTS, load
from zgtui.training.comparison import Comparison
from zgtui.training.joint.graphed_steps import GRAPHS_OFF
from zgtui.training.rewind import Rewind
from zgtui.training.run import fill_in

pytestmark = pytest.mark.cuda
WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "aten::item")
"""What makes the processor wait for all that the GPU has to do."""
ENDS = 8
"""Such waits of the profiler itself, at its ends, at most; one for each step would be 20."""


@pytest.fixture(autouse=True)
def _full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions of a GPU round to ten bits by default, which no processor does."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


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
        assert {weight.device.type for weight in weights(on_gpu, run)} == {KIND}
    assert same(weights(on_gpu, "A"), weights(on_gpu, "B")) == on_gpu.same_init
    losses, reference = train(on_gpu, 10), train(on_cpu, 10)
    for run in RUNS:
        # Sums are rounded in another order; ten steps of a run that oscillates amplify that.
        assert losses[run] == pytest.approx(reference[run], rel=1e-2, abs=1e-3)
        assert losses[run][:2] == pytest.approx(reference[run][:2], rel=1e-4, abs=1e-5)
    if on_gpu.same_init:
        assert losses["A"][0] == losses["B"][0]
        # The second follows from gradients, which some operations of a GPU sum in any order.
        assert losses["A"][1] == pytest.approx(losses["B"][1], rel=1e-4 if on_gpu.remarks else 0)


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


def waits(comparison: Comparison, steps: int) -> dict[str, int]:
    """How often something waits in ``steps`` steps, by its name."""
    activities = [ProfilerActivity.CPU, *([] if TRIAL else [ProfilerActivity.CUDA])]
    with profile(activities=activities) as profiled:
        comparison.advance_to(comparison.step + steps)
    counts = {event.key: event.count for event in profiled.key_averages()}
    seen = "aten::" if TRIAL else "Launch"  # cudaLaunchKernel, cudaGraphLaunch and their kin
    assert any(seen in name for name in counts), f"the profiler saw no work: {sorted(counts)}"
    return {name: counts[name] for name in WAITS if counts.get(name)}


@pytest.mark.parametrize("name", ["article", "spirals", "chars"])
def test_no_step_waits_for_the_gpu(name: str) -> None:
    """AdamW reads how many steps it has done, which it counts on the processor."""
    comparison = compare(name, GPU)
    comparison._joint = None  # it is of the processor, and waits for nothing else
    comparison.advance_to(20)
    comparison.drain()
    found = waits(comparison, 20)
    if name == "chars":
        found.pop("aten::item", None)
    assert sum(found.values()) <= ENDS, found
    assert sum(map(len, comparison.drain().losses.values())) == len(RUNS) * 20


@pytest.mark.parametrize("name", ["article", "spirals"])
def test_no_replay_waits_for_the_gpu(name: str, as_a_gpu: None) -> None:
    experiment = load(name)
    settings = fill_in(Settings(experiment=name, diagnostics="off", steps=0), experiment, GPU)
    comparison = Comparison(experiment, settings, capturer())
    steps = 32 if TRIAL else 320  # what stands in for a GPU is slow
    comparison.advance_to(200)  # all is captured that the steps below replay
    comparison.drain()
    assert not any(remark.startswith(GRAPHS_OFF) for remark in comparison.remarks)
    found = waits(comparison, steps)
    assert sum(found.values()) <= ENDS, found
    assert sum(map(len, comparison.drain().losses.values())) == len(RUNS) * steps


@pytest.mark.skipif(TRIAL, reason="too large for the processor")
def test_the_large_model_trains() -> None:
    experiment = load("chars", "large")
    settings = Settings(experiment="chars", size="large", diagnostics="off", steps=0)
    losses = train(Comparison(experiment, fill_in(settings, experiment, GPU)), 5)
    assert losses["A"][0] == losses["B"][0]
    assert all(map(math.isfinite, losses["A"]))
    peak = torch.cuda.max_memory_allocated() / 2**30
    print(f"chars --size large: {peak:.1f} GiB at the most")
    torch.cuda.empty_cache()


def test_the_second_gpu_is_used_where_it_is_asked_for() -> None:
    if TRIAL or torch.cuda.device_count() < 2:
        pytest.skip("there is one GPU")
    comparison = compare("article", "cuda:1")
    assert {weight.device.index for weight in weights(comparison, "A")} == {1}
    train(comparison, 5)
