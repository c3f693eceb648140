"""Tables of other programs, and files that are no tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tables import Table, read_table
from zgtui.errors import TableError
from zgtui.tables.lines import LONGEST_LINE


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


STEP_NAMES = {
    "Step": "Step",
    "GLOBAL_STEP": "GLOBAL_STEP",
    "Global Step": "Global Step",
    "global-step": "global-step",
    "trainer/global_step": "global_step",
    "_step": "step",
    "Steps": "step",
    "iter": "iter",
    "Iter": "Iter",
    "iteration": "iteration",
    "Iterations": "iteration",
    "epochs": "epoch",
    "batch": "step",
    "Batches": "step",
    "n": "step",
    "# step": "step",
    "index": "step",
}


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("count", [1, 30_000])
def test_decimal_commas_are_read_where_commas_separate_no_cells(
    tmp_path: Path, delimiter: str, count: int
) -> None:
    rows = [f"{at};0,{at}5;-1,5e-3;x,{at}" for at in range(count)] + ['7;"0,5";2;"a, b"', "8;;,5;"]
    text = "\n".join(["step;loss;val_loss;note", *rows]).replace(";", delimiter)
    table = lists(read(tmp_path, text))
    steps: list[float] = list(range(count))
    losses = [float(f"0.{at}5") for at in steps]
    assert table["loss"] == ([*steps, 7], [*losses, 0.5])
    assert table["val_loss"] == ([*steps, 7, 8], [-1.5e-3] * count + [2, 0.5])


@pytest.mark.parametrize("count", [1, 30_000])
def test_a_comma_beside_decimal_points_is_no_decimal_comma(tmp_path: Path, count: int) -> None:
    rows = "".join(f"{at};0.5\n" for at in range(1, count + 1))
    with pytest.raises(TableError, match="'1,000' is not a number"):
        read(tmp_path, f"step;loss\n{rows}1,000;0.25\n")
    with pytest.raises(TableError, match="'1,000' is not a number"):
        read(tmp_path, f"step;loss\n1,000;0.25\n{rows}")


def test_a_table_of_a_western_european_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("Epoch;Verlust für B – 5 €\r\n1;0,5\r\n2;0,4\r\n".encode("cp1252"))
    assert lists(read_table(path)) == {"Verlust für B – 5 €": ([1, 2], [0.5, 0.4])}


def test_the_names_of_runs_keep_their_commas(tmp_path: Path) -> None:
    text = "run;step;loss\n" + "".join(f"a, {at % 2};{at};0,5\n" for at in range(99))
    assert list(lists(read(tmp_path, text))) == ["a, 0", "a, 1"]


@pytest.mark.parametrize("column", STEP_NAMES)
def test_a_column_of_steps_has_many_names(tmp_path: Path, column: str) -> None:
    table = read(tmp_path, f"{column},loss\n10,0.5\n20,0.25\n")
    assert lists(table) == {"loss": ([10, 20], [0.5, 0.25])}
    assert table.axis == STEP_NAMES[column]


@pytest.mark.parametrize("counter", ["batch", "iter", "n", "steps"])
def test_what_may_begin_anew_with_each_epoch_counts_no_steps_beside_epochs(
    tmp_path: Path, counter: str
) -> None:
    table = read(tmp_path, f"{counter},epoch,loss\n1,1,4\n2,1,3\n1,2,2\n2,2,1\n")
    assert table.axis == "epoch"
    assert lists(table) == {"loss": ([1, 1, 2, 2], [4, 3, 2, 1])}


def test_without_a_step_column_rows_are_counted(tmp_path: Path) -> None:
    table = read(tmp_path, "time,loss,lr\n5,4,1\n6,,1\n7,2,1\n")
    assert (table.axis, lists(table)) == ("row", {"loss": ([1, 3], [4, 2])})
    assert lists(read(tmp_path, "loss\n4\n3\n")) == {"loss": ([1, 2], [4, 3])}
    assert lists(read(tmp_path, ",acc\n0,4\n1,3\n")) == {"acc": ([1, 2], [4, 3])}, "of pandas"


def test_rows_are_counted_through_a_long_table(tmp_path: Path) -> None:
    rows = "".join(f"{at},note {at}\n" for at in range(50_000))
    quoted = '7,"a ""note"""\n'
    (steps, losses) = lists(read(tmp_path, f"loss,text\n{rows}{quoted}{rows}"))["loss"]
    assert steps == list(range(1, 100_002))
    assert losses == [*range(50_000), 7, *range(50_000)]


@pytest.mark.parametrize("count", [3, 40_000])
def test_the_rows_of_each_run_are_counted(tmp_path: Path, count: int) -> None:
    rows = "".join(f"a,{at}\nb,{-at}\n" for at in range(count)) + "a,5\n"
    table = lists(read(tmp_path, f"run,loss\n{rows}"))
    assert table["a"] == ([*range(1, count + 2)], [*range(count), 5])
    assert table["b"] == ([*range(1, count + 1)], [-at for at in range(count)])


@pytest.mark.parametrize("count", [2, 500])
def test_json_lines_without_steps_are_counted(tmp_path: Path, count: int) -> None:
    rows = "".join(f'{{"loss": {at}}}\n' for at in range(count))
    text = f'{{"note": "x"}}\n\n{rows}{{"acc": 1, "loss": 7}}\n'
    table = read(tmp_path, text, "t.jsonl")
    expected = ([*range(2, count + 3)], [*range(count), 7])
    assert (table.axis, lists(table)) == ("row", {"loss": expected})


def test_records_before_the_first_step_are_left_out_however_many_they_are(tmp_path: Path) -> None:
    text = '{"loss": 1}\n' * 500 + '{"step": 3, "loss": 0.5}\n'
    table = read(tmp_path, text, "t.jsonl")
    assert (table.axis, lists(table)) == ("step", {"loss": ([3], [0.5])})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("name,city\nAda,London\n", "has no column of numbers$"),
        ("1,0.5\n2,0.25\n", "has no line of column names: it begins with numbers"),
        ("Dear reader,\nthis is no table, it is\na, letter, really\n", "is not a table, line 3"),
        ("just a line\nand another\n", "has no column of numbers$"),
        ("step\n1\n", "no column of numbers"),
        ("step,name\n1,x\n", "no column of numbers"),
        ("step,loss\n1,0.5\n2,oops\n", "line 3, column 'loss': 'oops' is not a number"),
        ("step,value\n1,0.5\n2,oops\n", "line 3, column 'value': 'oops' is not a number"),
        ("step,loss\nx,0.5\n", "line 2, column 'step': 'x' is not a number"),
        ("step,loss\n1,0.5\n2\n", "line 3: 1 cell, but the header has 2"),
        ("step,loss\n1,0.5\0\n", "is not a text file"),
        ('step,loss\n1,"0.5\n' + "2,0.5\n" * 2000, "line 2: a quote is not closed"),
        (f'step,loss\n1,"{"0" * 200_000}"\n', "line 2: field larger than field limit"),
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


@pytest.mark.parametrize(
    "junk",
    [
        bytes(range(256)) * 40,
        b"step,loss\n1,0.5 \x81\n",
        b"step,loss\n1,0.5 \xe9\x1b\n",
        b"x" * (2 * LONGEST_LINE),
    ],
)
def test_binary_junk_is_no_table(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(junk)
    with pytest.raises(TableError, match="is not a text file"):
        read_table(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "nope.csv")
    with pytest.raises(TableError, match="cannot read"):
        read_table(tmp_path)
