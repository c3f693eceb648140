"""The program on an NVIDIA GPU, in a terminal: what its keys do there, and what a fault shows."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from tests.cuda.failing import EACH_FAULT, FAULTS
from tests.cuda.target import GPU, TRIAL
from tests.support.command import run
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


def step_of(lines: list[str]) -> int:
    """The step that the line at the top tells."""
    found = re.search(r"step ([\d,]+)", lines[0])
    return int(found[1].replace(",", "")) if found else 0


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


def test_a_training_on_the_gpu_is_replayed(tmp_path: Path) -> None:
    out = tmp_path / "losses.csv"
    words = ("--device", GPU, "--experiment", "moons", "--steps", "20")
    code, _, said = run("train", *words, "--out", str(out))
    assert code == 0, said
    with closing(Terminal(tmp_path, "view", str(out), columns=120, rows=36)) as terminal:
        terminal.shows("step 20")
        terminal.type(" ")
        terminal.shows("playing · step")
        terminal.type("q")
        assert terminal.ended() == 0


def trained_on(terminal: Terminal) -> list[str]:
    """The device of each comparison, in their order."""
    files = sorted(terminal.state.rglob("events.jsonl"), key=lambda file: int(file.parent.name))
    starts = [json.loads(file.read_text(encoding="utf-8").partition("\n")[0]) for file in files]
    return [start["device"] for start in starts]


def choose(terminal: Terminal, device: str) -> None:
    """Have it trained on ``device``, which is asked for by its key."""
    before = logs(terminal)
    terminal.type("d")
    terminal.shows("Enter: select")
    # The processor is the last of them, and from the last it goes on to the first.
    terminal.type({"cpu": "\x1b[A", GPU: "\x1b[B"}[device])
    terminal.type("\r")
    terminal.until(lambda _: logs(terminal) > before, "another log")
    terminal.until(lambda _: all(map(is_whole, terminal.state.rglob("?.f64"))), "20 steps")


def is_whole(losses: Path) -> bool:
    """Whether all 20 are in the file."""
    return losses.stat().st_size == 20 * 8


@pytest.mark.skipif(TRIAL, reason="there is one device")
def test_the_key_takes_the_training_from_the_processor_to_the_gpu_and_back(tmp_path: Path) -> None:
    words = ("--device", "cpu", "--experiment", "moons", "--steps", "20", "--speed", "unlimited")
    with closing(Terminal(tmp_path, *words, columns=120, rows=36)) as terminal:
        terminal.shows("finished · step 20")
        for device in (GPU, "cpu", GPU):
            choose(terminal, device)
        assert trained_on(terminal) == ["cpu", GPU, "cpu", GPU]
        terminal.type("q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.output


@pytest.mark.parametrize(("fault", "told"), EACH_FAULT)
def test_a_fault_leaves_the_screen_which_tells_it_and_r_trains_anew(
    fault: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "faults.py").write_text(FAULTS)
    words = ("--experiment", f"faults.py:{fault}", "--device", GPU, "--steps", "unlimited")
    speed = ("--speed", "unlimited")
    with closing(Terminal(tmp_path, *words, *speed, columns=120, rows=36)) as terminal:
        terminal.shows(told)
        terminal.shows("press r to restart")
        assert LEAVE_ALTERNATE not in terminal.output
        restart(terminal)
        terminal.until(lambda lines: step_of(lines) > 500, "healthy training")
        terminal.type("q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.output
