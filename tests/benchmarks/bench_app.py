"""What the running app costs, as ratios: ``python tests/benchmarks/bench_app.py``.

    speed      steps/s of both runs with both charts live, over bare loops of the same two runs
    frame      process start to the first frame, over a minimal Textual app
    loss       process start to the first loss in the log, over ``python -c "import torch"``
    key        key press to the confirmed change on the screen at full speed, 95th percentile
    kill       kill -9 of the app to no process left

The app runs in a real pseudo-terminal of 120x36. Both sides of a ratio are taken in turn.
"""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

ROUNDS = 5
SPEED_SECONDS = 6.0
MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("ready to go")
Minimal().run()
"""
BARE = """
import copy, sys, time, torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(42)
a = nn.Linear(2, 1); b = copy.deepcopy(a)
x = torch.tensor([[1.0, 2.0]]); y = torch.tensor([[1.0]])
criterion = nn.MSELoss()
optimizer_a = torch.optim.SGD(a.parameters(), lr=0.1)
optimizer_b = torch.optim.SGD(b.parameters(), lr=0.1)
losses_a, losses_b = [], []
begin = time.perf_counter(); steps = 0
while time.perf_counter() < begin + float(sys.argv[1]):
    optimizer_a.zero_grad()
    loss = criterion(a(x), y); loss.backward(); optimizer_a.step(); losses_a.append(loss.item())
    loss = criterion(b(x), y); loss.backward(); optimizer_b.step(); losses_b.append(loss.item())
    steps += 1
