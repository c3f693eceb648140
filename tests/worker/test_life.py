"""How a training process ends, and what it never does to whoever started it."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import alive
from tests.support.waiting import until
from tests.support.worker_process import ENDLESS, Trainer, events, losses
from zgtui.config.settings import RUNS, Settings
from zgtui.ipc import LineWriter
from zgtui.runlog.log import LossReader
from zgtui.runlog.sessions import WORKER_LOG
from zgtui.worker.loop import Worker
from zgtui.worker.protocol import (
    NOTICES,
    Ack,
    ComparisonStarted,
    Failed,
    Progress,
    SetLr,
    Start,
)

PARENT = """
import asyncio, sys
from pathlib import Path
from zgtui.config.settings import Settings
from zgtui.worker.client import WorkerClient
from zgtui.worker.protocol import Start

class WorkerListener:
    def worker_notice(self, notice):
        print(notice.op if getattr(notice, "step", 1) else "", flush=True)
    def worker_ended(self, exit_code, reason):
        print(reason, flush=True)

async def main():
    client = WorkerClient(Path(sys.argv[1]))
    client.start(WorkerListener())
    print(client._process.pid, flush=True)
    client.send(Start(Settings(steps=0, speed=0)))
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("last_word", ["", "progress"], ids=["importing torch", "training"])
def test_killing_the_parent_leaves_no_orphan(last_word: str, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "session")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    with parent.stdout as lines:
        worker = int(next(lines))
        while last_word and next(lines).strip() != last_word:
            pass
        assert alive(worker)
        parent.kill()
        parent.wait()
        until(lambda: not alive(worker), "the end of the worker")
    if last_word:
        assert LossReader(tmp_path / "session" / "1", "A").available() > 0


async def test_a_worker_that_is_killed_is_told_in_a_sentence_and_its_losses_stay(
    tmp_path: Path,
) -> None:
    worker = Trainer(tmp_path / "session")
    started = await worker.begin()
    told = (await worker.reach(300)).step
    os.kill(worker.pid, signal.SIGKILL)
    assert await worker.ended() == (
        -signal.SIGKILL,
        "the training process was killed by SIGKILL, usually because memory ran out",
    )
    assert min(len(losses(started, run)) for run in RUNS) >= told
    worker.client.send(SetLr("A", 0.5))
    await worker.client.stop()


async def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    worker = Trainer(tmp_path / "session")
    started = await worker.begin()
    await worker.reach(100)
    os.kill(worker.pid, signal.SIGTERM)
    exit_code, reason = await worker.ended()
    assert exit_code == 128 + signal.SIGTERM
    assert reason.startswith("the training process ended with exit code 143; see ")
    end = events(started)[-1]
    assert end["event"] == "end"
    assert [len(losses(started, run)) for run in RUNS] == [end["step"]] * 2


async def test_garbage_among_the_commands_ends_it_with_a_reason(tmp_path: Path) -> None:
    worker = Trainer(tmp_path / "session")
    started = await worker.begin()
    assert worker.client._process is not None
    assert worker.client._process.stdin is not None
    os.write(worker.client._process.stdin.fileno(), b"make it so\n")
    exit_code, _ = await worker.ended()
    assert exit_code == 1
    assert worker.heard(Failed) == [
        Failed("ValueError: not a command: b'make it so' (it is not JSON)")
    ]
    assert events(started)[-1]["event"] == "end"
    assert "Traceback" in (tmp_path / "session" / WORKER_LOG).read_text()


async def test_a_log_that_cannot_be_written_is_told_and_what_was_written_stays(
    tmp_path: Path,
) -> None:
    worker = Trainer(tmp_path / "session")
    started = await worker.begin(running=False)
    # As on a full disk, the system refuses to make any file larger than this.
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (20_000, 20_000))
    number = worker.client.send(Start(ENDLESS))
    assert (await worker.answer(number)).error is None
    exit_code, _ = await worker.ended()
    assert exit_code == 1
    (failed,) = worker.heard(Failed)
    folder = re.escape(started.log.removesuffix("1"))
    assert re.fullmatch(rf"cannot write {folder}2/\S+: File too large", failed.message)
    second = worker.heard(ComparisonStarted)[-1]
    assert min(len(losses(second, run)) for run in RUNS) > 100


