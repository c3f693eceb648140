"""The run's log: what is written is read back, whatever happens in between."""

from __future__ import annotations

import errno
import math
import os
import signal
import struct
import subprocess
import sys
from array import array
from pathlib import Path
from types import SimpleNamespace

import pytest

from zgtui.errors import LogError
from zgtui.runlog.events import Ended, LrChanged, Started, SteppedBack
from zgtui.runlog.log import (
    EventReader,
    LogWriter,
    LossReader,
    branch,
    losses_path,
    make_private,
    open_private,
    read_events,
    read_series_steps,
)

HOSTILE = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan]


def test_losses_come_back_bit_for_bit(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", ["A", "B"])
    log.losses("A", HOSTILE)
    log.losses("B", [1.0])
    log.close()
    data = losses_path(tmp_path / "log", "A").read_bytes()
    assert data == struct.pack(f"<{len(HOSTILE)}d", *HOSTILE)
    reader = LossReader(tmp_path / "log", "A")
    assert reader.available() == len(HOSTILE)
    assert reader.read(100).tobytes() == array("d", HOSTILE).tobytes()
    assert not reader.read(100)


def test_a_reader_follows_the_writer_and_takes_at_most_what_it_asks_for(tmp_path: Path) -> None:
    reader = LossReader(tmp_path, "A")
    assert reader.available() == 0
    assert not reader.read(5)
    log = LogWriter(tmp_path, ["A"])
    log.losses("A", [1.0, 2.0, 3.0])
    assert reader.read(2).tolist() == [1.0, 2.0]
    log.losses("A", [4.0])
    assert reader.read(9).tolist() == [3.0, 4.0]
    assert reader.position == 4
    assert reader.again(1, 2).tolist() == [2.0, 3.0]
    assert reader.position == 4
    log.close()


def test_a_loss_of_which_only_some_bytes_are_there_waits_for_the_rest(tmp_path: Path) -> None:
    path = losses_path(tmp_path, "A")
    whole = struct.pack("<2d", 1.0, 2.0)
    path.write_bytes(whole[:11])
    reader = LossReader(tmp_path, "A")
    assert reader.available() == 1
    assert reader.read(9).tolist() == [1.0]
    path.write_bytes(whole)
    assert reader.read(9).tolist() == [2.0]


def test_events_come_back_and_a_line_still_being_written_waits(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, [])
    log.event("set_lr", run="B", lr=0.05, step=12)
    reader = EventReader(tmp_path)
    assert list(reader.read()) == [LrChanged("B", 0.05, 12)]
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"event":"en')
    assert list(reader.read()) == []
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('d"}\n')
    assert list(reader.read()) == [Ended()]
    assert len(list(read_events(tmp_path))) == 2
    log.close()


def test_some_lines_are_read_at_a_time_and_half_a_line_never(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, [])
    for step in range(1, 6):
        log.write(LrChanged("A", 0.5, step))
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"event":"en')
    reader = EventReader(tmp_path)
    assert not reader.behind
    for steps, behind in (([1, 2], True), ([3, 4], True), ([5], False), ([], False)):
        assert [getattr(event, "step", 0) for event in reader.read(2)] == steps
        assert reader.behind is behind
    log.close()


def test_a_branch_takes_the_first_steps_in_slices_and_says_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zgtui.runlog.log.SLICE", 4)
    old = LogWriter(tmp_path / "1", ["A"])
    old.copy("A", range(30))
    started, changed = Started({"seed": 1}), LrChanged("A", 0.5, 1)
    old.write(started)
    old.write(changed)
    old.close()
    for steps, kept in ((10, [started, changed]), (0, [started])):
        folder = tmp_path / f"{steps}"
        branch(tmp_path / "1", folder, ["A"], steps).close()
        assert LossReader(folder, "A").read(99).tolist() == list(range(steps))
        back = SteppedBack(steps + 1, str(tmp_path / "1"))
        assert list(read_events(folder)) == [*kept, back]


def test_a_folder_without_a_log_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is not a run log"):
        list(read_events(tmp_path))


def test_a_log_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LogError, match="cannot write the run's log in"):
        LogWriter(tmp_path / "file" / "log", ["A"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, ["A"])
    with Path("/dev/full").open("wb") as full:
        os.dup2(full.fileno(), log._runs["A"])
    with pytest.raises(LogError, match=r"cannot write .*A\.f64: No space left on device"):
        log.losses("A", [1.0])


def test_a_write_cut_off_by_a_full_disk_leaves_no_half_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogWriter(tmp_path, ["A"])
    log.losses("A", [1.0])
    real = os.write
    room = [13]

    def full(descriptor: int, data: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(descriptor, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(LogError, match="No space left"):
        log.losses("A", [2.0, 3.0])
    monkeypatch.undo()
    log.losses("A", [2.0, 3.0])
    log.close()
    assert LossReader(tmp_path, "A").read(9).tolist() == [1.0, 2.0, 3.0]


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, ["A"])
    log.losses("A", [1.0])
    log.series_steps("A.1", [1])
    log.close()
    log.close()


def test_the_steps_of_a_series_come_back(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, [])
    log.series_steps("A.1", [1, 2])
    log.series_steps("A.1", [5])
    log.close()
    assert read_series_steps(tmp_path, "A.1", 1, 9).tolist() == [2, 5]
    assert read_series_steps(tmp_path, "A.1", 0, 2).tolist() == [1, 2]
    assert not read_series_steps(tmp_path, "A.2", 0, 2)


def test_no_file_stays_open_where_a_log_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[int] = set()
    real_open, real_close = os.open, os.close

    def opening(path: Path, *how: int) -> int:
        descriptor = real_open(path, *how)
        if tmp_path in {path, *Path(path).parents}:
            opened.add(descriptor)
        return descriptor

    def closing(descriptor: int) -> None:
        opened.discard(descriptor)
        real_close(descriptor)

    monkeypatch.setattr(os, "open", opening)
    monkeypatch.setattr(os, "close", closing)
    (tmp_path / "A.f64").symlink_to("nothing")
    with pytest.raises(LogError):
        LogWriter(tmp_path, ["A"])
    make_private(tmp_path / "sessions" / "one")
    assert not opened
    log = LogWriter(tmp_path, ["B"])
    assert len(opened) == 2
    log.close()
    assert not opened


@pytest.mark.parametrize(("owner", "ours"), [(0, True), (7, True), (8, False)])
def test_a_folder_of_another_user_is_refused_but_for_that_of_root(
    owner: int,
    ours: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 7)
    monkeypatch.setattr(os, "fstat", lambda _: SimpleNamespace(st_uid=owner, st_mode=0o40700))
    if ours:
        make_private(tmp_path)
    else:
        with pytest.raises(PermissionError, match="belongs to another user"):
            make_private(tmp_path)


WRITER = """
import sys
from pathlib import Path
from zgtui.runlog.events import Ended, LrChanged
from zgtui.runlog.log import LogWriter
log = LogWriter(Path(sys.argv[1]), ["A"])
step = 0
while True:
    log.losses("A", [float(step + i) for i in range(100)])
    step += 100
    print(step, flush=True)
"""


def test_kill_9_of_the_writer_loses_no_complete_batch_and_tears_no_row(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for _ in range(20):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        rest = [line for line in child.stdout.read().splitlines(keepends=True) if "\n" in line]
    confirmed = int(rest[-1]) if rest else 2000
    # A kill may end the last write at a page of memory: within a batch, never within a loss.
    assert losses_path(tmp_path, "A").stat().st_size % 8 == 0
    losses = LossReader(tmp_path, "A").read(10**7)
    assert len(losses) >= confirmed >= 2000
    assert losses.tolist() == list(map(float, range(len(losses))))


def test_folders_and_files_are_for_their_user_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    log = LogWriter(state / "sessions" / "one" / "1", ["A"])
    log.losses("A", [1.0])
    log.series_steps("A.1", [1])
    log.close()
    make_private(state / "sessions" / "two")
    open_private(state / "sessions" / "two" / "worker.log").close()
    modes = {path.stat().st_mode & 0o777 for path in state.rglob("*") if path.is_dir()}
    assert modes | {state.stat().st_mode & 0o777} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in state.rglob("*.*")} == {0o600}


def test_folders_that_others_may_read_are_narrowed_below_the_state_folder_alone(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    session = state / "sessions" / "one"
    session.mkdir(parents=True)
    (session / "worker.log").touch()
    for wide in (state, session.parent, session):
        wide.chmod(0o755)
    (session / "worker.log").chmod(0o644)
    make_private(session)
    open_private(session / "worker.log").close()
    modes = [path.stat().st_mode & 0o777 for path in (state, session.parent, session)]
    assert modes == [0o755, 0o700, 0o700]
    assert (session / "worker.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["sessions", "sessions/one", "sessions/one/1"])
def test_a_symbolic_link_in_the_place_of_a_folder_is_refused(place: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "state" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    log = tmp_path / "state" / "sessions" / "one" / "1"
    with pytest.raises(LogError, match="cannot write the run's log"):
        LogWriter(log, ["A"])
    assert not [*elsewhere.rglob("*.*")]


@pytest.mark.parametrize("name", ["events.jsonl", "A.f64"])
def test_a_symbolic_link_in_the_place_of_a_log_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to(tmp_path / "precious")
    with pytest.raises(LogError, match="symbolic link"):
        LogWriter(tmp_path, ["A"])
    assert not (tmp_path / "precious").exists()


def test_a_symbolic_link_in_the_place_of_a_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "worker.log").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic link"):
        open_private(tmp_path / "worker.log")
    assert not (tmp_path / "precious").exists()
