"""Rows read by the thousand are those read one by one, whatever stands in them."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest

from tests.support.tables import Series
from zgtui.errors import TableError
from zgtui.tables.read import TableRows

SEEDS = range(60)


def odd(draw: random.Random, cell: str) -> str:
    """What a cell may be instead."""
    return draw.choice(["", f'"{cell}"', "nan", "-inf", f" {cell} ", "1e3", "false", "TRUE"])


def lines_of(draw: random.Random) -> list[str]:
    """A table of ours, or nearly so."""
    header = draw.choice(["run,step,epoch,loss,lr,zero_grad", "step,train_loss,val_loss,lr"])
    columns = header.split(",")
    lines = [header]
    oddity = draw.choice([0.0, 0.0, 0.002, 0.02])
    period = draw.choice([0, 1, 1, 4])
    step = 0
    for row in range(draw.randrange(2, 400)):
        step += row % 2
        cells = {
            "run": "AB"[row % 2],
            "step": str(step if draw.random() >= oddity else draw.randrange(50)),
            "lr": "0.1" if row < 200 else "0.05",
            "zero_grad": "true" if period and step % period == 0 else "false",
        }
        words = [cells.get(name, repr(draw.random())) for name in columns]
        words = [word if draw.random() >= oddity else odd(draw, word) for word in words]
        lines.append("" if draw.random() < oddity else ",".join(words))
    if draw.random() < oddity:
        lines.append("1,2")
    return lines


def read(lines: list[list[str]]) -> tuple[object, ...]:
    """Everything that came of the pieces, and what went wrong."""
    rows = TableRows(Path("t.csv"), lambda: Series(array("d"), array("d")))
    said = ""
    try:
        for piece in lines:
            rows.take(piece)
        rows.check_complete()
    except TableError as error:
        said = str(error)
    curves = {
        name: (one.steps.tolist(), list(map(repr, one.losses)))
        for name, one in (rows.curves() if not said else {}).items()
    }
    courses = {run: course.changes() for run, course in rows.courses.items()}
    return curves, courses if not said else None, said


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_hold_what_single_rows_hold(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    lines = lines_of(draw)
    at = sorted(draw.choices(range(len(lines)), k=3))
    pieces = [lines[: at[0]], lines[at[0] : at[1]], lines[at[1] : at[2]], lines[at[2] :]]
    in_blocks = read(pieces)
    monkeypatch.setattr(TableRows, "_take_block", lambda *_: False)
    assert in_blocks == read(pieces)


def test_a_table_of_ours_is_read_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    row = TableRows._row
    looked_at: list[int] = []

    def count(rows: TableRows[Series], number: int, cells: list[str]) -> None:
        looked_at.append(number)
        row(rows, number, cells)

    monkeypatch.setattr(TableRows, "_row", count)
    lines = [f"{run},{step},0,0.5,0.1,true" for step in range(1, 1001) for run in "AB"]
    read([["run,step,epoch,loss,lr,zero_grad", *lines[:4]], lines[4:]])
    assert looked_at == []


def test_rows_of_numbers_alone_are_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read as JSON, whose grammar of numbers is another one."""
    cells = ["0.5", "1e3", "", "007", "+1", ".5", "5.", "-0", "1e999", "12345678901234567890"]
    lines = ["step,train_loss,val_loss"]
    lines += [f"{step},{cell},{cells[-step % 10]}" for step, cell in enumerate(cells * 3, 1)]
    plain = ["step,loss", *(f"{step},{1 / step!r}" for step in range(1, 50))]
    for one in (lines, plain, ["step,loss", "1,", "2,0.5", ",0.25"]):
        in_blocks = read([one])
        with monkeypatch.context() as patched:
            patched.setattr(TableRows, "_take_block", lambda *_: False)
            assert in_blocks == read([one])
