"""The table that grows beside training."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import signal
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

from tests.support.tables import read_table
from zgtui.config.settings import Settings
from zgtui.errors import TableError
from zgtui.runlog.events import SeriesFound
from zgtui.runlog.log import LogWriter, losses_path
from zgtui.tables.export import export
from zgtui.tables.formats import FORMATS
from zgtui.tables.streaming import StreamingTable, TableAtTheEnd


@pytest.fixture
def log(tmp_path: Path) -> LogWriter:
    log = LogWriter(tmp_path / "log", ["A", "B"])
    log.event("start", settings=Settings().to_dict(), torch="2.13.0", steps_per_epoch=1)
    return log


def table_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_header_and_sidecar_are_there_before_the_first_step(
    tmp_path: Path, log: LogWriter
) -> None:
    table = StreamingTable(log.folder, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "run,step,epoch,loss,lr,zero_grad,grad_norm\n"
    assert json.loads((tmp_path / "t.json").read_text())["seed"] == 42
    table.close()


def test_rows_come_an_update_later_with_samples_and_changes_that_came_late(
    tmp_path: Path, log: LogWriter
) -> None:
    path = tmp_path / "t.csv"
    table = StreamingTable(log.folder, path)
    log.losses("A", [3.0, 2.0])
    log.losses("B", [3.0])
    assert table.update() == 0
    log.event("set_lr", run="A", lr=0.5, step=2)
    log.event("sample", run="A", step=1, grad_norm=0.25)
    log.losses("A", [1.0])
    assert table.update() == 3
    assert [(row["run"], row["step"], row["lr"], row["grad_norm"]) for row in table_rows(path)] == [
        ("A", "1", "", "0.25"),
        ("A", "2", "0.5", ""),
        ("B", "1", "", ""),
    ]
    assert table.update() == 1
    assert table.update() == 0
    log.losses("B", [math.nan])
    table.close()
    assert table.rows == 5
    assert table_rows(path)[-1]["loss"] == "nan"
    table.close()


def test_the_sidecar_follows_every_change(tmp_path: Path, log: LogWriter) -> None:
    table = StreamingTable(log.folder, tmp_path / "t.csv")
    log.losses("A", [1.0] * 5)
    log.event("set_lr", run="B", lr=0.5, step=4)
    table.update()
    sidecar = json.loads((tmp_path / "t.json").read_text())
    assert sidecar["changes"] == [{"event": "set_lr", "run": "B", "lr": 0.5, "step": 4}]
    log.losses("A", [1.0] * 5)
    table.close()
    assert json.loads((tmp_path / "t.json").read_text())["steps"] == {"A": 10, "B": 0}


def test_a_wide_row_waits_for_both_runs_until_the_end(tmp_path: Path, log: LogWriter) -> None:
    path = tmp_path / "t.csv"
    table = StreamingTable(log.folder, path, wide=True)
    log.losses("A", [3.0, 2.0, 1.0])
    log.losses("B", [4.0])
    table.update()
    table.update()
    assert path.read_text() == "step,epoch,loss_a,loss_b\n1,1,3.0,4.0\n"
    log.losses("B", [5.0])
    table.close()
    assert path.read_text().splitlines()[2:] == ["2,2,2.0,5.0", "3,3,1.0,"]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("ending", FORMATS)
def test_grown_or_exported_the_table_holds_the_same_rows(
    tmp_path: Path, log: LogWriter, ending: str, *, wide: bool
) -> None:
    table = StreamingTable(log.folder, tmp_path / f"grown{ending}", wide=wide)
    for at in range(0, 9000, 3000):
        log.event("sample", run="B", step=at + 5, grad_norm=1.5)
        log.losses("A", [step / 7 for step in range(at, at + 3000)])
        log.losses("B", [step / 3 for step in range(at, at + 3000)])
        table.update()
    table.close()
    for _ in export(log.folder, tmp_path / f"exported{ending}", wide=wide):
        pass
    grown = (tmp_path / f"grown{ending}").read_text().splitlines()
    exported = (tmp_path / f"exported{ending}").read_text().splitlines()
    assert len(grown) >= 9000
    assert sorted(grown) == sorted(exported)
    assert read_table(tmp_path / f"grown{ending}") == read_table(tmp_path / f"exported{ending}")


def test_a_full_disk_leaves_whole_rows_and_nothing_is_lost(
    tmp_path: Path, log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    table = StreamingTable(log.folder, path)
    log.losses("A", [1 / 3] * 100)
    table.update()
    real = os.write
    room = [1000]

    def full(descriptor: int, data: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(descriptor, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", full)
    for _ in range(2):
        with pytest.raises(TableError, match="no space left"):
            table.update()
        assert path.read_text() == "run,step,epoch,loss,lr,zero_grad,grad_norm\n"
    monkeypatch.undo()
    log.losses("A", [2 / 3])
    table.close()
    assert read_table(path).series["A"].losses.tolist() == [1 / 3] * 100 + [2 / 3]
    assert table.rows == 101


def found(log: LogWriter, *, line: int, steps: list[int], losses: list[float]) -> None:
    """Line ``line`` of a script calls ``backward()``, in these ``steps`` of run A."""
    name = f"A.{line}"
    log.write(SeriesFound("A", name, "/x/gan.py", line, "train", 1))
    log.series_steps(name, steps)
    losses_path(log.folder, name).write_bytes(array("d", losses).tobytes())


@pytest.mark.parametrize(("wide", "column"), [(False, "loss"), (True, "loss_a")])
def test_a_second_line_that_calls_backward_begins_the_table_anew_with_its_column(
    tmp_path: Path, log: LogWriter, column: str, *, wide: bool
) -> None:
    path, again = tmp_path / "t.csv", tmp_path / "at the end.csv"
    table, late = (StreamingTable(log.folder, one, wide=wide) for one in (path, again))
    log.losses("A", [3.0, 2.0])
    log.losses("B", [3.0, 2.0])
    found(log, line=7, steps=[1], losses=[3.0])
    for _ in range(2):
        table.update()
    assert "gan.py" not in path.read_text(), "one line alone has the loss of the run"
    found(log, line=9, steps=[2], losses=[2.0])
    for _ in range(2):
        table.update()
    lines = [f"{column} gan.py:{line}" for line in (7, 9)]
    assert [[row[line] for line in lines] for row in table_rows(path)][:2] == [
        ["3.0", ""],
        ["", "2.0"],
    ]
    for one in (table, late):
        one.close()
    assert path.read_text() == again.read_text(), "also where it was seen only at the end"
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_while_the_table_begins_anew_keeps_the_old_one(
    tmp_path: Path, log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    table = StreamingTable(log.folder, path)
    log.losses("A", [3.0])
    for _ in range(2):
        table.update()
    before = path.read_text()
    found(log, line=7, steps=[1], losses=[3.0])
    found(log, line=9, steps=[2], losses=[2.0])
    table.update()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(TableError, match="no space left"):
            table.update()
    assert path.read_text() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["log", "t.csv", "t.json"]
    log.losses("A", [2.0])
    table.close()
    rows = [(row["loss"], row["loss gan.py:7"]) for row in table_rows(path)]
    assert rows == [("3.0", "3.0"), ("2.0", "")]


def test_a_table_that_cannot_be_begun_leaves_nothing_behind(
    tmp_path: Path, log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(TableError, match="no space left"):
        StreamingTable(log.folder, tmp_path / "t.csv")
    monkeypatch.undo()
    assert [one.name for one in tmp_path.iterdir()] == ["log"]


def test_the_columns_of_diagnostics_can_be_chosen(tmp_path: Path, log: LogWriter) -> None:
    table = StreamingTable(log.folder, tmp_path / "t.csv", diagnostics=["sharpness"])
    log.losses("A", [3.0])
    log.event("sample", run="A", step=1, grad_norm=0.25, sharpness=0.5)
    table.close()
    (row,) = table_rows(tmp_path / "t.csv")
    assert (row["sharpness"], "grad_norm" in row) == ("0.5", False)


def test_a_table_that_cannot_grow_is_written_once_at_the_end(
    tmp_path: Path, log: LogWriter
) -> None:
    from pyarrow import parquet  # noqa: PLC0415 - slow to import

    path = tmp_path / "t.parquet"
    table = TableAtTheEnd(log.folder, path)
    log.losses("A", [1 / 3] * 20_000)
    assert table.update() == 0
    assert not path.exists()
    table.close()
    assert parquet.read_table(path).column("loss").to_pylist() == [1 / 3] * 20_000
    before = path.stat().st_mtime_ns
    table.close()
    assert path.stat().st_mtime_ns == before


GROWER = """
import sys
from array import array
from pathlib import Path
from zgtui.runlog.events import SeriesFound
from zgtui.runlog.log import LogWriter, losses_path
from zgtui.tables.streaming import StreamingTable, TableAtTheEnd
folder, path = map(Path, sys.argv[1:])
log = LogWriter(folder, ["A", "B"])
table = StreamingTable(folder, path)
while True:
    log.losses("A", [1 / 3] * 500)
    print(table.update(), flush=True)
"""


def test_a_table_killed_midway_ends_with_a_whole_row(tmp_path: Path, log: LogWriter) -> None:
    path = tmp_path / "t.csv"
    with subprocess.Popen(
        [sys.executable, "-c", GROWER, str(log.folder), str(path)],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        confirmed = sum(int(child.stdout.readline()) for _ in range(20))
        child.send_signal(signal.SIGKILL)
    assert path.read_text().endswith("\n")
    losses = read_table(path).series["A"].losses
    assert len(losses) >= confirmed == 19 * 500
    assert set(losses) == {1 / 3}


@pytest.mark.parametrize("taken", ["t.csv", "t.json"])
def test_no_file_is_replaced_unasked(tmp_path: Path, log: LogWriter, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(TableError, match="already exists"):
        StreamingTable(log.folder, tmp_path / "t.csv")
    assert (tmp_path / taken).read_text() == "mine"
    table = StreamingTable(log.folder, tmp_path / "t.csv", overwrite=True)
    table.close()
    assert read_table(tmp_path / "t.csv").series == {}
