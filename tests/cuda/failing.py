"""Experiments that fail on a device, each once."""

from __future__ import annotations

from tests.cuda.target import KIND, TRIAL

REAL = """
def eat(device):
    return [torch.empty(1 << 34, device=device) for _ in range(64)]

def ask_for_the_eighth_of_three(device):
    torch.ones(3, device=device)[torch.tensor([7], device=device)] + 1
"""
STAND_INS = """
def eat(device):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 16.00 GiB.\\nSee …")

def ask_for_the_eighth_of_three(device):
    raise RuntimeError("CUDA error: device-side assert triggered\\nCUDA kernel errors might …")
"""
FAULTS = f"""
from pathlib import Path
import torch
from torch import nn
from zgtui import Data, Experiment
{STAND_INS if TRIAL else REAL}
STEP, BATCH = 200, 4

# It fails after so many steps, and in the life of this file only once.
class Faulty(nn.Linear):
    calls = 0
    fault = None
    def forward(self, inputs):
        Faulty.calls += 1
        if Faulty.calls > STEP and inputs.device.type == "{KIND}" and first():
            Faulty.fault(inputs.device)
        return super().forward(inputs)

def first():
    try:
        Path(__file__).with_name("failed").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

def made_of(fault):
    Faulty.fault = staticmethod(fault)
    return Experiment(
        model=lambda: Faulty(2, 1),
        data=lambda: Data(torch.ones(4, 2), torch.ones(4, 1)),
        criterion=nn.MSELoss(), lr=0.01, steps=1000,
    )

def hungry(): return made_of(eat)
def wrong(): return made_of(ask_for_the_eighth_of_three)

# PyTorch's own modules, whose steps are captured; a class of step STEP is none of theirs.
def in_a_replay():
    samples = 4000
    def data():
        inputs, classes = torch.randn(samples, 2), torch.zeros(samples, dtype=torch.int64)
        order = torch.randperm(samples, generator=torch.Generator().manual_seed(42))
        if first():
            classes[order[BATCH * STEP - 1]] = 7
        return Data(inputs, classes)
    return Experiment(
        model=lambda: nn.Linear(2, 3), data=data, criterion=nn.CrossEntropyLoss(),
        lr=0.01, steps=1000, batch_size=BATCH,
    )
"""
EACH_FAULT = [
    ("hungry", "CUDA out of memory"),
    ("wrong", "CUDA error"),
    ("in_a_replay", "out of bounds" if TRIAL else "CUDA error"),
]
"""Experiments that fail, each once, and what is told of it."""
