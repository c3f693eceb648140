"""Loss tables: made from a log, whole or not at all, and read back bit for bit."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import struct
import subprocess
import sys
from array import array
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.tables import read_table
from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.errors import LogError, TableError
from zgtui.runlog.log import LogWriter
from zgtui.tables.destination import Draft, check_destination, sidecar_path
from zgtui.tables.export import export
from zgtui.tables.formats import FORMATS

HOSTILE = [0.30114114, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 0.1]
EXACT = [ending for ending in FORMATS if ending != ".md"]


def start(log: LogWriter, steps_per_epoch: int = 1) -> None:
    settings = Settings(
        device="cpu",
        steps=20,
        a=RunSettings(clear=EVERY, lr=0.1),
        b=RunSettings(clear=NEVER, lr=0.1),
    )
    log.event(
        "start",
        time="2026-01-01T00:00:00+00:00",
        settings=settings.to_dict(),
        torch="2.13.0",
        device="cpu",
        optimizer="SGD",
        steps_per_epoch=steps_per_epoch,
        full_batch=True,
        same_init=True,
    )


def make_log(
    folder: Path, a: Sequence[float], b: Sequence[float], steps_per_epoch: int = 1
) -> LogWriter:
    log = LogWriter(folder, ["A", "B"])
    start(log, steps_per_epoch)
    log.losses("A", a)
    log.losses("B", b)
    return log


def finish(slices: Iterable[object]) -> None:
    for _ in slices:
        pass


def dicts(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bits(losses: Sequence[float]) -> list[bytes]:
    return [struct.pack("<d", loss) for loss in losses]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("ending", EXACT)
def test_losses_survive_export_and_reading_bit_for_bit(
    tmp_path: Path, ending: str, *, wide: bool
) -> None:
    log = make_log(tmp_path / "log", HOSTILE, HOSTILE[::-1])
    path = tmp_path / f"table{ending}"
    finish(export(log.folder, path, wide=wide))
    table = read_table(path)
    assert list(table.series) == ["A", "B"]
    assert bits(table.series["A"].losses) == bits(HOSTILE)
    assert bits(table.series["B"].losses) == bits(HOSTILE[::-1])
    assert table.series["B"].steps.tolist() == list(range(1, 9))
    log.close()


def test_a_markdown_table_is_aligned_rounded_and_can_be_read(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", HOSTILE, [1 / 3] * 8)
    log.event("sample", run="A", step=2, grad_norm=0.123456789)
    path = tmp_path / "table.md"
    finish(export(log.folder, path))
    lines = path.read_text(encoding="utf-8").splitlines()
    bars = [[at for at, sign in enumerate(line) if sign == "|"] for line in lines]
    assert all(one == bars[0] for one in bars)
    assert set(lines[1]) == set("|-:")
    assert "0.123457" in lines[3]
    assert read_table(path).series["B"].losses.tolist() == [0.333333] * 8
    log.close()


def test_the_columns_of_a_tidy_table(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [3.0, 2.0, 1.0, 0.5], [3.0, 2.5, 2.0], steps_per_epoch=2)
    log.event("sample", run="A", step=2, cosine=-0.5, grad_norm=0.3)
    log.event("set_lr", run="A", lr=0.05, step=3)
    log.event("set_clearing", run="B", clear="2", step=2)
    log.event("something_new", run="A", step=1, colour="blue")
    log.event("sample", run="B", step=3, grad_norm=7.0)
    path = tmp_path / "table.csv"
    finish(export(log.folder, path))
    assert path.read_bytes().decode() == (
        "run,step,epoch,loss,lr,zero_grad,grad_norm,cosine\n"
        "A,1,1,3.0,0.1,true,,\n"
        "A,2,1,2.0,0.1,true,0.3,-0.5\n"
        "A,3,2,1.0,0.05,true,,\n"
        "A,4,2,0.5,0.05,true,,\n"
        "B,1,1,3.0,0.1,false,,\n"
        "B,2,1,2.5,0.1,false,,\n"
        "B,3,2,2.0,0.1,true,7.0,\n"
    )
    log.close()


def test_a_sample_written_after_a_later_change_finds_its_row(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [3.0, 2.0], [])
    log.event("set_lr", run="A", lr=0.05, step=2)
    log.event("sample", run="A", step=1, grad_norm=0.3)
    path = tmp_path / "table.csv"
    finish(export(log.folder, path))
    assert [(row["lr"], row["grad_norm"]) for row in dicts(path)] == [("0.1", "0.3"), ("0.05", "")]
    log.close()


def test_a_wide_table_leaves_the_cells_of_the_run_behind_empty(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [3.0, 2.0, 1.0], [4.0])
    path = tmp_path / "table.csv"
    finish(export(log.folder, path, wide=True))
    assert path.read_text() == "step,epoch,loss_a,loss_b\n1,1,3.0,4.0\n2,2,2.0,\n3,3,1.0,\n"
    assert read_table(path).series["B"].steps.tolist() == [1.0]
    log.close()


def test_progress_is_told_while_many_events_are_read(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [1.0] * 3000, [])
    for step in range(1, 3001):
        log.event("sample", run="A", step=step, grad_norm=step / 7)
    progress = list(export(log.folder, tmp_path / "table.csv"))
    assert progress[:2] == [(0, 3000)] * 2
    assert [row["grad_norm"] for row in dicts(tmp_path / "table.csv")] == [
        repr(step / 7) for step in range(1, 3001)
    ]
    log.close()


def test_json_lines_stay_valid_json(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", HOSTILE, [])
    path = tmp_path / "table.jsonl"
    finish(export(log.folder, path))
    rows = [json.loads(line, parse_constant=pytest.fail) for line in path.read_text().splitlines()]
    assert [row["loss"] for row in rows[4:7]] == ["inf", "-inf", "nan"]
    assert rows[0]["zero_grad"] is True
    log.close()


def test_an_export_holds_the_steps_done_when_it_was_asked_for(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [1.0] * 3000, [1.0] * 2000)
    slices = export(log.folder, tmp_path / "all.csv")
    limited = export(log.folder, tmp_path / "limited.csv", steps={"A": 10, "B": 5})
    log.losses("A", [2.0] * 5000)
    log.event("set_lr", run="A", lr=9.0, step=4000)
    progress = list(slices)
    assert progress[-1] == (5000, 5000)
    assert len(progress) > 3
    assert [len(one.losses) for one in read_table(tmp_path / "all.csv").series.values()] == [
        3000,
        2000,
    ]
    finish(limited)
    assert len(dicts(tmp_path / "limited.csv")) == 15
    finish(export(log.folder, tmp_path / "two.csv", steps=2))
    assert len(dicts(tmp_path / "two.csv")) == 4
    log.close()


def test_the_sidecar_tells_how_the_numbers_came_about(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [3.0, 2.0, 1.0], [3.0, 2.0, 1.0])
    log.event("set_lr", run="B", lr=0.05, step=2)
    log.event("set_clearing", run="B", clear="every", step=9)
    path = tmp_path / "table.csv"
    finish(export(log.folder, path))
    told = json.loads((tmp_path / "table.json").read_text())
    assert told["table"] == "table.csv"
    assert (told["experiment"], told["seed"], told["device"]) == ("article", 42, "cpu")
    assert (told["torch"], told["optimizer"]) == ("2.13.0", "SGD")
    assert told["settings"]["b"] == {"clear": "never", "lr": 0.1, "accumulate": 1}
    assert told["steps"] == {"A": 3, "B": 3}
    assert told["changes"] == [{"event": "set_lr", "run": "B", "lr": 0.05, "step": 2}]
    assert told["zgtui"]
    log.close()


@pytest.mark.parametrize("taken", ["table.csv", "table.json"])
def test_neither_table_nor_sidecar_replaces_a_file_unasked(tmp_path: Path, taken: str) -> None:
    log = make_log(tmp_path / "log", [1.0], [1.0])
    (tmp_path / taken).write_text("mine")
    with pytest.raises(TableError, match="already exists"):
        export(log.folder, tmp_path / "table.csv")
    assert (tmp_path / taken).read_text() == "mine"
    finish(export(log.folder, tmp_path / "table.csv", overwrite=True))
    assert (tmp_path / taken).read_text() != "mine"
    assert names(tmp_path) == ["log", "table.csv", "table.json"]
    log.close()


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("taken", ["table.csv", "table.json"])
def test_a_file_that_appears_during_the_export_is_kept(
    tmp_path: Path, taken: str, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    log = make_log(tmp_path / "log", [1.0], [1.0])
    slices = export(log.folder, tmp_path / "table.csv")
    next(slices)
    (tmp_path / taken).write_text("mine")
    with pytest.raises(TableError, match=f"{taken} already exists"):
        finish(slices)
    assert (tmp_path / taken).read_text() == "mine"
    assert names(tmp_path) == ["log", taken]
    log.close()


def test_a_file_system_without_links_takes_tables_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    log = make_log(tmp_path / "log", [1.0], [1.0])
    finish(export(log.folder, tmp_path / "table.csv"))
    assert len(dicts(tmp_path / "table.csv")) == 2
    assert names(tmp_path) == ["log", "table.csv", "table.json"]
    log.close()


def test_an_export_ended_early_leaves_nothing_behind(tmp_path: Path) -> None:
    log = make_log(tmp_path / "log", [1.0] * 5000, [])
    slices = export(log.folder, tmp_path / "table.csv")
    next(slices)
    assert len(names(tmp_path)) == 3
    slices.close()
    assert names(tmp_path) == ["log"]
    log.close()


def test_a_disk_that_fills_up_is_told_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(tmp_path / "log", [1.0] * 5000, [])
    slices = export(log.folder, tmp_path / "table.csv")
    next(slices)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(TableError, match=r"table\.csv: no space left on device; free some"):
        finish(slices)
    assert names(tmp_path) == ["log"]
    monkeypatch.undo()
    log.close()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing/table.csv", "there is no folder"),
        ("folder.csv", "it is a folder"),
        ("table.xlsx", r"end it in \.csv, \.tsv, \.jsonl, \.md"),
        ("table", "end it in"),
        ("table.json", "end it in"),
    ],
)
def test_a_destination_that_cannot_be_is_told_early(
    tmp_path: Path, name: str, sentence: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    for overwrite in (False, True):
        with pytest.raises(TableError, match=sentence):
            check_destination(tmp_path / name, overwrite=overwrite)
    check_destination(tmp_path / "fine.CSV")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(TableError, match="it is a device or a pipe"):
        check_destination(tmp_path / "pipe.csv", overwrite=True)


def test_a_folder_that_may_not_be_written_is_told_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(TableError, match="no permission to write in the folder"):
        check_destination(tmp_path / "table.csv")


def test_a_log_without_a_start_is_told(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", ["A"])
    with pytest.raises(LogError, match="no start event"):
        export(log.folder, tmp_path / "table.csv")
    assert names(tmp_path) == ["log"]
    log.close()


def test_a_policy_of_another_version_leaves_the_column_empty(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", ["A"])
    start(log)
    log.losses("A", [1.0, 0.5])
    log.event("set_clearing", run="A", clear="sometimes", step=2)
    log.close()
    finish(export(log.folder, tmp_path / "table.csv"))
    rows = (tmp_path / "table.csv").read_text().splitlines()[1:]
    assert [row.rpartition(",")[2] for row in rows] == ["true", ""]


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_writes_a_table_of_no_steps(tmp_path: Path, ending: str) -> None:
    log = make_log(tmp_path / "log", [], [])
    path = tmp_path / f"table{ending}"
    finish(export(log.folder, path))
    assert path.exists()
    assert sidecar_path(path).exists()
    if ending != ".jsonl":
        assert read_table(path).series == {}
    log.close()


def test_a_table_of_ours_holds_array_of_doubles(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("step,loss\n1,0.5\n")
    series = read_table(tmp_path / "t.csv").series["loss"]
    assert series == (array("d", [1.0]), array("d", [0.5]))


def test_what_a_killed_export_left_goes_with_the_next_and_nothing_else(tmp_path: Path) -> None:
    table = tmp_path / "losses[1].csv"
    killed = (
        "import os, pathlib, signal, sys\n"
        "from zgtui.tables.destination import Draft\n"
        "Draft(pathlib.Path(sys.argv[1])).write('half')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", killed, str(table)], check=False, timeout=60)
    (left,) = tmp_path.iterdir()
    other = tmp_path / ".losses1.csv.0123abcd.part"
    other.touch()
    with closing(Draft(table)) as first, closing(Draft(table)) as second:
        assert not left.exists()
        for draft in (first, second):
            draft.write("whole\n")
            draft.publish(overwrite=True)
    assert sorted(tmp_path.iterdir()) == [other, table]
