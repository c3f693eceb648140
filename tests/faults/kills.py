"""The kill matrix: every command, ended by every signal, early and late.

Whatever ends it: no process is left, no temporary folder but those that the next start removes, no
log is torn, and the terminal is as it was.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.left import is_restored
from tests.support.processes import mentioning
from tests.support.tables import tidy_table
from tests.support.terminal import ENTER_ALTERNATE, Terminal

SCRIPT = """
import time, torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
while True:
    optimizer.zero_grad()
    model(torch.randn(4, 2)).pow(2).mean().backward()
    optimizer.step()
    time.sleep(0.01)
"""
COMMANDS: dict[str, tuple[str, ...]] = {
    "app": ("--steps", "unlimited", "--out", "o.csv"),
    "train": ("train", "--steps", "unlimited", "--out", "o.csv"),
    "run": ("run", "--out", "o.csv", "train.py"),
    "run --headless": ("run", "--headless", "--out", "o.csv", "train.py"),
    "check": ("check", "--all", "train.py"),
    "map": ("map",),
    "view": ("view", "--follow", "t.csv"),
    "docs": ("docs", "view"),
}
HANG_UP = "closed terminal"
ENDINGS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL", "STOP CONT TERM", HANG_UP)
UNANSWERED = frozenset({"SIGQUIT", "SIGKILL"})
"""What no program puts in order: temporary folders go at the next start."""
MOMENTS = (0.3, 1.5, 6.0)
"""Seconds after the start: while it is imported, as it begins, and in its midst."""
GONE_SECONDS = 8.0


@dataclass(frozen=True)
class Case:
    """One cell."""

    command: str
    ending: str
    moment: float

    def __str__(self) -> str:
        return f"{self.command}, {self.ending} after {self.moment:g} s"


CASES = [Case(name, ending, at) for name in COMMANDS for ending in ENDINGS for at in MOMENTS]


def judge(case: Case, folder: Path) -> list[str]:
    """What is wrong after it, a few words each."""
    (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
    (folder / "tmp").mkdir()
    tidy_table(folder / "t.csv", 40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "tmp"))
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        with closing(Terminal(folder, *COMMANDS[case.command])) as terminal:
            _until(terminal, lambda: False, case.moment)
            if terminal.process.poll() is not None:
                return [f"it ended by itself with {terminal.process.returncode}"]
            _end(terminal, case.ending)
            return _faults(terminal, case, folder)


def _until(terminal: Terminal, condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        if terminal.master >= 0:
            terminal.read(0.02)
        else:
            time.sleep(0.02)
    return True


def _end(terminal: Terminal, ending: str) -> None:
    if ending == HANG_UP:
        terminal.hang_up()
    elif ending == "STOP CONT TERM":
        for number in (signal.SIGSTOP, signal.SIGCONT, signal.SIGTERM):
            terminal.send(number)
    else:
        terminal.send(signal.Signals[ending])


def _faults(terminal: Terminal, case: Case, folder: Path) -> list[str]:
    faults: list[str] = []
    if not _until(terminal, lambda: terminal.process.poll() is not None, GONE_SECONDS):
        return ["it does not end"]
    code = terminal.process.returncode
    code = code if code >= 0 else 128 - code
    number = {HANG_UP: signal.SIGHUP, "STOP CONT TERM": signal.SIGTERM}.get(case.ending)
    wanted = 128 + (number or signal.Signals[case.ending])
    if code != wanted:
        faults.append(f"exit code {code} instead of {wanted}")
    if not _until(terminal, lambda: not mentioning(str(folder)), GONE_SECONDS):
        faults.append("a process is left")
    if case.ending != HANG_UP and ENTER_ALTERNATE in terminal.output:
        restored = _until(terminal, lambda: is_restored(terminal), GONE_SECONDS)
        if not restored and case.ending != "SIGQUIT":
            faults.append("the terminal is not put back")
    if b"Traceback" in terminal.output:
        faults.append("a traceback")
    torn = [path for path in folder.rglob("*.f64") if path.stat().st_size % 8]
    if torn:
        faults.append("a torn log")
    left = [path.name for path in (folder / "tmp").glob("zgtui-*")]
    if left and case.ending not in UNANSWERED:
        faults.append(f"left: {', '.join(left)}")
    return faults
