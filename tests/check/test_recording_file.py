"""What is observed reaches its file in whole lines, and a damaged one is told, not raised."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from zgtui.check.observations import (
    FILE,
    LeavesNamed,
    ObservationLost,
    from_lines,
    to_line,
)
from zgtui.check.recording.script_recording import RecordingFile
from zgtui.check.report import report_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST, SECOND = LeavesNamed((1,), ("weight",)), LeavesNamed((2,), ("bias",))


def lines_in(folder: Path) -> list[str]:
    return [
        line
        for path in folder.glob("observations*")
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
    ]


def test_a_line_is_whole_where_the_disk_takes_it_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    file = RecordingFile(tmp_path)
    file(FIRST)
    file(SECOND)
    assert list(from_lines(lines_in(tmp_path))) == [FIRST, SECOND]


def test_a_thread_that_tells_something_while_the_file_is_opened_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RecordingFile(tmp_path)
    opens: Callable[..., int] = os.open

    def opened(*args: object) -> int:
        monkeypatch.setattr(os, "open", opens)
        file(SECOND)  # as another thread does, for which opening a file gives way
        return opens(*args)

    monkeypatch.setattr(os, "open", opened)
    file(FIRST)
    assert {one.leaves for one in from_lines(lines_in(tmp_path))} == {(1,), (2,)}  # type: ignore[union-attr]  # both name leaves


@pytest.mark.parametrize(
    "damaged",
    ['{"kind": "names", "lea{"kind": "names"}\n', '{"kind": "names"}\n', '{"kind": "?"}\n', "1\n"],
)
def test_after_a_damaged_line_the_rest_is_lost_and_no_verdict_is_pass(damaged: str) -> None:
    seen = list(from_lines([to_line(FIRST), damaged, to_line(SECOND)]))
    assert seen[0] == FIRST
    (lost,) = seen[1:]
    assert isinstance(lost, ObservationLost)
    report = report_of("train.py", [seen])
    assert report.verdict == "inconclusive"
    assert "damaged" in report.findings[0].message


def test_a_last_line_without_its_end_is_still_being_written(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(to_line(FIRST) + to_line(SECOND)[:-9])
    assert list(from_lines(lines_in(tmp_path))) == [FIRST]
