"""Each thing that commands a terminal is found on the wire; what zgtui sends itself is none."""

from __future__ import annotations

import pytest

from tests.faults.texts import COMMANDS, SIGNS
from tests.support.terminal import ENTER_ALTERNATE
from tests.support.wire import in_a_pipe, on_a_terminal
from zgtui.outputs.terminal_keeper import CURSOR, SCREEN

NO_COMMANDS = {"\n", "\t", "\r\n"}


@pytest.mark.parametrize("text", sorted({*COMMANDS, *SIGNS} - NO_COMMANDS), ids=ascii)
def test_what_commands_is_found_among_letters_and_among_what_is_sent(text: str) -> None:
    sent = text.encode("utf-8", "surrogateescape")
    assert on_a_terminal(b"a" + sent + b"b")
    assert on_a_terminal(ENTER_ALTERNATE + b"\x1b[1;31ma" + sent + b"b\x1b[0m")
    assert in_a_pipe(b"a" + sent + b"b")


def test_what_zgtui_sends_commands_nothing_on_a_terminal_but_does_in_a_pipe() -> None:
    colours = "\x1b[1;38;2;255;0;10;48;5;7mlosses\x1b[0m\x1b[24;80Hend\r\n"
    sent = f"{SCREEN}{CURSOR}{colours}".encode()
    assert not on_a_terminal(sent)
    assert in_a_pipe(sent)


def test_a_line_ends_below_the_screen_and_not_on_it() -> None:
    assert not on_a_terminal(b"one\r\ntwo\r\n")
    assert on_a_terminal(ENTER_ALTERNATE + b"one\ntwo")
