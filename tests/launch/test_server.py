"""The line to the scripts: nobody waits for who does not read, and nothing is left behind."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import until
from zgtui.errors import UsageError
from zgtui.instrument.control import Control
from zgtui.instrument.protocol import (
    COMMANDS,
    NOTICES,
    Command,
    Notice,
    ScaleLr,
)
from zgtui.ipc import Ack, LineBuffer, SetRunning
from zgtui.launch.server import ControlServer
from zgtui.runlog.events import Hello, ObservationOff
from zgtui.temporary import MAX_SOCKET_BYTES, PREFIX

MANY = 20_000


class Parent:
    """A server and what it has heard."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.server = ControlServer(self.selector)
        self.heard: list[Notice] = []

    def poll(self, seconds: float = 0.0) -> None:
        """Serve what is ready."""
        for key, _ in self.selector.select(seconds):
            self.heard += self.server.serve(key.data)

    def until_heard(self, count: int) -> None:
        def enough() -> bool:
            self.poll(0.1)
            return len(self.heard) >= count

        until(enough, "what is to be heard")


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary folder of its own, so that no other server's is met."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def parent() -> Iterator[Parent]:
    parent = Parent()
    yield parent
    parent.server.close()
    parent.selector.close()


def connected(parent: Parent, run: str) -> socket.socket:
    """A script that reads nothing by itself."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.connect(parent.server.path)
    line.sendall(NOTICES.encode(Hello(run, 1, "2.0", 1)))
    parent.until_heard(len(parent.heard) + 1)
    return line


def test_a_script_that_does_not_read_holds_up_nobody_and_gets_every_command_in_order(
    parent: Parent,
) -> None:
    with connected(parent, "A") as deaf, connected(parent, "B") as other:
        for number in range(MANY):
            parent.server.send("A", ScaleLr(number))
        parent.server.send("B", SetRunning(running=False))
        assert COMMANDS.decode_numbered(other.recv(4096).strip())[1] == SetRunning(running=False)
        buffer, got = LineBuffer(), list[tuple[int, Command]]()
        deaf.settimeout(30.0)
        while len(got) < MANY:
            got += map(COMMANDS.decode_numbered, buffer.take(deaf.recv(50_000)))
            parent.poll()
        assert got == [(number + 1, ScaleLr(number)) for number in range(MANY)]
        assert parent.server.acknowledged(7) == ScaleLr(6)


def test_a_parent_that_does_not_read_holds_up_no_script_and_hears_everything_in_order(
    parent: Parent,
) -> None:
    control = Control(parent.server.path, "A", paused=False)
    for number in range(MANY):
        control.send(Ack(number, number, run="A"))
    assert control._writer.waiting, "the socket took all of it: send more"

    def go_on() -> bool:
        parent.poll(0.01)
        control.between_steps(1, lambda _command, step: step + 1)
        return len(parent.heard) >= MANY

    until(go_on, "what goes on")
    assert parent.heard == [Ack(number, number, run="A") for number in range(MANY)]
    control.forked()


SCRIPT = """
import sys
from zgtui.errors import UsageError
from zgtui.instrument.control import Control
from zgtui.runlog.events import ObservationOff
control = Control(sys.argv[1], "A", paused=True)
for number in range(int(sys.argv[2])):
    control.send(ObservationOff("A", str(number)))
print("sent", flush=True)
control.between_steps(0, lambda command, step: step + 1)
control.send(ObservationOff("A", "last"))
control.finish()
"""


def test_a_stopped_script_is_sent_commands_at_once_and_carries_them_out_when_it_goes_on(
    parent: Parent,
) -> None:
    command = [sys.executable, "-c", SCRIPT, parent.server.path, str(MANY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "sent\n", "it waited for its parent"
        parent.until_heard(1)
        script.send_signal(signal.SIGSTOP)
        for number in range(MANY):
            parent.server.send("A", ScaleLr(number))
        parent.server.send("A", SetRunning(running=True))
        script.send_signal(signal.SIGCONT)

        def ended() -> bool:
            parent.poll(0.1)
            return script.poll() is not None

        until(ended, "the end")
        parent.heard += parent.server.drain("A")
    reasons = [notice.reason for notice in parent.heard if isinstance(notice, ObservationOff)]
    assert reasons == [*map(str, range(MANY)), "last"]
    acks = [notice.ack for notice in parent.heard if isinstance(notice, Ack)]
    assert acks == list(range(1, MANY + 2))


def test_whoever_says_what_is_no_notice_is_hung_up_on(parent: Parent) -> None:
    with connected(parent, "A") as stranger:
        stranger.sendall(b"make it so\n")
        stranger.settimeout(30.0)
        parent.poll(5.0)
        assert stranger.recv(10) == b""
    parent.server.send("A", SetRunning(running=True))
    with connected(parent, "A") as again:
        parent.server.send("A", SetRunning(running=True))
        assert again.recv(100)


KILLED = """
import os, selectors, signal, tempfile
from zgtui.launch.server import ControlServer
print(ControlServer(selectors.DefaultSelector()).path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_server_left_is_removed_by_the_next_and_no_other(tmp_path: Path) -> None:
    first = Parent()
    left = subprocess.run(
        [sys.executable, "-c", KILLED],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ).stdout.strip()
    (tmp_path / f"{PREFIX}run-thatfile").touch()
    (tmp_path / f"{PREFIX}run-thatlink").symlink_to(Path(left).parent)
    (tmp_path / f"{PREFIX}run-original").mkdir()
    assert Path(left).exists()
    assert Path(left).is_relative_to(tmp_path)
    second = Parent()
    assert not Path(left).parent.exists()
    assert Path(first.server.path).exists()
    for parent in (first, second):
        parent.server.close()
        parent.selector.close()
    others = [f"{PREFIX}run-{name}" for name in ("original", "thatfile", "thatlink")]
    assert sorted(path.name for path in tmp_path.iterdir()) == others


def test_a_long_path_of_temporary_folders_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("t" * MAX_SOCKET_BYTES)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    parent = Parent()
    with connected(parent, "A"):
        assert Path(parent.server.path).parent.stat().st_mode & 0o777 == 0o700
    parent.server.close()
    parent.selector.close()
    assert not Path(parent.server.path).parent.exists()


def test_where_no_temporary_folder_can_be_made_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="cannot make a temporary folder: no such file"):
        Parent()
