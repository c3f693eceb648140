"""What is written goes to the terminal at once, and waits where the terminal does not take it."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.waiting import until
from zgtui.tui.terminal_output import MAX_WAITING, TerminalOutput

LARGE = "x" * (1 << 20)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The side of who looks at it, and that of the program."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    yield master, slave
    os.close(master)
    os.close(slave)


def output_to(descriptor: int) -> TerminalOutput:
    return TerminalOutput(descriptor, "utf-8", lambda: None)


def read(master: int) -> bytes:
    """All that is there."""
    found = b""
    try:
        while piece := os.read(master, 1 << 16):
            found += piece
    except BlockingIOError:
        return found
    return found


def test_a_frame_is_on_the_terminal_before_anything_else_is_done(
    terminal: tuple[int, int],
) -> None:
    master, slave = terminal
    with closing(output_to(slave)) as output:  # whose thread does not run
        output.draw("a frame, ×")
        assert read(master) == "a frame, ×".encode()
        assert not output.behind


def test_the_modes_of_what_others_share_stay_as_they_are(terminal: tuple[int, int]) -> None:
    with closing(output_to(terminal[1])) as output:
        output.draw("a frame")
        assert os.get_blocking(terminal[1])


def test_what_is_not_taken_at_once_comes_later_in_its_order(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    with closing(output_to(slave)) as output:
        output.draw(LARGE)
        assert output.behind
        output.write("the end")
        output.start()
        found = b""

        def all_came() -> bool:
            nonlocal found
            found += read(master)
            return found.endswith(b"the end")

        until(all_came, "all of it")
        assert len(found) == len(LARGE) + len("the end")
        assert output.finish(60)
        output.draw("a frame")
        until(lambda: read(master) == b"a frame", "a frame")


def test_frames_are_left_out_where_much_waits(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    with closing(output_to(slave)) as output:
        output.draw(LARGE)
        read(master)
        waiting = len(output._waiting)
        assert waiting > MAX_WAITING
        output.draw("a frame")
        assert len(output._waiting) == waiting


def test_no_terminal_is_written_to_from_the_thread(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file, closing(output_to(file.fileno())) as output:
        output.draw("a frame")
        assert output.behind
        output.start()
        assert output.finish(60)
        assert (tmp_path / "file").read_bytes() == b"a frame"
