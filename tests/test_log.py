"""``zgtui.log``: whatever ends the process, its losses are in the log, in order and once."""

from __future__ import annotations

import itertools
import math
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
import torch

import zgtui
from tests.support.command import environment, logged, newest_log, run
from tests.support.loaded import DRAWS, loaded_by
from tests.support.waiting import until
from zgtui.curves.recordings.opening import read_whole
from zgtui.errors import LogError, UsageError
from zgtui.runlog.events import Ended, Started
from zgtui.runlog.gathered import MAX_GAP, SECONDS, GatheredLog
from zgtui.runlog.log import LogWriter, losses_path, read_events
from zgtui.runlog.times import read_times
from zgtui.tables.export import export

EXAMPLES = Path(__file__).parent / "examples"


def start(code: str, tmp_path: Path) -> subprocess.Popen[str]:
    """A process with ``log`` and the ``folder`` for it."""
    begin = (
        "import os, sys, time, threading, multiprocessing, zgtui\n"
        f"folder = {str(tmp_path / 'log')!r}\n"
        "def log(loss, **more): zgtui.log(loss=loss, folder=folder, **more)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", begin + code],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(code: str, tmp_path: Path) -> tuple[int, str]:
    with start(code, tmp_path) as process:
        _, err = process.communicate(timeout=100)
    return process.returncode, err


def test_an_example_is_logged_shown_and_told_where(tmp_path: Path) -> None:
    state = tmp_path / "state"
    done = subprocess.run(
        [sys.executable, EXAMPLES / "log_losses.py"],
        env=environment(ZGTUI_STATE_DIR=str(state)),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    log = newest_log(state)
    told = f"zgtui: losses go to {log}; to watch them: zgtui view --follow {shlex.quote(str(log))}"
    assert (done.returncode, done.stdout, done.stderr.strip()) == (0, "", told)
    first, *_, last = logged(log, "A")
    assert logged(log, "B")[:2] == logged(log, "A")[:2]
    assert last < 1e-9 < first
    code, out, _ = run("view", ZGTUI_STATE_DIR=str(state))
    assert code == 0
    assert re.search(
        r"^A\n  20 steps up to 20, .*^B\n  20 steps up to 20, ", out, re.MULTILINE | re.DOTALL
    )


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("", 0),
        ("raise ValueError('mine')", 1),
        ("sys.exit(7)", 7),
        ("signal.raise_signal(signal.SIGINT)", -signal.SIGINT),
    ],
)
def test_nothing_is_lost_however_python_ends(ending: str, code: int, tmp_path: Path) -> None:
    ended, err = finished(f"import signal\nfor i in range(1000): log(i)\n{ending}", tmp_path)
    assert ended == code, err
    assert logged(tmp_path / "log", "A") == list(map(float, range(1000)))
    (started, ended_at) = read_events(tmp_path / "log")
    assert isinstance(started, Started)
    assert ended_at == Ended(1000)


def test_what_is_logged_while_python_ends_is_there_too(tmp_path: Path) -> None:
    code = "import atexit\natexit.register(lambda: log(2.0))\nlog(1.0)"
    assert finished(code, tmp_path) == (0, "")
    assert logged(tmp_path / "log", "A") == [1.0, 2.0]


def test_losses_are_written_in_time_though_nothing_more_is_logged(tmp_path: Path) -> None:
    """So that is all that a process can lose by being killed."""
    assert SECONDS <= 0.4
    with start("for i in range(1000): log(i)\nprint('done', flush=True)\ninput()", tmp_path) as one:
        assert one.stdout is not None
        one.stdout.readline()
        until(lambda: len(logged(tmp_path / "log", "A")) == 1000, "what was logged")
        one.kill()
    assert logged(tmp_path / "log", "A") == list(map(float, range(1000)))


@pytest.mark.parametrize("how", ["os.fork", "multiprocessing"])
def test_a_fork_has_a_log_of_its_own_and_repeats_nothing(how: str, tmp_path: Path) -> None:
    child = "def child():\n    for i in range(9): log(-i, run='B')\n"
    ways = {
        "os.fork": "pid = os.fork()\nif not pid:\n    child()\n    sys.exit(0)\nos.waitpid(pid, 0)",
        "multiprocessing": "one = multiprocessing.get_context('fork').Process(target=child)\n"
        "one.start()\none.join()",
    }
    code, err = finished(f"{child}for i in range(9): log(i)\n{ways[how]}\nlog(9)", tmp_path)
    assert code == 0, err
    assert f"losses go to {tmp_path / 'log-2'};" in err
    assert logged(tmp_path / "log", "A") == list(map(float, range(10)))
    assert logged(tmp_path / "log-2", "B") == [-float(i) for i in range(9)]
    assert not losses_path(tmp_path / "log-2", "A").exists()
    assert not losses_path(tmp_path / "log", "B").exists()


