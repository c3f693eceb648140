"""``zgtui map`` where there is no terminal, its files, and what it says of wrong use."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from zgtui.cli.main import main


def test_the_map_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, picture = tmp_path / "map.csv", tmp_path / "map.png"
    assert main(["map", "--out", str(table), "--png", str(picture)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("article: SGD, lr·λ from 0 to 5 by")
    assert lines[1] == "λ is 12; each cell was trained for 2,000 steps"
    assert lines[3] == " never |" + "o" * 48 + "#" * 12
    assert lines[22] == " every |" + "." * 24 + "#" * 36
    assert lines[-1] == "training and theory agree in all 1,200 cells"
    assert max(map(len, lines)) <= 80
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 1200
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_ascii_alone_is_printed_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["map", "--ascii", "--over", "momentum", "--clear", "every"]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert "?" not in out
    assert "\nlambda is 12; each cell" in out
    assert out.startswith("article: SGD, zero_grad() every step, lr*lambda from 0 to 5 by momentum")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--over", "lr"], "clearing, momentum or weight-decay, not 'lr'"),
        (["--clear", "often"], "a clearing policy is"),
        (["--out", "map.xls"], "has no known table format"),
        (["--png", "map.csv"], "has no known picture format"),
        (["--experiment", "moons"], "linear model under MSE loss"),
    ],
)
def test_wrong_use_ends_in_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["map", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
