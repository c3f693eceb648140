"""Old sessions go in time; what a process still writes in, or what is not ours, stays."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from zgtui.outputs.processes import FollowerProcess
from zgtui.runlog.log import LogWriter, hold, open_private
from zgtui.runlog.sessions import (
    KEPT,
    MAX_PRINTED,
    WORKER_LOG,
    bound,
    is_held,
    new_session,
    newest_log,
    prune,
)

NAMES = [f"20250101-0000{number:02}-1-001" for number in range(KEPT + 5)]


def trained(folder: Path) -> None:
    """A session of a worker that has ended."""
    folder.mkdir(parents=True)
    (folder / WORKER_LOG).touch()
    LogWriter(folder / "1", ["A"]).close()


def left(sessions: Path) -> Sequence[str]:
    prune(sessions)
    return sorted(path.name for path in sessions.iterdir())


def test_old_sessions_go_but_never_one_in_use(tmp_path: Path) -> None:
    for name in NAMES:
        trained(tmp_path / name)
    (tmp_path / "00-something-else").mkdir()
    held = os.open(tmp_path / NAMES[1] / WORKER_LOG, os.O_RDONLY)
    hold(held)
    try:
        assert left(tmp_path) == ["00-something-else", NAMES[1], *NAMES[5:]]
    finally:
        os.close(held)


def test_sessions_of_tensorboard_alone_go_too_and_push_out_no_log(tmp_path: Path) -> None:
    for name in NAMES[:3]:
        trained(tmp_path / name)
    for name in NAMES[3:]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "tensorboard.log").touch()
    assert left(tmp_path) == [*NAMES[:3], *NAMES[5:]]


def test_sessions_of_scripts_go_too_but_not_while_one_runs(tmp_path: Path) -> None:
    logs = [LogWriter(tmp_path / name / "1", ["A", "B"]) for name in NAMES]
    for log in logs[1:]:
        log.close()
    assert left(tmp_path) == [NAMES[0], *NAMES[5:]]
    logs[0].close()
    assert left(tmp_path) == NAMES[5:]


def test_a_session_is_held_as_long_as_a_process_follows_from_it(tmp_path: Path) -> None:
    process = FollowerProcess("json.tool", ["-"], tmp_path / "tensorboard.log")
    process.start()
    try:
        assert is_held(tmp_path)
    finally:
        process.kill()
    (tmp_path / "removed-meanwhile.log").symlink_to("nothing")
    for _ in range(2):
        assert not is_held(tmp_path), "and to look does not hold it"


def test_what_cannot_be_removed_stays_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        trained(tmp_path / name)
    real = os.rmdir

    def refusing(path: str, **options: int) -> None:
        if path == "1":
            raise PermissionError
        real(path, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rmdir", refusing)
        assert left(tmp_path) == NAMES
    assert left(tmp_path) == NAMES[5:]


def test_the_newest_log_is_the_last_of_the_last_session(tmp_path: Path) -> None:
    assert newest_log(tmp_path) is None
    sessions = tmp_path / "sessions"
    begun = [(NAMES[0], "1", 9), (NAMES[1], "2", 3), (NAMES[1], "1", 4), (NAMES[1], "3", 2)]
    for name, number, seconds in begun:
        LogWriter(sessions / name / number, ["A"]).close()
        os.utime(sessions / name / number / "events.jsonl", (seconds, seconds))
    (sessions / NAMES[2] / "1").mkdir(parents=True)
    assert newest_log(tmp_path) == sessions / NAMES[1] / "1"


def test_the_name_of_a_session_is_one_that_is_pruned(tmp_path: Path) -> None:
    old = new_session(tmp_path)
    for name in NAMES:
        trained(old.with_name(re.sub(r"^\d{4}", "9999", name)))
    old.mkdir()
    assert old.name not in left(old.parent)


def test_what_a_model_prints_is_kept_up_to_a_bound(tmp_path: Path) -> None:
    printed = tmp_path / WORKER_LOG
    with open_private(printed) as file:
        file.write(b"first\n")
        file.flush()
        bound(printed)
        assert printed.read_bytes() == b"first\n"
        file.write(b"x" * MAX_PRINTED)
        file.flush()
        bound(printed)
        file.write(b"last\n")
    kept = printed.read_bytes()
    assert kept.startswith(b"[what was printed before is left out]\nxxx")
    assert kept.endswith(b"xlast\n")
    assert MAX_PRINTED // 2 < len(kept) < MAX_PRINTED // 2 + 100


def test_what_was_printed_to_a_file_that_is_gone_is_kept_by_none(tmp_path: Path) -> None:
    bound(tmp_path / WORKER_LOG)
    assert not [*tmp_path.iterdir()]
