"""``zgtui view`` where there is no terminal, and what it says of bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tables import tidy_table
from zgtui.cli import view
from zgtui.cli.main import main
from zgtui.curves.recordings.recording import Recording
from zgtui.runlog.events import Started
from zgtui.runlog.log import LogWriter
from zgtui.tui import start


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["view", *words]) == 0
    return capsys.readouterr().out


def test_each_run_is_told_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, str(tidy_table(tmp_path / "t.csv", 40)))
    first, second, verdict = text.split("\n\n")
    assert verdict.startswith("A ended ahead (loss 0.0")
    assert first.startswith("A  zero_grad() every step\n")
    assert "40 steps up to 40, first 1, last 0.025, best 0.025 at step 40, lr 0.1" in first
    assert second.startswith("B  zero_grad() never\n")
    assert "last 3, best 1 at step 1" in second
    for part in (first, second):
        assert any("⠀" < cell <= "⣿" for cell in part)
        assert max(map(len, part.splitlines())) <= 80


def test_ascii_alone_is_printed_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "--ascii", str(tidy_table(tmp_path / "t.csv", 9))).isascii()


def test_several_files_share_a_chart_with_a_legend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.csv").write_text("epoch,val_loss\n0,2.0\n1,1.0\n")
    text = printed(capsys, str(tmp_path / "x.csv"), str(tmp_path / "y.csv"))
    assert "⠒⠒ x.csv: 2 epochs up to 1" in text
    assert "▀▀ y.csv: 2 epochs up to 1" in text
    assert text.startswith("val_loss\n")


def test_rows_are_counted_without_a_step_column_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps, none = tmp_path / "steps.csv", tmp_path / "none.csv"
    steps.write_text("Step,val_loss\n1,2.0\n2,1.0\n")
    none.write_text("val_loss,lr\n2.0,1\n1.0,1\n")
    text = printed(capsys, str(none))
    assert "2 rows up to 2, first 2, last 1, best 1 at row 2" in text
    assert text.endswith("\n\nNo step column: rows are counted.\n")
    both = printed(capsys, str(none), str(steps))
    assert both.endswith("\n\nNo step column in none.csv: rows are counted.\n")
    assert "rows are counted" not in printed(capsys, str(steps))


def test_one_step_is_told_in_the_singular(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("epoch,loss\n1,2\n")
    assert "  1 epoch up to 1, first 2" in printed(capsys, str(tmp_path / "t.csv"))


def test_a_diverged_run_is_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("step,loss\n1,1\n2,5\n3,inf\n4,nan\n")
    text = printed(capsys, str(tmp_path / "t.csv"), "--log")
    assert "last nan, best 1 at step 1, diverged at step 3" in text


def test_many_columns_share_one_chart_and_series_chooses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"loss{at}" for at in range(9)]
    rows = "".join(f"{i},{','.join(str(i + at) for at in range(9))}\n" for i in range(1, 5))
    (tmp_path / "t.csv").write_text(f"step,{','.join(names)}\n{rows}")
    assert "6 of 9 curves (--series chooses others)" in printed(capsys, str(tmp_path / "t.csv"))
    chosen = printed(capsys, str(tmp_path / "t.csv"), "--series", "loss8, loss7")
    assert [line for line in chosen.splitlines() if line in names] == ["loss7", "loss8"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nope.csv"], "there is no file"),
        (["folder"], "not a run log"),
        (["empty.csv"], "is empty"),
        (["binary.csv"], "is not a text file"),
        (["letter.csv"], "letter.csv has no column of numbers"),
        (["good.csv", "--follow"], "--follow needs a terminal"),
        (["good.csv", "--ascii", "--marker", "hd"], "cannot be combined with another --marker"),
        (["good.csv", "--series", "C"], "no curve is called 'C'"),
        (["good.csv", "--series", ","], "the name of a curve is missing"),
    ],
)
def test_bad_input_is_told_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    (tmp_path / "letter.csv").write_text("Dear reader,\n\nyours,\n")
    tidy_table(tmp_path / "good.csv", 3)
    assert main(["view", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["good.csv"], ""),
        (["header.csv", "--follow"], ""),
        (["good.csv", "--follow", "--series", "later"], ""),
        (["long.csv", "--series", "later"], ""),
        (["header.csv"], "holds no losses yet"),
        (["good.csv", "--series", "later"], "no curve is called 'later'"),
    ],
)
def test_a_screen_is_opened_for_what_can_be_shown_or_may_still_come(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    opened: list[list[Recording]] = []

    def start_view(recordings: list[Recording], *_: object) -> int:
        opened.append(recordings)
        return 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(view, "no_terminal", lambda **_: "")
    monkeypatch.setattr(start, "start_view", start_view)
    tidy_table(tmp_path / "good.csv", 3)
    (tmp_path / "header.csv").write_text("step,loss\n")
    (tmp_path / "long.csv").write_text("step,loss\n" + "".join(f"{n},1\n" for n in range(50_000)))
    assert main(["view", *words]) == (2 if sentence else 0)
    assert sentence in capsys.readouterr().err
    shown = [recording.path.name for several in opened for recording in several]
    assert shown == ([] if sentence else [words[0]])


def test_without_a_name_it_is_the_log_that_was_begun_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path))
    assert main(["view"]) == 2
    assert "there is no log in" in capsys.readouterr().err
    for name, losses in (("20260102-000000-1-001", [1.0, 2.0]), ("20260101-000000-1-001", [3.0])):
        log = LogWriter(tmp_path / "sessions" / name / "1", ["A"])
        log.write(Started())
        log.losses("A", losses)
        log.close()
    assert "2 steps up to 2, first 1, last 2" in printed(capsys)


def test_neither_torch_nor_textual_is_needed(tmp_path: Path) -> None:
    table = tidy_table(tmp_path / "t.csv", 9)
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from zgtui.cli.main import main\n"
        f"code = main({json.dumps(['view', str(table)])})\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'textual']\n"
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "A  zero_grad() every step" in done.stdout
