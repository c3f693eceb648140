"""The program in a real terminal, from the first frame to the last."""

from __future__ import annotations

import json
import math
import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.left import is_restored, logged, rows_of
from tests.support.processes import mentioning
from tests.support.terminal import LEAVE_ALTERNATE, Terminal
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.terminal

BRAILLE = range(0x2801, 0x2900)


def has_curve(text: str) -> bool:
    return any(ord(sign) in BRAILLE for sign in text)


def both_charts(lines: list[str]) -> bool:
    """Whether a curve is drawn in the left and in the right half."""
    return any(has_curve(line[:40]) for line in lines) and any(
        has_curve(line[40:]) for line in lines
    )


def no_process_left(terminal: Terminal) -> None:
    until(lambda: not mentioning(str(terminal.state)), "the end of the worker")


def test_a_session_from_first_frame_to_exported_table(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "--steps", "unlimited", "--speed", "50")) as terminal:
        terminal.until(lambda _: b"importing PyTorch" in terminal.output, "the first frame")
        terminal.until(both_charts, "two charts")
        terminal.shows("zero_grad() never")
        assert mentioning(str(terminal.state)), "it is there to be found while it trains"
        terminal.type("z")
        terminal.until(lambda lines: "zero_grad() never" not in "".join(lines), "B clears")
        terminal.type("+")
        terminal.shows("lr 0.1259")
        count = min(logged(terminal))
        terminal.until(lambda _: min(logged(terminal)) > count + 5, "five more steps")
        terminal.type("e")
        terminal.shows("export the loss table")
        terminal.type("\r")
        terminal.shows("steps of both runs to")
        terminal.type("q")
        assert terminal.ended() == 0
        assert is_restored(terminal)
        no_process_left(terminal)

    table = rows_of(tmp_path / "losses.csv")
    a, b = ([row for row in table if row["run"] == run] for run in "AB")
    assert len(table) == len(a) + len(b)
    assert len(a) == len(b) > count
    assert [int(row["step"]) for row in a] == list(range(1, len(a) + 1))
    assert [row["step"] for row in b] == [row["step"] for row in a]
    assert [row["loss"] for row in a[:2]] == [row["loss"] for row in b[:2]]
    assert all(math.isfinite(float(row["loss"])) for row in table)
    assert {row["zero_grad"] for row in a} == {"true"}
    changes = json.loads((tmp_path / "losses.json").read_text(encoding="utf-8"))["changes"]
    switched = next(c["step"] for c in changes if c["event"] == "set_clearing")
    raised = {c["run"]: c["step"] for c in changes if c["event"] == "set_lr"}
    for row in b:
        assert row["zero_grad"] == ("true" if int(row["step"]) >= switched else "false")
    for row in table:
        assert row["lr"] == ("0.1259" if int(row["step"]) >= raised[row["run"]] else "0.1")
    assert 1 < switched <= raised["A"] <= len(a)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(number: signal.Signals, tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "--steps", "unlimited")) as terminal:
        terminal.until(both_charts, "two charts")
        terminal.send(number)
        assert terminal.ended() == 128 + number
        assert is_restored(terminal)
        assert b"Traceback" not in terminal.output
        no_process_left(terminal)
        assert min(logged(terminal)) > 0


@pytest.mark.parametrize("controlling", [True, False], ids=["sighup", "no signal"])
def test_closing_the_window_ends_training_too(tmp_path: Path, *, controlling: bool) -> None:
    with closing(Terminal(tmp_path, "--steps", "unlimited", controlling=controlling)) as terminal:
        terminal.until(both_charts, "two charts")
        terminal.hang_up()
        assert terminal.ended() == 128 + signal.SIGHUP
        no_process_left(terminal)
        assert min(logged(terminal)) > 0


def test_a_terminal_that_stands_still_is_no_reason_to_live_on(tmp_path: Path) -> None:
    options = ("--steps", "unlimited", "--speed", "50", "--fps", "60")
    with closing(Terminal(tmp_path, *options, columns=160, rows=50)) as terminal:
        terminal.until(both_charts, "two charts")
        # Nobody reads any more: output piles up until the app waits for the terminal.
        frozen_at = min(logged(terminal))
        until(lambda: min(logged(terminal)) >= frozen_at + 200, "200 more losses")
        terminal.send(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE) == 128 + signal.SIGTERM
        assert terminal.modes == terminal.modes_before
        no_process_left(terminal)


def test_killing_the_app_leaves_a_readable_log_and_no_process(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "--steps", "unlimited", "--speed", "unlimited")) as terminal:
        terminal.until(both_charts, "two charts")
        terminal.until(lambda _: min(logged(terminal)) > 100, "a hundred steps")
        terminal.process.kill()
        assert terminal.ended() == 128 + signal.SIGKILL
        no_process_left(terminal)
        assert min(logged(terminal)) > 100
    (start,) = tmp_path.glob("state/sessions/*/1/events.jsonl")
    assert json.loads(start.read_text(encoding="utf-8").splitlines()[0])["event"] == "start"


def test_an_absent_device_is_told_in_a_sentence_after_the_screen_is_left(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "--device", "cuda:99")) as terminal:
        assert terminal.ended() == 2
        assert is_restored(terminal)
        said = terminal.output.rpartition(LEAVE_ALTERNATE)[2].decode()
        assert "device 'cuda:99' is not on this machine; available: auto, " in said
        assert "Traceback" not in said
        no_process_left(terminal)


def test_a_terminal_of_20_by_5_runs_and_quits(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, columns=20, rows=5)) as terminal:
        terminal.until(lambda lines: "loss" in "".join(lines), "a loss")
        terminal.until(lambda _: logged(terminal) == [20, 20], "the end of training")
        terminal.type("q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.output
        assert is_restored(terminal)
        no_process_left(terminal)


def test_a_table_that_was_asked_for_grows_while_training_and_is_complete(tmp_path: Path) -> None:
    table = tmp_path / "kept.csv"
    with closing(Terminal(tmp_path, "--steps", "unlimited", "--out", str(table))) as terminal:
        terminal.until(both_charts, "two charts")

        def rows() -> int:
            return len(table.read_text(encoding="utf-8").splitlines()) - 1 if table.exists() else 0

        terminal.until(lambda _: rows() > 0, "rows")
        before = rows()
        terminal.until(lambda _: rows() > before, "more rows")
        terminal.type("q")
        assert terminal.ended() == 0
        no_process_left(terminal)
        written = rows_of(table)
        counts = [sum(row["run"] == run for row in written) for run in "AB"]
        assert counts == logged(terminal)
        assert counts[0] == counts[1]