print(steps / (time.perf_counter() - begin))
"""


class Terminal:
    """A program in a pseudo-terminal of its own."""

    def __init__(
        self, arguments: Sequence[str], state: Path, program: str | Path = sys.executable
    ) -> None:
        """``program`` with ``arguments``; its runs' logs are in ``state``."""
        self.begin = time.perf_counter()
        self.output = b""
        self.master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        environment = dict(os.environ, TERM="xterm-256color", ZGTUI_STATE_DIR=str(state))
        self.process = subprocess.Popen(
            [program, *arguments],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def read(self, seconds: float) -> None:
        """Take what comes within ``seconds``."""
        if select.select([self.master], [], [], seconds)[0]:
            with suppress(OSError):  # it has ended: nobody has the other end open
                self.output += os.read(self.master, 1 << 16)

    def wait_for(self, pattern: bytes, seconds: float = 60.0) -> float:
        """Seconds since the start at which ``pattern`` was first seen in what came since."""
        until = time.perf_counter() + seconds
        while not re.search(pattern, self.output):
            if time.perf_counter() > until:
                raise TimeoutError(f"{pattern!r} did not come")
            self.read(0.05)
        return time.perf_counter() - self.begin

    def cpu(self) -> float:
        """Seconds of CPU time that the processes of this terminal have taken so far.

        A training process has a session of its own and is not among them.
        """
        return sum(map(cpu_seconds, self._all()))

    def _all(self) -> list[int]:
        return [pid for pid in _processes() if _session(pid) == self.process.pid]

    def worker(self) -> int:
        """The process that trains for it."""
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        pids = [int(pid) for pid in Path(children).read_text(encoding="ascii").split()]
        return next(
            pid for pid in pids if b"zgtui.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )

    def press(self, keys: str) -> None:
        """Type ``keys``."""
        self.output = b""
        os.write(self.master, keys.encode())

    def end(self) -> None:
        """Kill it, with what it started in its session, and close the terminal."""
        for pid in self._all():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of ``pid``; Linux alone tells it so exactly."""
    taken = 0
    with suppress(FileNotFoundError, ProcessLookupError):  # a thread may end meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            taken += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return taken / 1e9


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _session(pid: int) -> int:
    with suppress(OSError):
        return os.getsid(pid)
    return -1


def app(state: Path, *options: str) -> Terminal:
    """The app in a terminal."""
    return Terminal(["-m", "zgtui", "--device", "cpu", *options], state)


def logged(state: Path) -> list[Path]:
    """The logs of run A under ``state``."""
    return list(state.glob("sessions/*/*/A.f64"))


def speed(state: Path) -> float:
    """Steps a second of the app at full speed, both charts drawn."""
    terminal = app(state, "--steps", "unlimited", "--speed", "unlimited")
    terminal.wait_for(b"steps/s")
    (log,) = logged(state)
    until = time.perf_counter() + 1.0
    while time.perf_counter() < until:
        terminal.read(0.05)
    begin, first = time.perf_counter(), log.stat().st_size
    while time.perf_counter() < begin + SPEED_SECONDS:
        terminal.read(0.05)
    steps = (log.stat().st_size - first) / 8
    seconds = time.perf_counter() - begin
    terminal.end()
    return steps / seconds


def bare_speed() -> float:
    """Steps a second of the same two runs in a plain loop, with nothing else going on."""
    return float(subprocess.check_output([sys.executable, "-c", BARE, str(SPEED_SECONDS)]))


def first_frame(state: Path) -> float:
    """Seconds from process start to the app's first frame."""
    terminal = app(state)
    seconds = terminal.wait_for(rb"zero_grad\(\) never")
    terminal.end()
    return seconds


def minimal_frame(state: Path) -> float:
    """Seconds from process start to the first frame of a minimal Textual app."""
    terminal = Terminal(["-c", MINIMAL], state)
    seconds = terminal.wait_for(b"ready to go")
    terminal.end()
    return seconds


def first_loss(state: Path) -> float:
    """Seconds from process start to the first loss in the log."""
    before = set(logged(state))
    terminal = app(state, "--speed", "unlimited")
    while not any(path.stat().st_size for path in set(logged(state)) - before):
        terminal.read(0.01)
    seconds = time.perf_counter() - terminal.begin
    terminal.end()
    return seconds


def import_torch() -> float:
    """Seconds that importing torch takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - begin


def key_delays(state: Path) -> list[float]:
    """Seconds from a press of z to what it made of run B on the screen, at full speed."""
    terminal = app(state, "--steps", "unlimited", "--speed", "unlimited")
    terminal.wait_for(b"steps/s")
    delays = []
    for press in range(40):
        begin = time.perf_counter()
        terminal.press("z")
        # What stands beside the loop: the titles hold "every step" of run A all the time.
        terminal.wait_for(rb"B every" if press % 2 == 0 else rb"B never")
        delays.append(time.perf_counter() - begin)
    terminal.end()
    return delays


def kill_delay(state: Path) -> float:
    """Seconds from kill -9 of the app to the end of its training process."""
    terminal = app(state)
    terminal.wait_for(b"steps/s")
    worker = terminal.worker()
    begin = time.perf_counter()
    os.kill(terminal.process.pid, signal.SIGKILL)
    while Path(f"/proc/{worker}/cmdline").exists() and Path(f"/proc/{worker}/cmdline").read_bytes():
        time.sleep(0.001)
    seconds = time.perf_counter() - begin
    terminal.end()
    return seconds


def main() -> None:
    """Measure everything and print a line each."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)

        def fresh() -> Path:
            return Path(tempfile.mkdtemp(dir=state))

        ratios = []
        for _ in range(ROUNDS):
            bare = bare_speed()
            ratios.append(speed(fresh()) / bare)
        print(f"speed  {statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")
        for name, ours, theirs in (
            ("frame", first_frame, minimal_frame),
            ("loss", first_loss, lambda _state: import_torch()),
        ):
            pairs = [(ours(fresh()), theirs(fresh())) for _ in range(ROUNDS)]
            ratios = [a / b for a, b in pairs]
            print(
                f"{name:<6} {statistics.median(ratios):.2f}"
                f"  ({min(ratios):.2f} to {max(ratios):.2f}),"
                f" {statistics.median(a for a, _ in pairs):.2f} s"
            )
        delays = sorted(key_delays(fresh()))
        print(f"key    {delays[int(0.95 * len(delays))] * 1000:.0f} ms at the 95th percentile")
        print(f"kill   {kill_delay(fresh()):.3f} s")


if __name__ == "__main__":
    main()
