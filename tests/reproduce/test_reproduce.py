"""The script that reproduces a comparison: run by itself, its losses are the same bit for bit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from inspect import signature
from pathlib import Path

import pytest
import torch

from zgtui.config.settings import NEVER, RUNS, Clearing, RunName, RunSettings, Settings
from zgtui.errors import UsageError
from zgtui.experiments import EXPERIMENTS
from zgtui.reproduce import reproduce
from zgtui.reproduce.script import CAPTURABLE, DECAY_BY_DEFAULT
from zgtui.runlog.events import ClearingChanged, LrChanged, RunChange
from zgtui.training.comparison import Comparison, prepare
from zgtui.training.devices import threads_for
from zgtui.training.optimizers import UNFIT


def lr(step: int, run: RunName, value: float) -> RunChange:
    return LrChanged(run, value, step)


def clearing(step: int, run: RunName, clear: str, accumulate: int = 1) -> RunChange:
    return ClearingChanged(run, Clearing.parse(clear), accumulate, step=step)


def trained(
    comparison: Comparison, changes: list[RunChange], steps: int
) -> tuple[list[float], list[float]]:
    """The losses of both runs, changed on the way as a worker does it."""
    with threads_for(comparison.runs["A"].model, comparison.batches.size):
        for step in range(1, steps + 1):
            for change in changes:
                if change.step != step:
                    continue
                run: RunName = "A" if change.run == "A" else "B"
                if isinstance(change, LrChanged):
                    comparison.set_lr(run, change.lr)
                elif change.clear is not None:
                    comparison.set_clearing(run, change.clear, change.accumulate)
            comparison.advance()
    drained = comparison.drain()
    return drained.losses["A"], drained.losses["B"]


def printed(script: str, folder: Path) -> tuple[list[float], list[float]]:
    """The losses that ``script`` prints, in a process that does not see this project."""
    path = folder / "reproduce.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    assert header == "step,loss_a,loss_b"
    cells = [row.split(",") for row in rows]
    assert [int(row[0]) for row in cells] == list(range(1, len(rows) + 1))
    return [float(row[1]) for row in cells], [float(row[2]) for row in cells]


PLAIN = Settings(diagnostics="off", device="cpu")
LENGTHS = {"spirals": 60, "digits": 40, "digits-cnn": 8, "chars": 4}
"""Steps of the experiments that need more or fewer than others."""
VARIANTS: dict[str, tuple[Settings, list[RunChange], int]] = {
    **{
        name: (replace(PLAIN, experiment=name), [], LENGTHS.get(name, 20)) for name in EXPERIMENTS
    },
    "another seed": (replace(PLAIN, experiment="regression", seed=7), [], 40),
    "changes": (
        PLAIN,
        [lr(1, "A", 0.2), clearing(5, "B", "every"), lr(5, "B", 0.05), clearing(9, "B", "3")],
        20,
    ),
    "momentum": (replace(PLAIN, experiment="spirals", momentum=0.9, weight_decay=0.01), [], 30),
    "nesterov": (replace(PLAIN, experiment="spirals", momentum=0.9, nesterov=True), [], 30),
    "Adam": (
        replace(PLAIN, experiment="spirals", optimizer="adam").with_run("A", lr=0.003), [], 30,
    ),
    "AdamW without decay": (
        replace(PLAIN, experiment="spirals", optimizer="AdamW", weight_decay=0.0), [], 20,
    ),
    "clip": (replace(PLAIN, experiment="spirals", clip=1.0), [], 30),
    "cosine": (
        replace(PLAIN, experiment="spirals", schedule="cosine", steps=40), [lr(9, "B", 0.3)], 40,
    ),
    "steps": (replace(PLAIN, experiment="regression", schedule="step", steps=30), [], 36),
    "accumulate": (
        replace(PLAIN, experiment="digits", b=RunSettings(clear=NEVER, accumulate=4)), [], 12,
    ),
    "accumulate later": (
        replace(PLAIN, experiment="spirals", batch_size=16), [clearing(6, "B", "every", 4)], 20,
    ),
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_script_gives_the_same_losses_bit_for_bit(variant: str, tmp_path: Path) -> None:
    settings, changes, steps = VARIANTS[variant]
    needs = EXPERIMENTS[settings.experiment].needs
    if needs is not None and find_spec(needs[0]) is None:
        pytest.skip(f"{settings.experiment} needs {needs[0]}")
    comparison, filled = prepare(settings, {"cpu": ""})
    own = trained(comparison, changes, steps)
    assert len(own[0]) == steps
    assert printed(reproduce(filled, changes, steps), tmp_path) == own


def test_every_experiment_has_a_script() -> None:
    for name in EXPERIMENTS:
        settings = replace(PLAIN, experiment=name, optimizer="SGD", steps=3)
        for run in RUNS:
            settings = settings.with_run(run, lr=0.1)
        script = reproduce(settings, [], 3)
        compile(script, name, "exec")
        assert "zgtui" not in script


def test_an_experiment_of_ones_own_has_none() -> None:
    with pytest.raises(UsageError, match="zgtui's own experiments"):
        reproduce(replace(PLAIN, experiment="mine.py:build"), [], 3)


def test_optimizers_that_decay_weights_by_default_are_known() -> None:
    """The script says a weight decay of 0 only to these: others may have no such argument."""
    kinds = {
        kind
        for kind in vars(torch.optim).values()
        if isinstance(kind, type)
        and issubclass(kind, torch.optim.Optimizer)
        and kind.__name__ not in UNFIT
    }
    decays = {kind: signature(kind).parameters.get("weight_decay") for kind in kinds}
    found = {kind.__name__ for kind, decay in decays.items() if decay and decay.default}
    assert found == DECAY_BY_DEFAULT & {kind.__name__ for kind in kinds}


def test_on_a_gpu_the_script_has_the_optimizers_that_graphs_need() -> None:
    settings = replace(PLAIN, optimizer="Adam", device="cuda:0")
    assert "torch.optim.Adam(parameters, lr=lr, capturable=True)" in reproduce(settings, [], 3)
    assert "capturable" not in reproduce(replace(settings, device="cpu"), [], 3)
    scheduled = replace(settings, optimizer="SGD", schedule="cosine", momentum=None)
    assert "torch.optim.SGD(parameters, lr=lr, fused=True)" in reproduce(scheduled, [], 3)


def test_optimizers_that_graphs_can_hold_are_known() -> None:
    found = {
        name
        for name, kind in vars(torch.optim).items()
        if isinstance(kind, type) and "capturable" in signature(kind).parameters
    }
    assert found == CAPTURABLE
