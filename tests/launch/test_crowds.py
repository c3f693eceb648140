"""A script with many processes that do not want to end: all are gone soon after they are to be."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.processes import mentioning
from tests.support.terminal import Terminal
from tests.support.waiting import until
from zgtui.launch.process import RunProcess

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="orphans are handed on by Linux"),
    pytest.mark.started,  # forks of what has imported torch take longer to end
]

CROWD = """
import os, signal, sys, time
{prepare}
for number in range({count}):
    if os.fork() == 0:
        if number % 2:
            os.setsid()
        while True:
            time.sleep(1000)
print("all are there", flush=True)
while True:
    time.sleep(1000)
"""
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
HEARING = f"""{DEAF}
os.register_at_fork(
    before=lambda: {DEAF},
    after_in_parent=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL),
)"""
STOPPED_SECONDS = 3.0


@pytest.mark.parametrize("prepare", [DEAF, HEARING], ids=["the script too", "its forks alone"])
def test_200_forks_that_ignore_sigterm_are_gone_within_3_seconds(
    prepare: str, tmp_path: Path
) -> None:
    script, output = tmp_path / "crowd.py", tmp_path / "output"
    script.write_text(CROWD.format(prepare=prepare, count=200), encoding="utf-8")
    output.touch()
    with closing(RunProcess([sys.executable, "-S", str(script)], {}, output)) as process:
        until(lambda: "all are there" in output.read_text(encoding="utf-8"), "the crowd")
        assert len(mentioning(str(script))) >= 201
        began = time.monotonic()
        process.stop()
        while not process.read():
            time.sleep(0.005)
        assert time.monotonic() - began < STOPPED_SECONDS
    assert not mentioning(str(script))


@pytest.mark.terminal
def test_q_ends_the_crowds_of_both_runs(tmp_path: Path) -> None:
    script = tmp_path / "crowd.py"
    script.write_text(CROWD.format(prepare=DEAF, count=200), encoding="utf-8")
    with closing(Terminal(tmp_path, "run", str(script))) as terminal:
        terminal.until(lambda _: len(mentioning(str(script))) > 402, "both crowds")
        began = time.monotonic()
        terminal.type("q")
        assert terminal.ended() == 0
        assert time.monotonic() - began < STOPPED_SECONDS
        assert not mentioning(str(script))
