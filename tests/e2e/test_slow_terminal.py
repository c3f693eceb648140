"""A terminal slower than the frames: it holds up neither keys, nor training, nor tables."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.left import is_restored, logged, rows_of
from tests.support.terminal import Terminal
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.terminal
BYTES, SECONDS = 19, 0.02
"""9,600 baud: 960 bytes a second."""
LATEST_SECONDS = 0.5
TABLE = "kept.csv"


class SlowLine:
    """What comes over such a line, and how far the log and the table were meanwhile."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.seen: list[tuple[float, int, int]] = []
        """Times, rows in the table, and losses in the log."""

    def pass_on(self) -> None:
        time.sleep(SECONDS)
        self.terminal.read(0, BYTES)
        table = self.terminal.folder / TABLE
        if table.exists():
            losses = sum(logged(self.terminal))
            self.seen.append((time.monotonic(), len(table.read_bytes().splitlines()) - 1, losses))

    def behind(self) -> float:
        """How many seconds the table was behind the log, in all but the worst moments."""
        behind: list[float] = []
        at = 0
        for now, rows, _ in self.seen:
            while self.seen[at][2] <= rows and self.seen[at][0] < now:
                at += 1
            behind.append(now - self.seen[at][0])
        return sorted(behind)[len(behind) * 9 // 10]


def test_a_slow_line_drops_frames_and_nothing_else(tmp_path: Path) -> None:
    options = ("--steps", "unlimited", "--speed", "50", "--out", TABLE)
    with closing(Terminal(tmp_path, *options, columns=160, rows=50)) as terminal:
        line = SlowLine(terminal)
        deadline = time.monotonic() + PATIENCE * 2
        while min(logged(terminal)) < 500:
            assert time.monotonic() < deadline, "\n".join(terminal.lines)
            line.pass_on()
        assert line.behind() < LATEST_SECONDS
        terminal.type("q")
        asked = time.monotonic()
        while terminal.process.poll() is None:
            assert time.monotonic() < asked + PATIENCE
            line.pass_on()
        took = time.monotonic() - asked
        assert terminal.process.returncode == 0
        assert took < 3.0, "on a machine of its own it is half a second"
        while terminal.output.rfind(b"\x1b[?1049l") < 0:
            line.pass_on()
        terminal.read(1)
        assert is_restored(terminal)
    table = rows_of(tmp_path / TABLE)
    assert [sum(row["run"] == run for row in table) for run in "AB"] == logged(terminal)
