"""A script whose parent is gone goes on by itself, whatever it was doing then."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest

from zgtui.instrument.control import ASK_SECONDS, Control
from zgtui.instrument.protocol import (
    COMMANDS,
    NOTICES,
    Ack,
    Command,
    Paused,
    Resumed,
    ScaleLr,
    SetRunning,
    StepTo,
)
from zgtui.ipc import LineBuffer
from zgtui.runlog.events import Done

NOTICE = Done("A", 1, 0)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    # the name of a socket is short, which that of a test's own folder may not be
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/s")
        listening.listen()
        yield listening


def pair(listener: socket.socket, *, paused: bool = False) -> tuple[Control, socket.socket]:
    """A script's end and its parent's."""
    control = Control(listener.getsockname(), "A", paused=paused)
    parent, _ = listener.accept()
    return control, parent


def refused(_command: Command, _step: int) -> int:
    raise AssertionError("no command was sent")


def test_a_paused_script_goes_on_once_its_parent_is_gone(listener: socket.socket) -> None:
    control, parent = pair(listener, paused=True)
    parent.close()
    control.between_steps(1, refused)
    assert control.running
    control.between_steps(2, refused)
    control.send(NOTICE)
    control.finish()


def test_a_parent_that_leaves_without_reading_is_gone_as_well(listener: socket.socket) -> None:
    control, parent = pair(listener, paused=True)
    control.send(NOTICE)
    parent.close()
    control.between_steps(1, refused)
    assert control.running


@pytest.mark.parametrize("last", ["send", "between_steps", "finish"])
def test_what_is_still_to_be_said_to_a_parent_that_is_gone_is_dropped(
    listener: socket.socket, last: str
) -> None:
    control, parent = pair(listener)
    while not control._writer.waiting:
        control.send(NOTICE)
    parent.close()
    if last == "send":
        control.send(NOTICE)
    elif last == "between_steps":
        control.between_steps(1, refused)
    else:
        control.finish()
    assert control._socket is None
    control.send(NOTICE)
    control.finish()


def test_commands_hold_from_the_step_that_is_told_and_steps_end_in_a_pause(
    listener: socket.socket,
) -> None:
    control, parent = pair(listener)
    with parent:
        parent.sendall(COMMANDS.encode(ScaleLr(0.5), 1))
        parent.sendall(COMMANDS.encode(StepTo(6), 2))
        control.between_steps(4, lambda _command, step: step + 10)
        assert (control.running, control.stop_at) == (True, 6)
        control.between_steps(5, refused)
        parent.sendall(COMMANDS.encode(SetRunning(running=True), 3))
        control.between_steps(6, refused)
        assert (control.running, control.stop_at) == (True, None)
        told = [NOTICES.decode(line) for line in LineBuffer().take(parent.recv(65536))]
    control.forked()
    assert told == [
        Ack(1, 14, run="A"),
        Ack(2, 5, run="A"),
        Paused("A", 6),
        Ack(3, 7, run="A"),
        Resumed("A", 6),
    ]


def test_quick_steps_ask_for_commands_now_and_then_and_slow_ones_each_time(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [10.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("zgtui.instrument.control.time", clock)
    control, parent = pair(listener)
    with parent:
        control.between_steps(1, refused)
        parent.sendall(COMMANDS.encode(SetRunning(running=False), 1))
        control.between_steps(2, refused)
        assert control.running, "it was asked a moment ago"
        parent.sendall(COMMANDS.encode(SetRunning(running=True), 2))
        now[0] += ASK_SECONDS
        control.between_steps(3, refused)
        told = [NOTICES.decode(line) for line in LineBuffer().take(parent.recv(65536))]
    control.forked()
    assert told == [Ack(1, 4, run="A"), Ack(2, 4, run="A")]
