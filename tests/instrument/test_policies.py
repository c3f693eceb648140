"""The measure of truth, bit for bit, on real scripts: as-is, never and every."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from tests.support.script_runs import SCRIPTS, Warm, same_bits
from zgtui.instrument.policies import _clear

if TYPE_CHECKING:
    from pathlib import Path

FAILING = ["crashes.py", "exits.py", "leaves_abruptly.py", "old_checkpoints.py"]
"""Those of ``run`` that train until they end with an exit code of their own."""
TRAINING = sorted(
    [*(path.name for path in SCRIPTS.glob("*.py")), *(f"run/{name}" for name in FAILING)]
)
"""Every script that trains by itself; a new one is tested the day it arrives."""


@pytest.mark.parametrize("script", TRAINING)
def test_as_is_trains_as_the_bare_script_does_and_logs_what_it_prints(
    warm: Warm, tmp_path: Path, script: str
) -> None:
    bare = warm.run(tmp_path / "bare", script)
    seen = warm.run(tmp_path / "run", script, policy="as-is")
    assert len(seen.printed) >= 3
    assert same_bits(seen.printed, bare.printed), seen.text
    assert seen.code == bare.code
    assert same_bits(seen.logged, seen.printed), seen.text


@pytest.mark.parametrize("script", TRAINING)
def test_never_trains_as_the_script_with_its_clearing_lines_deleted(
    warm: Warm, tmp_path: Path, script: str
) -> None:
    deleted = warm.run(tmp_path / "deleted", script, variant="deleted")
    never = warm.run(tmp_path / "never", script, policy="never")
    assert same_bits(never.printed, deleted.printed), never.text + deleted.text


@pytest.mark.parametrize("script", TRAINING)
def test_every_trains_as_the_script_with_its_clearing_written_correctly(
    warm: Warm, tmp_path: Path, script: str
) -> None:
    correct = warm.run(tmp_path / "correct", script, variant="correct")
    every = warm.run(tmp_path / "every", script, policy="every")
    assert same_bits(every.printed, correct.printed), every.text + correct.text


@pytest.mark.parametrize("in_place", [True, False])
def test_a_gradient_is_cleared_as_zero_grad_does_it(*, in_place: bool) -> None:
    parameter = torch.ones(2, requires_grad=True)
    assert _clear(parameter, in_place=in_place) == 0, "there is none"
    held = 3 * parameter  # as after a backward that is to be differentiated again
    parameter.grad = held
    assert _clear(parameter, in_place=in_place) == 1
    assert (parameter.grad is held, held.requires_grad) == (in_place, not in_place)
    assert held.tolist() == ([0.0, 0.0] if in_place else [3.0, 3.0])
