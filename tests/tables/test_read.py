"""Tables of other programs, and files that are no tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tables import Table, read_table
from zgtui.errors import TableError


def read(tmp_path: Path, text: str, name: str = "table.csv") -> Table:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_table(path)


def lists(table: Table) -> dict[str, tuple[list[float], list[float]]]:
    return {name: (one.steps.tolist(), one.losses.tolist()) for name, one in table.series.items()}


def test_a_log_with_gaps_gives_a_curve_per_loss_column(tmp_path: Path) -> None:
    text = "epoch,step,train_loss,val_loss,note\n0,10,0.9,,warm-up\n0,20,,0.8,\n1,30,0.5,,x\n"
    table = read(tmp_path, text)
    assert table.axis == "step"
    assert lists(table) == {"train_loss": ([10, 30], [0.9, 0.5]), "val_loss": ([20], [0.8])}


def test_without_a_loss_column_every_column_of_numbers_is_a_curve(tmp_path: Path) -> None:
    table = read(tmp_path, "Wall time,Step,Value,Tag\n1.5,1,0.25,a\n2.5,2,inf,b\n")
    assert lists(table) == {"Value": ([1, 2], [0.25, float("inf")])}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str, name: str) -> None:
    text = "epoch,loss\n1,0.5\n2,0.25".replace(",", delimiter)
    assert lists(read(tmp_path, text, name)) == {"loss": ([1, 2], [0.5, 0.25])}


def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    text = '\ufeff"step","loss"\r\n"1","0.5"\r\n\r\n'
    assert lists(read(tmp_path, text)) == {"loss": ([1], [0.5])}


def test_several_columns_of_several_runs_are_named_by_both(tmp_path: Path) -> None:
    text = "run,step,train_loss,val_loss\nx,1,1,2\ny,1,3,4\n"
    assert list(lists(read(tmp_path, text))) == [
        "x train_loss",
        "x val_loss",
        "y train_loss",
        "y val_loss",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("time,loss\n1,2\n", "no column that counts steps.*it has time, loss"),
        ("step\n1\n", "no column of numbers"),
        ("step,name\n1,x\n", "no column of numbers"),
        ("step,loss\n1,0.5\n2,oops\n", "line 3, column 'loss': 'oops' is not a number"),
        ("step,value\n1,0.5\n2,oops\n", "line 3, column 'value': 'oops' is not a number"),
        ("step,loss\nx,0.5\n", "line 2, column 'step': 'x' is not a number"),
        ("step,loss\n1,0.5\n2\n", "line 3: 1 cell, but the header has 2"),
        ("step,loss\n1,0.5\0\n", "is not a text file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"step":1,"loss":0.5}\n{"step":', "line 2: not JSON"),
        ("[1,2]\n", "line 1: not a JSON object"),
        ('{"step":1,"loss":[1]}\n', "line 1, column 'loss'"),
        ("[" * 100_000 + "\n", "line 1: not JSON .it is nested too deeply"),
        ('{"step":1,"loss":' + "[" * 900 + "]" * 900 + "}\n", "line 1, column 'loss'"),
    ],
)
def test_what_is_wrong_in_json_lines_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        read(tmp_path, text, "table.jsonl")


def test_binary_junk_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(TableError, match="is not a text file"):
        read_table(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "nope.csv")
    with pytest.raises(TableError, match="cannot read"):
        read_table(tmp_path)
