"""What a model does while it trains: printing, and being interrupted in the middle of a step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from zgtui.config.settings import Settings
from zgtui.runlog.events import Ended
from zgtui.runlog.log import LossReader, read_events
from zgtui.runlog.sessions import WORKER_LOG
from zgtui.worker.protocol import COMMANDS, Start

WORKER = """
import sys
from zgtui.experiments import EXPERIMENTS, Listing
sys.path.insert(0, sys.argv[1])
EXPERIMENTS["made-up"] = Listing("for a test", "A made-up model.", "made_up:experiment")
from zgtui.worker.__main__ import main
sys.exit(main())
"""
EXPERIMENT = """
import os, signal
import torch
from torch import nn
from zgtui.experiments.experiment import Data, Experiment

class Model(nn.Linear):
    calls = 0

    def forward(self, inputs):
        Model.calls += 1
        {forward}
        return super().forward(inputs)

def experiment():
    return Experiment(
        model=lambda: Model(2, 1),
        data=lambda: Data(torch.ones(1, 2), torch.ones(1, 1)),
        criterion=nn.MSELoss(),
        lr=0.1,
        steps=1000,
    )
"""


def train_until_sigterm(folder: Path, forward: str) -> bytes:
    """Train a model whose forward begins with ``forward``, by a worker in ``folder``.

    It must end by a SIGTERM that it sends itself; returns what it said on stdout.
    """
    (folder / "made_up.py").write_text(EXPERIMENT.format(forward=forward))
    start = COMMANDS.encode(
        Start(Settings(experiment="made-up", device="cpu", diagnostics="off")), 1
    )
    with (folder / WORKER_LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin, process.stdout:
            process.stdin.write(start)
            process.stdin.flush()
            said = process.stdout.read()
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
    return said


def test_what_a_model_prints_goes_to_the_workers_log_not_among_the_notices(
    tmp_path: Path,
) -> None:
    said = train_until_sigterm(
        tmp_path,
        "print('printed by a model', flush=True); os.write(1, b'written by native code\\n');"
        " Model.calls == 6 and os.kill(os.getpid(), signal.SIGTERM)",
    )
    assert b'"op":"started"' in said
    assert b"printed" not in said
    assert b"written" not in said
    printed = (tmp_path / WORKER_LOG).read_text().splitlines()
    assert printed.count("printed by a model") == printed.count("written by native code") == 6


def test_sigterm_in_the_middle_of_a_step_lets_both_runs_end_it(tmp_path: Path) -> None:
    train_until_sigterm(tmp_path, "Model.calls == 9 and os.kill(os.getpid(), signal.SIGTERM)")
    last = list(read_events(tmp_path / "1"))[-1]
    assert last == Ended(5, "worker ended", together=0)
    assert [LossReader(tmp_path / "1", run).available() for run in "AB"] == [5, 5]
