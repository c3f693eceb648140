"""``zgtui view`` on a real terminal beside a real process that writes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.support.tables import tidy_table
from tests.support.waiting import until
from zgtui.runlog.events import Started
from zgtui.runlog.log import LogWriter

pytestmark = pytest.mark.terminal

SECONDS = 30.0
WRITER = """
import sys, time
path, last = sys.argv[1], int(sys.argv[2])
with open(path, "a", buffering=1) as file:
    file.write("run,step,epoch,loss,lr,zero_grad\\n")
    for step in range(1, last + 1):
        file.write(f"A,{step},{step},{1 / step!r},")
        file.flush()
        file.write("0.1,true\\n")
        time.sleep(0.005)
sys.stdin.read()
"""


class Terminal:
    """A program on a terminal of 80 x 24, and what its screen shows."""

    def __init__(self, *words: str) -> None:
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        # Were torch needed, this would end in a traceback.
        code = (
            "import sys; sys.modules['torch'] = None\n"
            "from zgtui.cli.main import main\n"
            "sys.exit(main(sys.argv[1:]))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, condition: Callable[[str], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition(self.text()):
            assert time.monotonic() < deadline, self.text()
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self._stream.feed(os.read(self._master, 65536))
                except OSError:  # the program is gone, and all of its output was read
                    assert condition(self.text()), self.text()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    path = tmp_path / "t.csv"
    path.touch()
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), "150"], stdin=subprocess.PIPE
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def test_a_table_is_followed_while_a_process_writes_it(
    tmp_path: Path, writer: subprocess.Popen[bytes]
) -> None:
    terminal = Terminal("view", "--follow", str(tmp_path / "t.csv"))
    try:
        terminal.until(lambda text: "following" in text and "A  zero_grad() every step" in text)
        terminal.until(lambda text: "step 150   loss 0.006667   lr 0.1" in text)
        assert writer.poll() is None
        tidy_table(tmp_path / "t.csv", 7)
        terminal.until(lambda text: "step 7 " in text and "B  zero_grad() never" in text)
        (tmp_path / "t.csv").unlink()
        terminal.until(lambda text: "t.csv is gone" in text)
        terminal.press("q")
        deadline = time.monotonic() + SECONDS
        while terminal.process.poll() is None:
            assert time.monotonic() < deadline
            select.select([], [], [], 0.02)
            terminal.until(lambda _text: True)
        assert terminal.process.returncode == 0
    finally:
        terminal.close()


LOGGER = """
import sys, zgtui
zgtui.log(loss=1.0)
for line in sys.stdin:
    for step in range(100):
        zgtui.log(loss=1 / (step + 2))
        zgtui.log(loss=2.0, run="B", step=step + 1)
"""


def test_a_loop_that_logs_its_losses_is_followed_without_naming_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path))
    begun = LogWriter(tmp_path / "sessions" / "20260101-000000-1-001" / "1", [])
    begun.write(Started({}))
    terminal = Terminal("view", "--follow")
    try:
        # Training has begun there, and no step is done yet.
        terminal.until(lambda text: "following" in text)
    finally:
        terminal.close()
        begun.close()
    with subprocess.Popen(
        [sys.executable, "-c", LOGGER], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as logger:
        assert logger.stdin is not None
        logs = tmp_path / "sessions"
        until(lambda: len([*logs.glob("*/1/events.jsonl")]) == 2, "the log")
        terminal = Terminal("view", "--follow")
        try:
            terminal.until(lambda text: "following" in text and "step 1 " in text)
            logger.stdin.write(b"go on\n")
            logger.stdin.close()
            terminal.until(lambda text: "step 101   loss 0.009901" in text)
            terminal.until(lambda text: "step 100   loss 2" in text)
        finally:
            terminal.close()