def test_threads_lose_nothing(tmp_path: Path) -> None:
    code = (
        "def work():\n    for i in range(5000): log(i)\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "for one in threads: one.start()\nfor one in threads: one.join()"
    )
    assert finished(code, tmp_path) == (0, "")
    assert sorted(logged(tmp_path / "log", "A")) == sorted(list(map(float, range(5000))) * 4)


def test_a_full_disk_is_told_once_and_everything_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    log = GatheredLog(tmp_path / "log", {})
    real, tries = LogWriter.losses, [0]

    def full(self: LogWriter, run: str, values: list[float]) -> None:
        tries[0] += 1
        raise LogError("cannot write A.f64: No space left on device")

    log.add("A", 0.0)
    log.flush()
    monkeypatch.setattr(LogWriter, "losses", full)
    log.add("A", 1.0)
    log.add("A", 2.0)
    until(lambda: tries[0] >= 2, "another try")
    log.add("A", 3.0)
    monkeypatch.setattr(LogWriter, "losses", real)
    until(lambda: logged(tmp_path / "log", "A") == [0.0, 1.0, 2.0, 3.0], "the losses")
    told = capfd.readouterr().err
    assert told.count("No space left") == 1
    assert "kept in memory" in told
    monkeypatch.setattr(LogWriter, "losses", full)
    log.add("A", 4.0)
    log.flush()
    assert "No space left" in capfd.readouterr().err, "it is full once more"


