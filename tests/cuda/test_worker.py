"""The training process on an NVIDIA GPU, and what the program says of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
import torch

from tests.cuda.failing import EACH_FAULT, FAULTS
from tests.cuda.target import GPU, TRIAL
from tests.support.command import run
from tests.support.tables import read_table
from tests.support.waiting import until
from tests.support.worker_process import Trainer, losses
from zgtui.config.settings import EVERY, NEVER, Settings
from zgtui.worker.protocol import (
    ComparisonStarted,
    Failed,
    SetClearing,
    SetLr,
    SetRunning,
    Start,
    StepBack,
    StepTo,
)

pytestmark = pytest.mark.cuda
ENDLESS = Settings(device=GPU, steps=0, speed=0.0)


@pytest_asyncio.fixture
async def hire(tmp_path: Path) -> AsyncIterator[Callable[[], Trainer]]:
    hired: list[Trainer] = []

    def start() -> Trainer:
        hired.append(Trainer(tmp_path / f"session-{len(hired) + 1}"))
        return hired[-1]

    yield start
    for trainer in hired:
        await trainer.client.stop()


Hire = Callable[[], Trainer]


async def test_changes_hold_from_the_step_that_is_told_and_steps_back_are_exact(
    hire: Hire,
) -> None:
    trainer = hire()
    started = await trainer.begin(ENDLESS, running=False)
    await trainer.ask(StepTo(10))
    await trainer.reach(10)
    assert (await trainer.ask(SetClearing("B", EVERY))).step == 11
    assert (await trainer.ask(SetLr("A", 0.02))).step == 11
    await trainer.ask(StepTo(20))
    await trainer.reach(20)
    first = losses(started, "B")
    assert len(first) == 20
    await trainer.ask(StepBack(10))
    again = trainer.heard(ComparisonStarted)[-1]
    assert again.log != started.log
    await trainer.ask(SetClearing("B", EVERY))
    await trainer.ask(SetLr("A", 0.02))
    await trainer.ask(StepTo(20))
    await trainer.until(lambda: len(losses(again, "B")) == 20, "20 steps again")
    assert losses(again, "B") == first


async def test_it_goes_from_the_processor_to_the_gpu_and_back(hire: Hire) -> None:
    trainer = hire()
    for device in ("cpu", GPU, "cpu", GPU):
        settings = Settings(device=device, steps=0, speed=0.0)
        started = await trainer.begin(settings)
        assert started.settings.device == device
        await trainer.reach(200)
        assert len(losses(started, "A")) >= 200


async def test_a_key_is_answered_soon_at_full_speed(hire: Hire) -> None:
    trainer = hire()
    await trainer.begin(ENDLESS)
    await trainer.reach(1000)
    waits = []
    for turn in range(20):
        begin = time.monotonic()
        await trainer.ask(SetClearing("B", (EVERY, NEVER)[turn % 2]))
        waits.append(time.monotonic() - begin)
        await asyncio.sleep(0.02)
    assert sorted(waits)[-2] < (2.0 if TRIAL else 0.1)  # a busy processor has other things to do


@pytest.mark.parametrize(("fault", "told"), EACH_FAULT)
async def test_a_fault_of_the_gpu_is_told_in_one_line_and_a_new_worker_trains(
    fault: str, told: str, hire: Hire, tmp_path: Path
) -> None:
    (tmp_path / "faults.py").write_text(FAULTS)
    settings = Settings(experiment=f"{tmp_path}/faults.py:{fault}", device=GPU, steps=0, speed=0.0)
    trainer = hire()
    trainer.client.send(Start(settings))
    await trainer.until(lambda: bool(trainer.heard(Failed)), "the fault")
    (failed,) = trainer.heard(Failed)
    assert told in failed.message
    assert "\n" not in failed.message
    code, _reason = await trainer.ended()
    assert code != 0
    other = hire()
    await other.begin(settings)
    await other.reach(300)


def settled_memory() -> int:
    """The free bytes of the GPU, once nothing that has ended gives any back any more."""
    seen = [0]

    def settled() -> bool:
        time.sleep(0.5)
        seen.append(torch.cuda.mem_get_info(0)[0])
        return seen[-1] == seen[-2]

    until(settled, "memory to settle")
    return seen[-1]


@pytest.mark.skipif(TRIAL, reason="asks CUDA itself")
async def test_the_end_of_a_worker_gives_its_memory_back(hire: Hire) -> None:
    torch.cuda.init()
    free = settled_memory()
    trainer = hire()
    await trainer.begin(ENDLESS)
    await trainer.reach(10)
    assert torch.cuda.mem_get_info(0)[0] < free
    await trainer.client.stop()
    until(lambda: torch.cuda.mem_get_info(0)[0] >= free - (32 << 20), "memory to be given back")


async def test_pausing_stops_the_gpu(hire: Hire) -> None:
    trainer = hire()
    started = await trainer.begin(ENDLESS)
    await trainer.reach(100)
    ack = await trainer.ask(SetRunning(running=False))
    await trainer.reach(ack.step - 1)
    done = len(losses(started, "A"))
    assert done == ack.step - 1
    await asyncio.sleep(0.3)
    assert len(losses(started, "A")) == done


def test_a_table_of_a_training_on_the_gpu_holds_every_step(tmp_path: Path) -> None:
    out = tmp_path / "losses.csv"
    code, _, said = run("train", "--device", GPU, "--steps", "50", "--out", str(out))
    assert code == 0, said
    assert json.loads((tmp_path / "losses.json").read_text())["device"] == GPU
    assert len(read_table(out).series["B"].losses) == 50


def test_an_absent_gpu_is_wrong_use() -> None:
    code, _, said = run("train", "--device", "cuda:99")
    assert code == 2
    assert f"device 'cuda:99' is not on this machine; available: auto, {GPU}" in said


@pytest.mark.skipif(TRIAL, reason="there is nothing to choose")
def test_auto_says_where_it_passes_over_the_gpu() -> None:
    code, _, said = run("train", "--steps", "5")
    assert code == 0
    assert "auto picks the CPU: steps are too small to be faster on cuda:0" in said
