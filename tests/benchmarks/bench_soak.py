"""A long run in a pseudo-terminal: what memory, frames and log come to at its start and its end.

    python -m tests.benchmarks.bench_soak [--steps N] [--minutes M]

Trains the default comparison at full speed until N steps are done (ten million), or M minutes are
over. Linux alone: /proc tells memory and CPU time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.bench_app import Terminal, app, cpu_seconds, logged

LOOK_SECONDS = 10.0
"""How long frames are looked at, at the start and at the end."""
MEGABYTE = 2**20
START = 60.0


@dataclass(frozen=True)
class State:
    """How it stands: memory in MB, milliseconds of CPU time per second of drawing, bytes a step."""

    steps: int
    drawing: float
    training: float
    busy: float
    log: float

    def __str__(self) -> str:
        return (
            f"{self.steps:>12,} steps  memory {self.drawing:.1f} MB that draws,"
            f" {self.training:.1f} MB that trains;  drawing takes {self.busy:.0f} ms a second;"
            f"  log {self.log:.2f} bytes a step"
        )


def memory(pid: int) -> float:
    """Resident memory of ``pid``, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def look(terminal: Terminal, log: Path) -> State:
    """Take the state over LOOK_SECONDS."""
    begin, cpu = time.perf_counter(), cpu_seconds(terminal.process.pid)
    read_until(terminal, begin + LOOK_SECONDS)
    seconds = time.perf_counter() - begin
    busy = (cpu_seconds(terminal.process.pid) - cpu) / seconds * 1000
    steps = log.stat().st_size // 8
    size = sum(path.stat().st_size for path in log.parent.iterdir() if path.is_file())
    return State(
        steps, memory(terminal.process.pid), memory(terminal.worker()), busy, size / max(1, steps)
    )


def read_until(terminal: Terminal, until: float) -> None:
    """Take what the app draws."""
    while time.perf_counter() < until:
        terminal.read(0.1)
        terminal.output = b""


def main() -> None:
    """Run it and print both states."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000_000)
    parser.add_argument("--minutes", type=float, default=120.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        terminal = app(state, "--steps", "unlimited", "--speed", "unlimited")
        try:
            terminal.wait_for(b"steps/s", START * 5)
            (log,) = logged(state)
            read_until(terminal, time.perf_counter() + LOOK_SECONDS)
            sys.stdout.write(f"{look(terminal, log)}\n")
            sys.stdout.flush()
            until = time.perf_counter() + given.minutes * 60
            while log.stat().st_size < 8 * given.steps and time.perf_counter() < until:
                read_until(terminal, time.perf_counter() + 1.0)
            sys.stdout.write(f"{look(terminal, log)}\n")
        finally:
            terminal.end()


if __name__ == "__main__":
    main()
