"""How the end of a script is told: one sentence, whatever it failed with."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.waiting import PATIENCE
from zgtui.errors import WorkerError
from zgtui.instrument.protocol import ERROR, OUTPUT, WRITTEN
from zgtui.launch.process import RunProcess, describe

LAUNCHER = """
============================================================
train.py FAILED
------------------------------------------------------------
Failures:
[1]:
  time      : 2026-01-01_10:00:00
  rank      : 0 (local_rank: 0)
  exitcode  : -15 (pid: 10) (SIGTERM)
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : 2026-01-01_10:00:00
  rank      : 1 (local_rank: 1)
  exitcode  : {code} (pid: 11)
============================================================"""


@pytest.mark.parametrize(
    ("kind", "message", "told"),
    [
        ("ValueError", "no data", "ValueError: no data"),
        ("RuntimeError", "\nshapes differ:\n  (2,) and (3,)\n", "RuntimeError: shapes differ:"),
        ("AssertionError", "", "AssertionError"),
        ("KeyError", "a\x1b[2Jb", "KeyError: a␛[2Jb"),
        ("ChildFailedError", LAUNCHER.format(code=-6), "rank 1 was ended by SIGABRT"),
        ("ChildFailedError", LAUNCHER.format(code=-99), "rank 1 was ended by signal 99"),
        ("ChildFailedError", LAUNCHER.format(code=3), "rank 1 ended with exit code 3"),
    ],
)
def test_what_a_script_failed_with_is_told_in_one_line(
    kind: str, message: str, told: str, tmp_path: Path
) -> None:
    error = {"type": kind, "message": message, "frames": []}
    (tmp_path / ERROR).write_text(json.dumps(error), encoding="utf-8")
    sentence = describe(tmp_path, 1, 5, stopped=False).sentence
    assert sentence == f"the script failed after 5 steps: {told}"


def test_a_script_whose_output_fills_the_disk_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / OUTPUT).write_text("xxxxxxxx", encoding="utf-8")
    (tmp_path / ERROR).touch()
    (tmp_path / WRITTEN).write_text('"/home/me/metrics.json"\n"/ho', encoding="utf-8")
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=0))
    ending = describe(tmp_path, 1, 5, stopped=False)
    assert ending.sentence == f"the script failed after 5 steps: the disk with {tmp_path} is full"
    assert ending.exit_code == 2
    assert ending.written == ("/home/me/metrics.json",)


def test_a_script_that_draws_its_own_screen_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> None:
        raise OSError

    (tmp_path / OUTPUT).write_bytes(b"\x1b[?1049h\x1b[H")
    monkeypatch.setattr(os, "statvfs", gone)  # that the disk is full is not known either
    sentence = describe(tmp_path, 3, 0, stopped=False).sentence
    assert sentence == (
        "the script draws its own screen, which a run does not provide (exit code 3)"
    )


def test_the_last_line_of_output_is_not_given_as_the_reason_of_an_exit_code(
    tmp_path: Path,
) -> None:
    (tmp_path / OUTPUT).write_bytes(b"epoch 1\nepoch 2 [##  ]\repoch 2 [####]\n")
    assert describe(tmp_path, 3, 16, stopped=False).sentence == (
        "the script ended with exit code 3 after 16 steps: its last line is 'epoch 2 [####]'"
    )
    (tmp_path / OUTPUT).write_bytes(b"")
    sentence = describe(tmp_path, 3, 1, stopped=False).sentence
    assert sentence == "the script ended with exit code 3 after 1 step"


def read_to_the_end(process: RunProcess) -> None:
    """Wait for what the supervisor reports until it has told of the end."""
    while not process.read():
        assert select.select([process], [], [], PATIENCE)[0]


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        closing(RunProcess([str(tmp_path / "python")], {}, tmp_path / OUTPUT)) as process,
        pytest.raises(WorkerError, match=r"cannot be started: .*/python: No such file"),
    ):
        read_to_the_end(process)


def test_a_supervisor_that_is_killed_ends_the_run_as_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
    with closing(RunProcess(command, {}, tmp_path / OUTPUT)) as process:
        while process.pid is None:
            assert select.select([process], [], [], PATIENCE)[0]
            process.read()
        process._supervisor.kill()
        read_to_the_end(process)
        assert process.code == -9
        with suppress(ProcessLookupError):  # Linux has ended the script with it
            os.kill(process.pid, signal.SIGKILL)
