"""Tables, logs and the runs of other tools, written as tables in another format."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.other_tools import write_events
from tests.support.tables import tidy_table
from zgtui.cli.main import main
from zgtui.curves.recordings.opening import read_whole
from zgtui.outputs.autosave import TableKeeper
from zgtui.runlog.log import LogWriter


def cells(path: Path) -> dict[str, list[Any]]:
    """The columns of a Parquet file, as others read them."""
    from pyarrow.parquet import read_table  # noqa: PLC0415 - slow to import

    columns: dict[str, list[Any]] = read_table(path).to_pydict()
    return columns


def view(*words: object) -> int:
    return main(["view", *map(str, words)])


def test_a_table_becomes_parquet_and_a_table_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tidy_table(tmp_path / "t.csv", 3000)
    target, again = tmp_path / "t.parquet", tmp_path / "again.csv"
    assert view(source, "--out", target) == 0
    assert capsys.readouterr().out == f"wrote {target}\n"
    columns = cells(target)
    assert columns["run"] == ["A"] * 3000 + ["B"] * 3000
    assert columns["step"][:2] == [1, 2]
    assert columns["zero_grad"][0] is True
    assert view(target, "--out", again) == 0
    assert again.read_text() == source.read_text()


def test_a_column_that_holds_several_kinds_of_cells_is_one_that_fits_all(tmp_path: Path) -> None:
    source, target = tmp_path / "t.csv", tmp_path / "t.parquet"
    source.write_text("step,loss,note\n1,2,7\n2,0.5,\n3,inf,x\n")
    assert view(source, "--out", target) == 0
    assert cells(target) == {
        "step": [1, 2, 3],
        "loss": [2.0, 0.5, math.inf],
        "note": ["7", None, "x"],
    }


def test_json_lines_keep_the_names_that_come_late(tmp_path: Path) -> None:
    source, target = tmp_path / "t.jsonl", tmp_path / "t.csv"
    source.write_text('{"step":1,"loss":0.5}\n{"step":2,"acc":1}\n')
    assert view(source, "--out", target) == 0
    assert target.read_text() == "step,loss,acc\n1,0.5,\n2,,1\n"


def test_event_files_become_a_table_with_a_row_for_each_step_of_each_run(tmp_path: Path) -> None:
    for run, loss in (("a", 0.5), ("b", 0.25)):
        scalars = [(1, {"loss": loss, "acc": 1.0}), (2, {"val_loss": loss})]
        write_events(tmp_path / "runs" / run, scalars)
    target = tmp_path / "t.csv"
    assert view(tmp_path / "runs", "--out", target) == 0
    assert target.read_text() == (
        "run,step,loss,val_loss\na,1,0.5,\na,2,,0.5\nb,1,0.25,\nb,2,,0.25\n"
    )
    words = ("--runs", "b", "--series", "acc", "--overwrite")
    assert view(tmp_path / "runs", "--out", target, *words) == 0
    assert target.read_text() == "step,acc\n1,1.0\n"


def test_a_log_that_is_kept_as_parquet_is_written_at_the_end(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", ["A", "B"])
    settings = {"a": {"clear": "every", "lr": 0.1}, "b": {"clear": "never", "lr": 0.1}}
    log.event("start", settings=settings, steps_per_epoch=1)
    log.losses("A", [1.0, 0.5])
    log.losses("B", [1.0, 2.0])
    target = tmp_path / "t.parquet"
    keeper = TableKeeper(target, overwrite=False)
    keeper.follow(str(tmp_path / "log"))
    assert not target.exists()
    log.losses("A", [0.25])
    log.close()
    keeper.close()
    assert cells(target)["loss"] == [1.0, 0.5, 0.25, 1.0, 2.0]
    tracks = read_whole(target).tracks
    assert [track.trace.count for track in tracks.values()] == [3, 2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--out", "t.xlsx"], "no known table format: end it in .csv,.*.parquet"),
        (["--out", "t.csv"], "t.csv already exists"),
        (["--out", "u.csv", "--follow"], "--follow cannot be combined with --out"),
        (["--out", "u.csv", "--series", "nope"], "none of the curves asked for"),
    ],
)
def test_what_cannot_be_written_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    tidy_table(tmp_path / "t.csv", 3)
    assert view("t.csv", *words) == 2
    said = capsys.readouterr().err
    assert re.search(sentence, said), said
    assert not (tmp_path / "u.csv").exists()


def test_without_pyarrow_a_sentence_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("zgtui.errors.find_spec", lambda _name: None)
    source = tidy_table(tmp_path / "t.csv", 3)
    assert view(source, "--out", tmp_path / "t.parquet") == 2
    assert "pip install 'zgtui[parquet]'" in capsys.readouterr().err
