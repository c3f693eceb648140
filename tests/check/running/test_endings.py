"""`zgtui check` always ends with a verdict about what was seen, and shows that it is at work."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import struct
import termios
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command import finish, started
from tests.support.processes import mentioning, zgtui
from tests.support.terminal import Terminal
from tests.support.waiting import until
from zgtui.check.running.heartbeat import Heartbeat

TRAINS = """
import sys, time, torch
model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
def step():
    opt.zero_grad()
    model(torch.ones(4, 3)).pow(2).mean().backward()
    opt.step()
"""
WITHOUT_BACKWARD = """
import torch
w = torch.nn.Parameter(torch.ones(3))
opt = torch.optim.SGD([w], lr=0.01)
while True:
    (w.grad,) = torch.autograd.grad((w * w).sum(), [w])
    opt.step()
"""
HELPERS = (
    TRAINS
    + """
def watch():
    while True:
        time.sleep(1)
def train():
    while True:
        step()
if __name__ == "__main__":
    import torch.multiprocessing as mp
    both = [mp.Process(target=one) for one in (watch, train)]
    [one.start() for one in both]
    [one.join() for one in both]
"""
)
STANDS_STILL = (
    TRAINS + "for _ in range(5):\n    step()\nprint('waits')\nwhile True:\n    time.sleep(1)\n"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders go, to see that none is left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_steps_without_a_backward_count(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WITHOUT_BACKWARD)
    _, out, _ = zgtui("check", "train.py", cwd=tmp_path)
    assert "that is enough for a verdict" in out


def test_helper_processes_that_live_on_are_ended(tmp_path: Path, temporary: Path) -> None:
    script = tmp_path / "helpers_that_live_on.py"
    script.write_text(HELPERS)
    code, out, _ = zgtui("check", "--steps", "5", script.name, cwd=tmp_path)
    assert code == 0, out
    assert "ended early, after 5 steps" in out
    assert not mentioning(script.name)
    assert not list(temporary.glob("zgtui*"))


def test_a_script_that_stands_still_is_ended_after_the_time_given(
    tmp_path: Path, temporary: Path
) -> None:
    (tmp_path / "still.py").write_text("import time\ntime.sleep(1000)\n")
    code, out, _ = zgtui("check", "--timeout", "1", "still.py", cwd=tmp_path)
    assert "ended by --timeout 1 after 0 steps: the verdict is about what was seen so far" in out
    assert code == 3, out
    assert not list(temporary.glob("zgtui*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_with_the_verdict_so_far(
    number: signal.Signals, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / f"stands_still_{number}.py"
    script.write_text(STANDS_STILL.replace("print('waits')", "open('waits', 'w')"))
    with started("check", script.name) as process:
        until(lambda: Path("waits").exists(), "five steps")
        process.send_signal(number)
        code, out, err = finish(process)
    assert code == 128 + number, err
    assert f"ended by {number.name} after 5 steps: the verdict is about what was seen" in out
    assert out.splitlines()[-1].startswith("pass: ")
    until(lambda: not mentioning(script.name), "the end of the script")
    assert not list(temporary.glob("zgtui*"))


def test_on_a_terminal_a_line_shows_how_far_it_is_and_goes_again(tmp_path: Path) -> None:
    (tmp_path / "still.py").write_text("import time\ntime.sleep(1000)\n")
    with closing(Terminal(tmp_path, "check", "--timeout", "3", "still.py")) as terminal:
        terminal.shows("checking still.py: 0 of 60 steps, 1 s, process ")
        terminal.shows("inconclusive: ")
        assert not any("checking" in line for line in terminal.lines)
        assert terminal.ended() == 3


def test_on_a_terminal_the_line_is_never_wider(tmp_path: Path) -> None:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    with open(slave, "w", encoding="utf-8") as screen:  # noqa: PTH123 - a number
        beat = Heartbeat(screen)
        beat.begin(f"checking {tmp_path}/{'long/' * 20}train.py")
        beat.beat(3, 60, 4711, 1)
        drawn = os.read(master, 4096).decode()
    os.close(master)
    assert drawn.startswith("\r\x1b[2Kchecking /")
    assert len(drawn.removeprefix("\r\x1b[2K")) == 39


def test_in_a_log_a_line_comes_every_ten_seconds_and_none_when_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("zgtui.check.running.heartbeat.time.monotonic", lambda: now)
    log, nothing = io.StringIO(), io.StringIO()
    beats = [Heartbeat(log), Heartbeat(nothing, quiet=True)]
    for beat in beats:
        beat.begin("checking train.py")
    for second in range(25):
        now = 100.0 + second
        for beat in beats:
            beat.beat(second * 2, 60, 4711, 2)
            beat.end()
    assert log.getvalue() == (
        "zgtui: checking train.py: 20 of 60 steps, 10 s, process 4711, 2 processes train\n"
        "zgtui: checking train.py: 40 of 60 steps, 20 s, process 4711, 2 processes train\n"
    )
    assert not nothing.getvalue()
