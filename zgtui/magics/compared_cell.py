"""A cell that is trained twice: in forks of the notebook, which itself stays as it is."""

from __future__ import annotations

import html
import os
import signal
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from zgtui.config.settings import RUNS, Clearing, Policy, RunName, RunSettings, Settings
from zgtui.config.sources import state_path
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker
from zgtui.errors import UsageError
from zgtui.explain.outcome import Difference, Outcome, RunOutcome, run_outcome
from zgtui.explain.verdict import verdict
from zgtui.instrument.protocol import OUTPUT, RunSpec
from zgtui.magics.forked_cell import fork_run
from zgtui.magics.rich import chart_text, picture, pre
from zgtui.runlog.events import Ended, Started
from zgtui.runlog.log import LogWriter, LossReader, make_private
from zgtui.runlog.sessions import new_session, prune
from zgtui.terminal import printable_lines

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

POLICIES: dict[RunName, Policy] = {"A": "every", "B": "never"}
MAX_TAIL = 2000
"""Characters of a failed run's output that are shown."""


@dataclass(frozen=True, repr=False)
class ComparedCell:
    """Both runs of a cell: their ``losses``, step 1 first, also in the folder ``log``."""

    verdict: str
    losses: dict[RunName, list[float]]
    log: Path
    failures: dict[RunName, str]

    def __repr__(self) -> str:
        """The verdict and a chart."""
        return "\n".join([self.verdict, *self._failed(), "", chart_text(self.log)])

    def _repr_html_(self) -> str:
        failed = "".join(pre(text) for text in self._failed())
        return f"<div><p><b>{html.escape(self.verdict)}</b></p>{failed}{picture(self.log)}</div>"

    def _failed(self) -> list[str]:
        return [f"run {name} failed:\n{text}" for name, text in self.failures.items()]


def compared(shell: InteractiveShell, cell: str, steps: int | None) -> ComparedCell:
    """Train ``cell`` twice from where the notebook stands, for ``steps`` steps or to its end.

    A clears its gradients before each step, B never does.

    Raises:
        UsageError: if the notebook has used a GPU, which no fork can, or the cell does not train.
    """
    if torch.cuda.is_initialized():
        raise UsageError(
            "this notebook has used CUDA, so the cell cannot be run in two forks of it;"
            " write it to a file and compare that: zgtui run train.py"
        )
    session = new_session(state_path())
    prune(session.parent)
    log = session / "1"
    writer = LogWriter(log, RUNS)
    writer.write(Started({"source": "cell", "settings": _settings()}))
    failures = _train(shell, cell, log, steps)
    readers = {name: LossReader(log, name) for name in RUNS}
    losses = {name: one.read(one.available()).tolist() for name, one in readers.items()}
    writer.write(Ended(max(map(len, losses.values()))))
    writer.close()
    if not all(losses.values()):
        raise UsageError(_nothing(failures))
    return ComparedCell(_verdict(losses), losses, log, failures)


def _settings() -> dict[str, object]:
    runs = {name.lower(): {"clear": policy, "lr": None} for name, policy in POLICIES.items()}
    return {"experiment": "a cell", **runs}


def _train(shell: InteractiveShell, cell: str, log: Path, steps: int | None) -> dict[RunName, str]:
    """Run both forks to their ends; what those that failed printed last."""
    processes: dict[RunName, int] = {}
    codes: dict[RunName, int] = {}
    notebook = os.pipe()
    try:
        for name in RUNS:
            make_private(log / name)
            spec = RunSpec(
                name=name,
                policy=POLICIES[name],
                log=str(log),
                folder=str(log / name),
                limit=steps,
            )
            processes[name] = fork_run(shell, cell, spec, notebook)
        for name, process in processes.items():
            codes[name] = os.waitpid(process, 0)[1]
    finally:
        for name in processes.keys() - codes.keys():  # the user has interrupted
            os.kill(processes[name], signal.SIGKILL)
            os.waitpid(processes[name], 0)
        for end in notebook:
            os.close(end)
    return {name: _tail(log / name / OUTPUT) for name, code in codes.items() if code}


def _tail(output: Path) -> str:
    said = output.read_text(encoding="utf-8", errors="replace")
    return printable_lines(said[-MAX_TAIL:].strip())


def _nothing(failures: dict[RunName, str]) -> str:
    told = next((text.splitlines()[-1] for text in failures.values() if text), "")
    return (
        f"the cell failed: {told}"
        if told
        else (
            "the cell took no step with a loss: it must call backward() and an optimizer's step()"
        )
    )


def _verdict(losses: dict[RunName, list[float]]) -> str:
    difference = Difference()
    for name, values in losses.items():
        difference.extend(name, array("d", values))
    a, b = (_outcome(name, losses[name]) for name in RUNS)
    return verdict(
        Outcome(
            a=a,
            b=b,
            step=min(map(len, losses.values())),
            settings=Settings(),
            finished=True,
            differ_at=difference.at,
            same_init=losses["A"][0] == losses["B"][0],
        )
    )


def _outcome(name: RunName, losses: list[float]) -> RunOutcome:
    values = array("d", losses)
    history, tracker = LossHistory(), TrendTracker()
    history.extend(values)
    tracker.extend(values)
    trend = tracker.trend(full_batch=False)
    settings = RunSettings(clear=Clearing.parse(POLICIES[name]), lr=1.0)
    return run_outcome(name, settings, history, trend)
