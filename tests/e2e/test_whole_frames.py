"""Frames of any size on a terminal that shows them whole (mode 2026), as most of today do."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.terminal import BEGIN, END, Terminal
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.terminal
QUIET_SECONDS = 1.5
"""Longer than anything on the screen moves by itself."""
FRAMES = 60
JUST_A_NUMBER = 200
"""Bytes: a frame without its curves, as one that answers a key, has about as many."""


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40), (240, 70)])
def test_each_is_ended_and_what_does_not_change_is_not_sent_again(
    tmp_path: Path, columns: int, rows: int
) -> None:
    with closing(Terminal(tmp_path, columns=columns, rows=rows)) as terminal:
        terminal.shows("finished")
        until, before = time.monotonic() + PATIENCE, -1
        while len(terminal.output) != before:
            assert time.monotonic() < until, "it never stops drawing"
            before = len(terminal.output)
            terminal.read(QUIET_SECONDS)
        assert terminal.output.count(BEGIN) == terminal.output.count(END) > 0
        terminal.type("q")
        assert terminal.ended() == 0
        assert terminal.output.count(BEGIN) == terminal.output.count(END)


def test_what_is_copied_is_sent_though_frames_are_dropped(tmp_path: Path) -> None:
    options = ("--steps", "unlimited", "--speed", "50")
    with closing(Terminal(tmp_path, *options, columns=160, rows=50)) as terminal:
        terminal.shows(" steps/s")
        sent = terminal.output.count(BEGIN)
        terminal.type("K")  # while the terminal takes nothing
        time.sleep(QUIET_SECONDS)
        terminal.until(lambda _: b"\x1b]52;c;" in terminal.output, "the text to copy")
        terminal.shows("Sent ")
        assert terminal.output.count(BEGIN) - sent < QUIET_SECONDS * 10, "no frame was dropped"


@pytest.mark.parametrize(
    ("columns", "rows", "allowed"), [(80, 24, 2000), (120, 36, 3500), (160, 50, 5000)]
)
@pytest.mark.parametrize("experiment", ["article", "spirals"])
def test_a_frame_is_short_at_a_thousand_steps_a_second(
    tmp_path: Path, columns: int, rows: int, allowed: int, experiment: str
) -> None:
    options = ("--experiment", experiment, "--steps", "unlimited", "--speed", "1000")
    with closing(Terminal(tmp_path, *options, columns=columns, rows=rows)) as terminal:
        terminal.shows(" steps/s")
        begin = len(terminal.output)
        terminal.until(lambda _: terminal.output.count(END, begin) > FRAMES, "so many frames")
        frames = terminal.output[begin:].split(BEGIN)[1:]
        drawn = [len(frame) for frame in frames if len(frame) > JUST_A_NUMBER]
        assert len(drawn) > FRAMES / 4
        assert statistics.median(drawn) <= allowed
