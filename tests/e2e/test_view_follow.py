"""``zgtui view`` on a real terminal beside a real process that writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.tables import tidy_table
from tests.support.terminal import Terminal
from tests.support.waiting import until
from zgtui.runlog.events import Started
from zgtui.runlog.log import LogWriter

pytestmark = pytest.mark.terminal

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


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from zgtui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""Were torch needed, this would end in a traceback."""


def view(folder: Path, *words: str) -> Terminal:
    """``zgtui view --follow WORDS`` on a terminal; logs are looked for in ``folder``."""
    program = (sys.executable, "-c", WITHOUT_TORCH)
    told = {"ZGTUI_STATE_DIR": str(folder)}
    return Terminal(folder, "view", "--follow", *words, program=program, variables=told)


def shows(terminal: Terminal, *texts: str) -> None:
    """Wait until all stand on the screen at once."""
    terminal.until(
        lambda lines: all(text in "\n".join(lines) for text in texts), " and ".join(texts)
    )


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
    with closing(view(tmp_path, str(tmp_path / "t.csv"))) as terminal:
        shows(terminal, "following", "A  zero_grad() every step")
        shows(terminal, "step 150   loss 0.006667   lr 0.1")
        assert writer.poll() is None
        tidy_table(tmp_path / "t.csv", 7)
        shows(terminal, "step 7 ", "B  zero_grad() never")
        (tmp_path / "t.csv").unlink()
        shows(terminal, "t.csv is gone")
        terminal.type("q")
        assert terminal.ended() == 0


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
    with closing(view(tmp_path)) as terminal:
        shows(terminal, "following")  # training has begun there, and no step is done yet
    begun.close()
    with subprocess.Popen(
        [sys.executable, "-c", LOGGER], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as logger:
        assert logger.stdin is not None
        logs = tmp_path / "sessions"
        until(lambda: len([*logs.glob("*/1/events.jsonl")]) == 2, "the log")
        with closing(view(tmp_path)) as terminal:
            shows(terminal, "following", "step 1 ")
            logger.stdin.write(b"go on\n")
            logger.stdin.close()
            shows(terminal, "step 101   loss 0.009901")
            shows(terminal, "step 100   loss 2")