def test_losses_of_a_run_whose_file_cannot_be_made_yet_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = GatheredLog(tmp_path / "log", {})

    def full(folder: Path, runs: object) -> LogWriter:
        raise LogError("cannot write the run's log: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("zgtui.runlog.gathered.LogWriter", full)
        log.add("A", 1.0)
        log.flush()
    log.end()
    assert logged(tmp_path / "log", "A") == [1.0]


def test_losses_that_are_written_before_something_fails_are_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the steps were done is written after the losses."""
    log = GatheredLog(tmp_path / "log", {})
    tries = [0]

    def full(self: LogWriter, run: str, pairs: object) -> None:
        tries[0] += 1
        raise LogError("cannot write A.times: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(LogWriter, "times", full)
        log.add("A", 1.0)
        log.add("A", 2.0)
        until(lambda: tries[0], "the failure")
        patched.setattr(LogWriter, "losses", full)
        log.add("A", 3.0)
        log.flush()
    log.end()
    assert logged(tmp_path / "log", "A") == [1.0, 2.0, 3.0]


def test_the_end_is_written_once_and_what_comes_after_it_at_once(tmp_path: Path) -> None:
    log = GatheredLog(tmp_path / "log", {})
    for step, name in ((3, "A"), (2, "B")):
        log.add(name, 1.0, step)
    log.end()
    log.end()
    log.add("B", 4.0)
    assert logged(tmp_path / "log", "B")[2:] == [4.0]
    assert list(read_events(tmp_path / "log")) == [Started({}), Ended(3)]
    GatheredLog(tmp_path / "none", {}).end()
    assert list(read_events(tmp_path / "none")) == [Started({}), Ended(0)]


def test_an_end_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    log = GatheredLog(tmp_path / "log", {})

    def full(self: LogWriter, event: object) -> None:
        raise LogError("cannot write events.jsonl: No space left on device")

    monkeypatch.setattr(LogWriter, "write", full)
    log.end()
    assert "No space left" in capfd.readouterr().err


def test_while_a_process_forks_everything_is_written_and_no_other_thread_at_work(
    tmp_path: Path,
) -> None:
    log = GatheredLog(tmp_path / "log", {})
    log.add("A", 1.0)
    log.hold()
    assert logged(tmp_path / "log", "A") == [1.0]
    others = [
        threading.Thread(target=work, args=arguments, daemon=True)
        for work, arguments in ((log.flush, ()), (log.add, ("A", 2.0)))
    ]
    for one in others:
        one.start()
        one.join(0.05)
        assert one.is_alive()
    log.release()
    for one in others:
        one.join(60)
        assert not one.is_alive()
    log.end()
    assert logged(tmp_path / "log", "A") == [1.0, 2.0]


def test_a_step_that_is_given_holds_and_those_left_out_are_gaps(tmp_path: Path) -> None:
    log = GatheredLog(tmp_path / "log", {})
    log.add("A", 1.0, 10)
    log.add("A", 2.0)
    log.flush()
    log.add("A", 3.0, 20)
    log.end()
    assert read_times(tmp_path / "log", "A")[::2].tolist() == [11, 20]  # when they were done
    losses = logged(tmp_path / "log", "A")
    known = {step: loss for step, loss in enumerate(losses, 1) if not math.isnan(loss)}
    assert known == {10: 1.0, 11: 2.0, 20: 3.0}
    track = read_whole(tmp_path / "log").tracks["A"]
    assert track.trace.points(80, 0, 30) == ([10, 11, 20], [1.0, 2.0, 3.0])
    assert track.tracker.trend(full_batch=False).state == "training"


def test_the_widest_gap_that_is_taken_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zgtui.runlog.gathered.MAX_GAP", 3)
    log = GatheredLog(tmp_path / "log", {})
    with pytest.raises(UsageError, match="more than 3 steps after"):
        log.add("A", 1.0, 5)
    log.add("A", 1.0, 4)
    log.end()
    assert len(logged(tmp_path / "log", "A")) == 4


def test_a_log_is_exported_as_every_other(tmp_path: Path) -> None:
    log = GatheredLog(tmp_path / "log", {"settings": {"experiment": "mine.py"}})
    for step, loss in enumerate((0.1, math.inf, math.nan), 1):
        log.add("A", loss, step)
    log.add("warm-up", 0.25, 2)
    log.end()
    for name, wide in (("tidy.csv", False), ("wide.csv", True)):
        assert [*export(tmp_path / "log", tmp_path / name, wide=wide)]
    assert (tmp_path / "tidy.csv").read_text("utf-8").splitlines() == [
        "run,step,epoch,loss,lr,zero_grad",
        "A,1,,0.1,,",
        "A,2,,inf,,",
        "A,3,,nan,,",
        "warm-up,1,,nan,,",
        "warm-up,2,,0.25,,",
    ]
    assert (tmp_path / "wide.csv").read_text("utf-8").splitlines()[:3] == [
        "step,epoch,loss_a,loss_warm-up",
        "1,,0.1,nan",
        "2,,inf,0.25",
    ]
    assert read_whole(tmp_path / "tidy.csv").tracks.keys() == {"A", "warm-up"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"step": 3}, "step 3 of run A comes too late: it has losses up to step 5"),
        ({"step": 0}, r"counted from 1, as by enumerate\(loader, 1\), so step=0 is invalid"),
        ({"step": -1}, "step=-1 is invalid"),
        ({"step": 7 + MAX_GAP}, "more than 1,000,000 steps after"),
        ({"step": 6.5}, "a whole number, not 6.5"),
        ({"run": "../B"}, "letters, digits"),
        ({"run": ""}, "letters, digits"),
        ({"run": 3}, "such as run='A', not 3"),
        ({"run": ["A"]}, r"such as run='A', not \['A'\]"),
        ({"folder": 3}, "the path of a folder, not 3"),
        ({"folder": "a\0b"}, "the path of a folder, not 'a"),
        ({"folder": ["log"]}, r"the path of a folder, not \['log'\]"),
        ({"folder": ""}, "the path of a folder, not ''; without it the log goes to your state"),
        ({"folder": "~nobody-here/log"}, "the path of a folder, not '~nobody-here/log'"),
        ({"run": "a"}, "run names 'a' and 'A' differ only in case"),
        ({"loss": None}, "a number or a tensor of one element, not NoneType"),
        ({"loss": torch.ones(2, 3)}, r"not one of shape \(2, 3\)"),
        ({"loss": np.ones(2)}, r"not one of shape \(2,\)"),
        ({"loss": torch.tensor(1j)}, r"not this one \(.*complex"),
        ({"loss": 10**400}, r"not this one \(int too large"),
    ],
)
def test_wrong_use_is_told_and_changes_nothing(
    arguments: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    folder = tmp_path / "log"
    zgtui.log(loss=1.0, step=5, folder=folder)
    with pytest.raises(UsageError, match=sentence):
        zgtui.log(**{"loss": 1.0, "folder": folder, **arguments})  # type: ignore[arg-type] # wrong
    zgtui.log(loss=2.0, folder=folder)
    until(lambda: logged(folder, "A")[4:] == [1.0, 2.0], "both losses")
    files = {"A.f64", "A.times", "events.jsonl"}  # the times come after the losses
    until(lambda: {path.name for path in folder.iterdir()} == files, "the files of A alone")


def test_a_home_is_found_in_the_path_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    zgtui.log(loss=1.0, folder="~/runs/today")
    until(lambda: logged(tmp_path / "home" / "runs" / "today", "A") == [1.0], "the loss")
    assert not (tmp_path / "~").exists()
    assert capfd.readouterr().err == "", "it is where it was asked for"


def test_what_is_like_a_number_is_a_loss(tmp_path: Path) -> None:
    for loss in (1, np.float32(2), torch.tensor([3.0], requires_grad=True), True, math.inf):
        zgtui.log(loss=loss, folder=tmp_path / "log")
    until(lambda: logged(tmp_path / "log", "A") == [1, 2, 3, 1, math.inf], "all losses")


def test_an_error_of_the_device_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="meta"):
        zgtui.log(loss=torch.empty(1, device="meta"), folder=tmp_path / "log")


def test_no_folder_of_another_log_or_of_other_files_is_taken(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for taken in ("log", "log-2"):
        (tmp_path / taken).mkdir()
        (tmp_path / taken / "events.jsonl").touch()
    (tmp_path / "log-3").mkdir()
    zgtui.log(loss=1.0, folder=tmp_path / "log")
    until(lambda: logged(tmp_path / "log-3", "A") == [1.0], "the loss")
    assert f"losses go to {tmp_path / 'log-3'};" in capfd.readouterr().err
    (tmp_path / "file").touch()
    with pytest.raises(LogError, match="cannot begin a log in"):
        zgtui.log(loss=1.0, folder=tmp_path / "file" / "log")


def test_a_state_folder_that_cannot_be_made_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path / "file" / "state"))
    monkeypatch.setattr("zgtui._log._logs", {})
    with pytest.raises(LogError, match="set ZGTUI_STATE_DIR to one that can be written"):
        zgtui.log(loss=1.0)


def calls_of(loss: float | torch.Tensor, folder: Path) -> list[str]:
    """What a call of log() calls in its thread: names of functions, its own included."""
    seen: list[str] = []

    def note(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            seen.append(frame.f_code.co_name)
        elif event == "c_call":
            seen.append(called.__name__)

    sys.setprofile(note)
    try:
        zgtui.log(loss=loss, folder=folder)
    finally:
        sys.setprofile(None)
    return [name for name in seen if name != "setprofile"]


@pytest.mark.parametrize("loss", [0.5, torch.tensor(0.5, requires_grad=True)])
def test_a_call_is_a_few_calls_however_long_the_log_and_never_waits_for_the_disk(
    loss: float | torch.Tensor, tmp_path: Path
) -> None:
    place = tmp_path / "log"
    zgtui.log(loss=loss, folder=place)  # begins the log
    many = [calls_of(loss, place) for _ in range(2000)]
    for _ in range(50_000):
        zgtui.log(loss=0.5, folder=place)
    many += [calls_of(loss, place) for _ in range(2000)]
    # A microsecond or two: bench_log times it. Waking the writing thread is what some calls add.
    usual = min(many, key=len)
    assert len(usual) <= 10 + (3 if isinstance(loss, torch.Tensor) else 0), usual
    assert sum(one == usual for one in many) > 0.9 * len(many)
    assert {*itertools.chain(*many)}.isdisjoint(
        {"write", "open", "flush", "fsync", "sleep", "wait"}
    )


def test_it_loads_neither_torch_nor_what_draws(tmp_path: Path) -> None:
    loaded = loaded_by(f"import zgtui\nzgtui.log(loss=1.0, folder={str(tmp_path / 'log')!r})")
    assert "zgtui.runlog.gathered" in loaded
    assert not loaded & {"torch", "numpy", *DRAWS}
