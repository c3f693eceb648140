"""What a program leaves: the terminal, and what it has written so far."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.support.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE, Terminal
from zgtui.runlog.log import LossReader


def is_restored(terminal: Terminal) -> bool:
    """Whether the terminal is as it was: its modes, and the screen from before."""
    output = terminal.output
    return terminal.modes == terminal.modes_before and output.rfind(LEAVE_ALTERNATE) > output.rfind(
        ENTER_ALTERNATE
    )


def logged(terminal: Terminal) -> list[int]:
    """The steps of A and of B in the log; 0 while there is none."""
    logs = list(terminal.state.glob("sessions/*/1"))
    return [LossReader(log, run).available() for log in logs for run in "AB"] or [0, 0]


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
