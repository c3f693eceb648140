"""In a shell: the terminal is the shell's again after a stop, and also after a kill."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command import children
from tests.support.modern_terminal import ModernTerminal
from tests.support.processes import alive
from tests.support.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE, Terminal
from tests.support.waiting import until

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
SHELL = ("bash", "--norc", "--noprofile", "-i")
PROGRAM = f"{sys.executable} -m zgtui"
MODES_ON = (b"\x1b[?1000h", b"\x1b[?1003h", b"\x1b[?2004h", b"\x1b[>", b"\x1b[?25l")
MODES_OFF = (b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[<u", b"\x1b[?25h")


@pytest.fixture(params=[Terminal, ModernTerminal])
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Terminal]:
    monkeypatch.setenv("PS1", "ready> ")
    monkeypatch.setenv("PYTHONPATH", os.getcwd())  # noqa: PTH109 - as the shell takes it
    with closing(request.param(tmp_path, program=SHELL)) as terminal:
        terminal.shows("ready>")
        yield terminal
        assert not isinstance(terminal, ModernTerminal) or terminal.given_back


def drawn(terminal: Terminal, times: int) -> None:
    """Wait until the program has taken the terminal so often and has drawn."""
    terminal.until(lambda _: terminal.output.count(ENTER_ALTERNATE) == times, "the screen")
    terminal.shows("quit")


def answers(terminal: Terminal, word: str) -> None:
    """The shell echoes and obeys what is typed."""
    terminal.type(f"echo {word}''{word}\n")
    terminal.until(lambda _: f"{word}{word}".encode() in terminal.output, "the shell")
    assert f"echo {word}".encode() in terminal.output.rpartition(LEAVE_ALTERNATE)[2]


def all_modes_off(output: bytes) -> bool:
    return all(
        output.rfind(off) > output.rfind(on) for on, off in zip(MODES_ON, MODES_OFF, strict=True)
    )


def are_the_shells(terminal: Terminal) -> None:
    """Wait until no mode is left on but that of the shell's own prompt, which comes in pieces."""
    terminal.until(
        lambda _: all_modes_off(terminal.output.replace(b"\x1b[?2004hready", b"ready")),
        "the modes of the shell",
    )


def kept(terminal: Terminal) -> tuple[int, int]:
    """The program's process number, and that of what looks after its terminal."""
    program = keeper = 0

    def found() -> bool:
        nonlocal program, keeper
        terminal.read(0.05)
        for child in children(terminal.process.pid):
            for below in children(child):
                if "terminal_keeper" in Path(f"/proc/{below}/cmdline").read_text(encoding="utf-8"):
                    program, keeper = child, below
        return bool(program)

    until(found, "what is to be found")
    return program, keeper


def test_ctrl_z_gives_the_terminal_to_the_shell_until_fg(shell: Terminal) -> None:
    shell.type(f"{PROGRAM} docs view\n")
    drawn(shell, 1)
    shell.type("\x1a")
    shell.until(lambda _: b"Stopped" in shell.output, "the shell")
    assert shell.output.count(LEAVE_ALTERNATE) == 1
    are_the_shells(shell)
    answers(shell, "meanwhile")
    shell.resize(100, 30)
    shell.type("fg\n")
    drawn(shell, 2)
    shell.until(lambda lines: "quit" in lines[-1], "a screen of 30 rows")
    shell.type("q")
    shell.until(lambda _: shell.output.count(LEAVE_ALTERNATE) == 2, "the end")
    answers(shell, "afterwards")


SLOW_TO_CLOSE = """
import select, sys
from zgtui.cli.main import main
from zgtui.tui.base_app import BaseApp

shuts = BaseApp._shutdown

async def _shutdown(app):
    select.select([0], [], [], 60)
    await shuts(app)

BaseApp._shutdown = _shutdown
sys.argv[1:] = ["docs", "view"]
main()
print("the shell reads", repr(input()))
"""


def test_what_is_typed_while_it_closes_its_screens_is_the_shells(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, program=(sys.executable, "-c", SLOW_TO_CLOSE))) as terminal:
        drawn(terminal, 1)
        terminal.type("q")
        terminal.until(lambda _: LEAVE_ALTERNATE in terminal.output, "the end")
        terminal.type("echo afterwards\n")
        terminal.shows("the shell reads 'echo afterwards'")


@pytest.mark.parametrize("words", ["docs view", "train --steps unlimited"])
def test_killing_it_puts_the_terminal_back(words: str, shell: Terminal) -> None:
    shell.type(f"{PROGRAM} {words}\n")
    program, keeper = kept(shell)
    before = len(shell.output)
    os.kill(program, signal.SIGKILL)
    shell.until(lambda _: b"\x1b[?25h" in shell.output[before:], "the cursor")
    if ENTER_ALTERNATE in shell.output:
        shell.until(lambda _: LEAVE_ALTERNATE in shell.output[before:], "the shell's screen")
        are_the_shells(shell)
    shell.type("echo still''here\n")
    shell.until(lambda _: b"stillhere" in shell.output[before:], "the shell")
    assert b"echo still" in shell.output[before:], "what is typed is seen"
    until(lambda: not alive(keeper), "the end of its keeper")
