"""What is said where two runs differ that must not: the script never trains the same way twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.launch.test_comparison_words import run
from tests.support.script_runs import ROOT
from zgtui.launch.reproducibility import WHY

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("forked")]
NEVER_THE_SAME = """
import random
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.ones(8, 3), torch.zeros(8, 1)
system = random.SystemRandom()
for step in range(16):
    optimizer.zero_grad()
    noise = system.random() if step == {step} else 0.0
    loss = nn.functional.mse_loss(model(x) + noise, y)
    loss.backward()
    optimizer.step()
"""


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def said_of(step: int, folder: Path, **policies: str) -> list[str]:
    script = folder / "never_the_same.py"
    script.write_text(NEVER_THE_SAME.format(step=step), encoding="utf-8")
    options = {"policies": {name.upper(): policy for name, policy in policies.items()}}
    return [line for line in run(script, folder / "log", **options) if WHY in line]


def test_two_runs_of_the_script_as_it_is_that_differ_are_told(tmp_path: Path) -> None:
    (told,) = said_of(4, tmp_path, a="as-is", b="as-is")
    assert told == f"A and B were trained alike and differ from step 5 on: {WHY}"


def test_a_difference_before_clearing_can_matter_is_told(tmp_path: Path) -> None:
    (told,) = said_of(1, tmp_path, a="every", b="never")
    assert told.startswith("A and B differ at step 2, which applies no stale gradient yet: ")


def test_a_difference_that_clearing_may_have_made_is_not(tmp_path: Path) -> None:
    assert said_of(4, tmp_path, a="every", b="never") == []
