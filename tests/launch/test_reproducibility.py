"""What is said where two runs differ that must not: the script never trains the same way twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.launch.headless import run
from tests.support.script_runs import ROOT
from zgtui.launch.command import ScriptOptions
from zgtui.launch.reproducibility import WHY
from zgtui.outputs.headless.headless_run import run_headless

pytestmark = [pytest.mark.timeout(600)]
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
    assert told == f"A and B were trained identically but differ from step 5 on: {WHY}"


def test_a_difference_before_clearing_can_matter_is_told(tmp_path: Path) -> None:
    (told,) = said_of(1, tmp_path, a="every", b="never")
    start = "A and B differ from step 2 on, before clearing can make a difference: "
    assert told == f"{start}{WHY}, so not all of the difference comes from clearing"


def test_the_json_has_the_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "never_the_same.py"
    script.write_text(NEVER_THE_SAME.format(step=1), encoding="utf-8")
    assert run_headless(ScriptOptions(script=str(script)), tmp_path / "log", json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["differ_at"] == 2
    assert told["not_reproducible"].startswith("A and B differ from step 2 on, ")


def test_a_difference_that_clearing_may_have_made_is_not(tmp_path: Path) -> None:
    assert said_of(4, tmp_path, a="every", b="never") == []


MODEL = """
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
x, y = torch.randn(8, 3), torch.randn(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
temperature = nn.Parameter(torch.ones(1))

def loss_of():
    return nn.functional.mse_loss(model(x), y)

def closure():
    optimizer.zero_grad()
    loss = loss_of()
    loss.backward()
    return loss
"""
DIFFER_BY_CLEARING = {
    "a closure is evaluated several times in a step": """
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.05)
for _ in range(8):
    optimizer.step(closure)
""",
    "a backward before the first step": """
loss_of().backward()
for _ in range(8):
    closure()
    optimizer.step()
""",
    "some gradients are dropped before the step": """
for _ in range(8):
    closure()
    for parameter in model[0].parameters():
        parameter.grad = None
    optimizer.step()
""",
    "two backwards a step, each cleared": """
for _ in range(8):
    closure()
    with torch.no_grad():
        saved = [parameter.clone() for parameter in model.parameters()]
        for parameter in model.parameters():
            parameter.add_(0.05 * parameter.grad)
    closure()
    with torch.no_grad():
        for parameter, own in zip(model.parameters(), saved):
            parameter.copy_(own)
    optimizer.step()
""",
    "a model trained by hand beside an optimizer": """
optimizer = torch.optim.SGD([temperature], lr=0.05)
for _ in range(8):
    model.zero_grad()
    (loss_of() + 0 * temperature).backward()
    optimizer.step()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.sub_(0.05 * parameter.grad)
""",
}


@pytest.mark.parametrize("body", DIFFER_BY_CLEARING.values(), ids=DIFFER_BY_CLEARING)
def test_a_difference_that_clearing_makes_early_is_not(body: str, tmp_path: Path) -> None:
    script = tmp_path / "early.py"
    script.write_text(MODEL + body, encoding="utf-8")
    said = run(script, tmp_path / "log", policies={"A": "as-is", "B": "never"})
    assert not [line for line in said if WHY in line or line.startswith("A and B are bit-equal")]
