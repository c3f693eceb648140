"""A program that is stopped and goes on leaves the terminal as it found it."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.left import is_restored
from tests.support.processes import state
from tests.support.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE, Terminal
from tests.support.waiting import until

pytestmark = pytest.mark.terminal


def test_going_on_without_having_given_the_terminal_back_draws_over_what_a_shell_wrote(
    tmp_path: Path,
) -> None:
    with closing(Terminal(tmp_path, "docs", "view")) as terminal:
        terminal.shows("zgtui docs view")
        for numbers in [(signal.SIGCONT,), (signal.SIGSTOP, signal.SIGCONT)]:
            terminal.draw(b"\r[1]+  Stopped")
            for number in numbers:
                terminal.send(number)
            terminal.until(lambda lines: "Stopped" not in "".join(lines), "the screen again")
        terminal.type("q")
        assert terminal.ended() == 0
        assert is_restored(terminal)
        assert terminal.output.count(ENTER_ALTERNATE) == 1


def test_a_service_manager_that_ends_and_continues_it_gets_the_terminal_back(
    tmp_path: Path,
) -> None:
    with closing(Terminal(tmp_path, "docs", "view")) as terminal:
        terminal.shows("zgtui docs view")
        terminal.send(signal.SIGTERM)
        terminal.send(signal.SIGCONT)
        assert terminal.ended() == 128 + signal.SIGTERM
        assert is_restored(terminal)


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "about to stop"])
def test_a_stop_from_the_terminal_gives_it_back_until_it_goes_on(
    tmp_path: Path, *, stopped: bool
) -> None:
    with closing(Terminal(tmp_path, "docs", "view")) as terminal:
        terminal.shows("zgtui docs view")
        terminal.send(signal.SIGTSTP)

        def given_back() -> bool:
            terminal.read(0.05)
            return LEAVE_ALTERNATE in terminal.output

        until(given_back, "the terminal's modes")
        assert terminal.modes == terminal.modes_before
        if stopped:  # a shell waits for that before it continues anybody
            until(lambda: state(terminal.process.pid) == "T", "a stopped program")
        terminal.send(signal.SIGCONT)
        terminal.until(lambda _: terminal.output.count(ENTER_ALTERNATE) == 2, "the screen again")
        terminal.shows("zgtui docs view")
        # The screen is drawn before keys are read again: what is typed between is dropped.
        until(lambda: terminal.modes != terminal.modes_before, "the program's modes")
        terminal.type("q")
        assert terminal.ended() == 0
        assert is_restored(terminal)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=str)
def test_all_is_drawn_again_where_nothing_has_changed_meanwhile(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    with closing(Terminal(tmp_path, columns=size[0], rows=size[1])) as terminal:
        for last in ("finished · oscillates", "step 20 done", "A converged (loss 0)", "c continue"):
            terminal.shows(last)
        terminal.read(1)
        before = terminal.lines
        terminal.send(signal.SIGTSTP)
        until(lambda: state(terminal.process.pid) == "T", "a stopped program")
        terminal.send(signal.SIGCONT)
        terminal.until(lambda _: terminal.output.count(ENTER_ALTERNATE) == 2, "the screen again")
        terminal.until(lambda lines: lines == before, "the same screen")
        terminal.type("q")
        assert terminal.ended() == 0