async def test_files_in_the_working_folder_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("random", "torch", "json", "select"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported the wrong file')\n")
    monkeypatch.chdir(tmp_path)
    worker = Trainer(tmp_path / "session")
    await worker.begin()
    await worker.reach(10)
    await worker.client.stop()


async def test_a_reader_that_stands_still_slows_nothing_and_misses_no_answer(
    tmp_path: Path,
) -> None:
    worker = Trainer(tmp_path / "session")
    started = await worker.begin()
    log = LossReader(Path(started.log), "A")
    loop, process = asyncio.get_running_loop(), worker.client._process
    assert process is not None
    assert process.stdout is not None
    stdout = process.stdout.fileno()
    loop.remove_reader(stdout)
    numbers = [worker.client.send(SetLr("A", 0.1)) for _ in range(5_000)]
    changes = Path(started.log) / "events.jsonl"
    writer = worker.client._writer
    assert writer is not None
    while writer.waiting:
        worker.client._writable()
    until(lambda: changes.read_bytes().count(b"set_lr") == len(numbers), "all commands in the log")
    before = log.available()
    until(lambda: log.available() > before + 1_000, "more losses")
    loop.add_reader(stdout, worker.client._readable)
    await worker.answer(numbers[-1])
    answered = [ack.ack for ack in worker.heard(Ack) if ack.ack in set(numbers)]
    assert answered == numbers
    await worker.client.stop()


def test_what_waits_are_answers_and_progress_is_sent_fresh_only(tmp_path: Path) -> None:
    reader, descriptor = os.pipe()
    writer, sent = LineWriter(descriptor), 0
    worker = Worker(reader, writer, tmp_path)
    while not writer.waiting:
        sent += 1
        worker.send(Ack(sent, sent))
    for step in range(1_000):
        worker.send(Progress(step, running=True, finished=False))
    worker.send(Ack(sent + 1, 1))
    received = b""
    while bool(writer.waiting):  # it changes in ``flush``, which the type checker cannot see
        received += os.read(reader, 1 << 20)
        writer.flush()
    worker.send(Progress(7, running=True, finished=False))
    os.close(descriptor)
    while data := os.read(reader, 1 << 20):
        received += data
    os.close(reader)
    notices = [NOTICES.decode(line) for line in received.splitlines()]
    assert [n.ack for n in notices if isinstance(n, Ack)] == list(range(1, sent + 2))
    assert [n.step for n in notices if isinstance(n, Progress)] == [7]


FAULTY = """
import atexit
import os
import torch
from torch import nn
from zgtui import Data, Experiment

# As what is on a GPU after a fault: whoever takes it apart is aborted.
atexit.register(os.abort)

class Faulty(nn.Linear):
    steps = 0
    def forward(self, inputs):
        Faulty.steps += 1
        if Faulty.steps > 20:
            raise RuntimeError("CUDA error: device-side assert triggered\\nFor debugging, pass\\n")
        return super().forward(inputs)

def experiment():
    return Experiment(
        model=lambda: Faulty(2, 1),
        data=lambda: Data(torch.ones(4, 2), torch.ones(4, 1)),
        criterion=nn.MSELoss(), lr=0.01, steps=1000,
    )
"""


async def test_a_fault_of_many_lines_is_told_in_its_first_and_kept_in_the_log(
    tmp_path: Path,
) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY)
    worker = Trainer(tmp_path / "session")
    settings = Settings(experiment=f"{tmp_path}/faulty.py:experiment", device="cpu", speed=0.0)
    worker.client.send(Start(settings))
    code, _ = await worker.ended()
    assert code == 1
    (failed,) = worker.heard(Failed)
    assert failed.message == "RuntimeError: CUDA error: device-side assert triggered"
    assert "For debugging, pass" in (tmp_path / "session" / WORKER_LOG).read_text()
