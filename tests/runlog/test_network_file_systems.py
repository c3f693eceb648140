"""Logs and tables on NFS and Lustre: files that grow by parts, and handles that go stale."""

from __future__ import annotations

import errno
import os
import random
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.tables import open_recording, tidy_table
from zgtui.curves.recordings.opening import read_whole
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import LogError
from zgtui.runlog.events import Event, LrChanged, SeriesFound, Started, encode
from zgtui.runlog.log import STALE_TRIES, LogWriter, fresh, is_stale

STEPS = 400


class Server:
    """Serves files, and says of ``stale`` of the looks at them that the handle is."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        folder: Path,
        seed: int = 0,
        looks: tuple[str, ...] = ("open", "stat"),
    ) -> None:
        self.stale = 0.0
        self.refused = 0
        self.only = ""
        self._random, self._folder = random.Random(seed), folder
        monkeypatch.setattr("zgtui.runlog.log.STALE_SECONDS", 0.0)
        for name in looks:
            monkeypatch.setattr(Path, name, self._flaky(getattr(Path, name)))

    def _flaky(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def look(path: Path, *arguments: Any, **more: Any) -> Any:
            reads = not arguments or arguments[0] == "rb"
            served = self._folder in path.parents and self.only in {"", path.name}
            if reads and served and self._random.random() < self.stale:
                self.refused += 1
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
            return real(path, *arguments, **more)

        return look


def losses(run: str) -> list[float]:
    return [1 / step + (run == "B") for step in range(1, STEPS + 1)]


def content(log: Path) -> dict[Path, bytes]:
    """Everything that a log of two runs, one of them with two lines, holds in the end."""
    halves = range(2, STEPS + 1, 2)
    found = [SeriesFound("B", f"B.{n}", "gan.py", n, "train", 1) for n in (1, 2)]
    begun = Started({"settings": {"a": {"lr": 0.1}, "b": {"lr": 0.1}}})
    changes = [LrChanged("A", 0.1 / step, step) for step in range(2, 40)]
    events: list[Event] = [begun, *found, *changes]
    files = {log / "events.jsonl": b"".join(map(encode, events))}
    for run in "AB":
        files[log / f"{run}.f64"] = struct.pack(f"<{STEPS}d", *losses(run))
    for n in (1, 2):
        files[log / f"B.{n}.steps"] = struct.pack(f"<{STEPS // 2}q", *halves)
        files[log / f"B.{n}.f64"] = struct.pack(f"<{STEPS // 2}d", *range(STEPS // 2))
    return files


def shown(recording: Recording) -> dict[str, list[tuple[float, float]]]:
    return {
        name: [track.trace.point(at) for at in range(track.trace.count)]
        for name, track in recording.tracks.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_log_that_grows_by_parts_is_read_once_and_whole_though_handles_go_stale(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, parts = tmp_path / "log", random.Random(seed)
    log.mkdir()
    left = content(log)
    # The start has come, as it has before anybody looks.
    start, _, left[log / "events.jsonl"] = left[log / "events.jsonl"].partition(b"\n")
    (log / "events.jsonl").write_bytes(start + b"\n")
    recording = open_recording(log, follow=True)
    server = Server(monkeypatch, log, seed)
    while any(left.values()):
        path = parts.choice([path for path, data in left.items() if data])
        size = parts.choice([1, 3, 8, 21, 500])
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as file:
            file.write(left[path][:size])
        left[path] = left[path][size:]
        server.stale = parts.choice([0.0, 0.75, 0.9])
        recording.read()
    assert server.refused > 20
    server.stale = 0.0
    while recording.read():
        pass
    assert recording.trouble == ""
    steps = range(1, STEPS + 1)
    half = [(float(step), float(at)) for at, step in enumerate(steps[1::2])]
    assert shown(recording) == {
        "A": list(zip(steps, losses("A"), strict=True)),
        "B": list(zip(steps, losses("B"), strict=True)),
        "B gan.py:1": half,
        "B gan.py:2": half,
    }
    assert [recording.tracks["A"].course.lr_at(step) for step in (2, 39)] == [0.1 / 2, 0.1 / 39]


@pytest.mark.parametrize("kind", ["log", "table"])
def test_what_is_followed_waits_while_the_server_is_away_and_then_goes_on(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "log":
        writer = LogWriter(tmp_path / "served" / "log", ["A"])
        writer.write(Started({}))
        writer.losses("A", [1.0, 2.0])
        path = writer.folder
    else:
        (tmp_path / "served").mkdir()
        path = tidy_table(tmp_path / "served" / "losses.csv", 2)
    recording = open_recording(path, follow=True)
    while recording.read():
        pass
    before = shown(recording)
    server = Server(monkeypatch, tmp_path / "served")
    server.stale = 1.0
    for _ in range(3):
        assert not recording.read()
        assert recording.trouble
    assert shown(recording) == before
    if kind == "log":
        writer.losses("A", [3.0])
        writer.close()
    else:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "a") as file:
            file.write("A,3,3,0.25,0.1,true\n")
    server.stale = 0.0
    while recording.read():
        pass
    assert recording.trouble == ""
    assert len(shown(recording)["A"]) == len(before["A"]) + 1


@pytest.mark.parametrize("stale", ["B.f64", "B.1.f64", "B.1.steps"])
def test_what_could_be_read_stays_though_another_file_is_stale(
    stale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").mkdir()
    for path, data in content(tmp_path / "log").items():
        path.write_bytes(data)
    recording = open_recording(tmp_path / "log", follow=True)
    with monkeypatch.context() as patched:
        server = Server(patched, tmp_path / "log", looks=("open",))
        server.only, server.stale = stale, 1.0
        while recording.read():
            pass
        assert recording.trouble
    while recording.read():
        pass
    found = shown(recording)
    assert {name: len(points) for name, points in found.items()} == {
        "A": STEPS, "B": STEPS, "B gan.py:1": STEPS // 2, "B gan.py:2": STEPS // 2,
    }  # fmt: skip
    assert recording.tracks["A"].course.lr_at(39) == 0.1 / 39


def test_what_is_read_once_ends_in_a_sentence_where_the_handle_stays_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LogWriter(tmp_path / "log", ["A"])
    writer.write(Started({}))
    writer.losses("A", [1.0])
    writer.close()
    assert len(read_whole(tmp_path / "log").tracks) == 1
    real = Path.open

    def stale(path: Path, *arguments: Any, **more: Any) -> Any:
        if path.suffix == ".f64":
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", stale)
    with pytest.raises(LogError, match=r"cannot read .*A\.f64: Stale file handle"):
        read_whole(tmp_path / "log")


@pytest.mark.parametrize(("number", "tries"), [(errno.EACCES, 1), (errno.ESTALE, STALE_TRIES)])
def test_stale_handles_alone_are_tried_again_after_a_while(
    number: int, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def look() -> None:
        done.append("look")
        raise OSError(number, os.strerror(number))

    clock = SimpleNamespace(sleep=lambda _: done.append("wait"), time=time.time)
    monkeypatch.setattr("zgtui.runlog.log.time", clock)
    with pytest.raises(OSError, match=re.escape(os.strerror(number))):
        fresh(look)
    assert done == ["look", *["wait", "look"] * (tries - 1)]


def test_what_is_stale_may_be_there_again_later() -> None:
    for cause, stale in (
        (None, False),
        (ValueError(), False),
        (PermissionError(errno.EACCES, ""), False),
        (OSError(errno.ESTALE, ""), True),
    ):
        error = LogError("cannot read")
        error.__cause__ = cause
        assert is_stale(error) is stale


def test_writing_maps_nothing_and_needs_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Lustre that is mounted without flock."""

    def none(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("fcntl.flock", none)
    writer = LogWriter(tmp_path / "log", ["A"])
    writer.write(Started({}))
    writer.losses("A", [1.0, 2.0])
    writer.close()
    assert shown(read_whole(tmp_path / "log")) == {"A": [(1.0, 1.0), (2.0, 2.0)]}
    sources = (Path(__file__).parents[2] / "zgtui" / "runlog").glob("*.py")
    assert not [path.name for path in sources if "import mmap" in path.read_text("utf-8")]
