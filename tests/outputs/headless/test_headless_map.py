"""A map without a screen: what ends it before it is whole, and how far it is."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from tests.support.ptys import shown_on
from zgtui.cli.main import main
from zgtui.config.settings import EVERY
from zgtui.outputs.headless import headless_map
from zgtui.worker.client import WorkerListener
from zgtui.worker.protocol import Ack, Command, Failed, MapMade, MapStability

Reaction = Callable[[WorkerListener], None]


def mapping(monkeypatch: pytest.MonkeyPatch, react: Reaction, folder: Path) -> int:
    """The exit code of ``zgtui map`` whose training process does so when it is asked for one."""
    alive: list[bool] = []

    class Worker:
        def __init__(self, _session: Path) -> None:
            self._listener: WorkerListener | None = None

        def start(self, listener: WorkerListener) -> None:
            self._listener = listener
            alive.append(True)

        def send(self, command: Command) -> None:
            if isinstance(command, MapStability) and self._listener is not None:
                react(self._listener)

        def kill(self) -> None:
            alive.pop()

    monkeypatch.setenv("ZGTUI_STATE_DIR", str(folder / "state"))
    monkeypatch.setattr(headless_map, "WorkerClient", Worker)
    code = main(["map", "--out", str(folder / "map.csv")])
    assert not alive
    return code


def test_a_signal_ends_it_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(listener: WorkerListener) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        listener.worker_notice(Ack(1, 0))

    assert mapping(monkeypatch, interrupted, tmp_path) == 128 + signal.SIGTERM
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "map.csv").exists()


@pytest.mark.parametrize(
    ("message", "told"),
    [("no memory", "zgtui: no memory (killed by SIGKILL)\n"), ("", "zgtui: killed by SIGKILL\n")],
)
def test_a_training_process_that_is_gone_is_told_with_what_it_said_last(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    message: str,
    told: str,
) -> None:
    def failed(listener: WorkerListener) -> None:
        if message:
            listener.worker_notice(Failed(message))
        for _ in range(2):
            listener.worker_ended(-9, "killed by SIGKILL")

    assert mapping(monkeypatch, failed, tmp_path) == 1
    assert capsys.readouterr().err == told


def test_what_cannot_be_mapped_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(listener: WorkerListener) -> None:
        listener.worker_notice(Ack(1, 0, error="no map of this"))

    assert mapping(monkeypatch, refused, tmp_path) == 2
    assert capsys.readouterr().err == "zgtui: no map of this\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trains(listener: WorkerListener) -> None:
        rows = ["." * 60] * 20
        listener.worker_notice(MapMade("clearing", EVERY, [], rows, [], step=40, steps=1000))
        listener.worker_ended(1, "gone")

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    mapping(monkeypatch, trains, tmp_path)
    said = terminal.getvalue()
    assert said.startswith("\rtraining 1,200 runs: step 40 of 1,000\x1b[K\r\x1b[K"), (
        "and taken away"
    )


def test_on_a_narrow_terminal_its_rows_stay_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def makes(listener: WorkerListener) -> None:
        rows = ["c" * 60] * 20
        modes = [[2.0, 1.0, 1.0]]
        listener.worker_notice(MapMade("clearing", EVERY, modes, rows, rows, step=9, steps=9))

    def map_to(stream: TextIO) -> None:
        monkeypatch.setattr(sys, "stdout", stream)
        assert mapping(monkeypatch, makes, tmp_path) == 0

    told = shown_on(50, map_to).splitlines()
    assert sum(line.endswith(f" |{'.' * 60}") for line in told) == 20
    assert any(line.endswith("  lr·λ") and line.lstrip().startswith("0 ") for line in told)
