"""The program on an NVIDIA GPU, in a terminal: what its keys do there, and what a fault shows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.cuda.target import GPU
from tests.cuda.test_worker import FAULTS
from tests.support.tables import read_table
from tests.support.terminal import LEAVE_ALTERNATE, Terminal

pytestmark = [pytest.mark.cuda, pytest.mark.terminal]


def export(terminal: Terminal, name: str) -> dict[str, list[float]]:
    """The losses of both runs that the key writes."""
    terminal.type("e")
    terminal.shows("export the loss table")
    terminal.type(f"\x15{name}\r")
    terminal.until(lambda _: (terminal.folder / name).is_file(), "the table")
    terminal.shows("Wrote 20 steps of both runs")
    series = read_table(terminal.folder / name).series
    return {run: list(one.losses) for run, one in series.items()}


def restart(terminal: Terminal) -> None:
    """Have both runs trained anew, in a log of their own."""
    before = logs(terminal)
    terminal.type("r")
    terminal.until(lambda _: logs(terminal) > before, "another log")


def logs(terminal: Terminal) -> int:
    """How many there are."""
    return len(list(terminal.state.rglob("events.jsonl")))


def test_restarting_trains_the_same_again_and_the_table_has_it(tmp_path: Path) -> None:
    words = ("--device", GPU, "--experiment", "moons", "--steps", "20", "--speed", "unlimited")
    with closing(Terminal(tmp_path, *words, columns=120, rows=36)) as terminal:
        terminal.shows("finished · step 20")
        first = export(terminal, "first.csv")
        restart(terminal)
        terminal.shows("finished · step 20")
        again = export(terminal, "again.csv")
        terminal.type("q")
        assert terminal.ended() == 0
    assert first == again
    assert len(first["A"]) == len(first["B"]) == 20
    assert first["A"] != first["B"]


@pytest.mark.parametrize(
    ("fault", "told"), [("hungry", "CUDA out of memory"), ("wrong", "CUDA error")]
)
def test_a_fault_leaves_the_screen_which_tells_it_and_r_trains_anew(
    fault: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "faults.py").write_text(FAULTS)
    words = ("--experiment", f"faults.py:{fault}", "--device", GPU, "--speed", "unlimited")
    with closing(Terminal(tmp_path, *words, columns=120, rows=36)) as terminal:
        terminal.shows(told)
        terminal.shows("press r to restart")
        assert LEAVE_ALTERNATE not in terminal.output
        restart(terminal)
        terminal.shows(told)
        terminal.type("q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.output
