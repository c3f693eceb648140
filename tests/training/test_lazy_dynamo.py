"""The compiler is imported when something compiles, and changes nothing about what is trained."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.started  # elsewhere what is imported has been imported before
PUT_OFF = "import torch; from zgtui.training.lazy_dynamo import put_off; put_off()\n"
TRAIN = """
import sys, torch
from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.training.comparison import prepare
torch.set_num_threads(1)
for experiment in ("article", "regression", "moons", "chars"):
    for optimizer in ("SGD", "Adam", "AdamW", "RMSprop"):
        runs = {"a": RunSettings(clear=EVERY), "b": RunSettings(clear=NEVER)}
        settings = Settings(experiment=experiment, optimizer=optimizer, device="cpu", **runs)
        comparison, _ = prepare(settings, {"cpu": ""})
        for step in range(1, 4):
            comparison.advance(sample=comparison.diagnostics.due(step))
        print(experiment, optimizer, comparison.drain().losses)
print("torch._dynamo.utils" in sys.modules, file=sys.stderr)
"""
COMPILE = """
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
def train(x):
    optimizer.zero_grad()
    loss = model(x).square().sum()
    loss.backward()
    optimizer.step()
    return float(loss.detach())
before = train(torch.ones(1, 2))
doubled = torch.compile(lambda x: x * 2, backend="eager")
assert doubled(torch.ones(2)).tolist() == [2, 2]
assert torch.compile(model, backend="eager")(torch.ones(1, 2)).shape == (1, 1)
assert train(torch.ones(1, 2)) < before
from torch._dynamo.utils import counters
assert counters["frames"]["ok"] > 0
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )


def test_training_needs_no_compiler_and_is_the_same_bit_for_bit() -> None:
    plain, put_off = python(TRAIN), python(PUT_OFF + TRAIN)
    assert put_off.stdout == plain.stdout
    assert plain.stdout.count("\n") == 16
    assert (plain.stderr.strip(), put_off.stderr.strip()) == ("True", "False")


LATE = """
import sys
torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).step()
assert "torch._dynamo.utils" not in sys.modules
"""
SET = """
from torch import _dynamo
_dynamo.config.suppress_errors = True
_dynamo.noticed = 1
import torch._dynamo.config
assert torch._dynamo.config.suppress_errors
assert torch._dynamo.noticed == 1
assert type(torch._dynamo).__name__ == "module"
"""


def test_what_is_compiled_is_compiled() -> None:
    python(PUT_OFF + COMPILE)


def test_what_a_script_sets_is_set_on_the_compiler_itself() -> None:
    python(PUT_OFF + SET)


def test_a_part_of_pytorch_that_the_compiler_imports_in_turn_can_come_first() -> None:
    python(PUT_OFF + "from torch.distributed.tensor import DeviceMesh, DTensor\n")
    small = "import torch.utils.data, torch.nn.utils.prune, torch.optim.swa_utils\n"
    python(PUT_OFF + small + LATE)
