"""The plain lines of `zgtui train`, in the article's form, whatever comes from the log when."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path

import pytest

from tests.outputs.headless.beginning import started
from zgtui.charts.words import run_labels
from zgtui.config.settings import EVERY, NEVER, RUNS, Clearing, RunSettings, Settings
from zgtui.outputs.headless.progress import LineReporter
from zgtui.outputs.stdout import SafeStdout, no_terminal
from zgtui.runlog.follow import Chunk, Follower
from zgtui.runlog.log import LogWriter
from zgtui.worker.protocol import ComparisonStarted

LOSSES = {"A": [1 / step for step in range(1, 101)], "B": [float(step) for step in range(1, 101)]}


def printed(
    capsys: pytest.CaptureFixture[str],
    sizes: list[int],
    every: int | None = None,
    begun: ComparisonStarted | None = None,
) -> list[str]:
    """What is printed of the LOSSES when they come in chunks of these ``sizes``."""
    lines = LineReporter(SafeStdout(), every)
    lines.started(begun or started(Settings(steps=100)))
    first = 1
    for size in sizes:
        part = {name: array("d", LOSSES[name][first - 1 : first - 1 + size]) for name in RUNS}
        lines.chunk(Chunk(first, part))
        first += size
    lines.close()
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("sizes", [[100], [1] * 100, [7, 13, 1, 29, 50], [3, 4] * 14 + [2]])
@pytest.mark.parametrize("every", [1, 7, 10, 100])
def test_no_line_is_dropped_or_doubled(
    sizes: list[int], every: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, sizes, every) == [
        f"Epoch {step} ({label}): Loss = {LOSSES[name][step - 1]!r}"
        for step in range(every, 101, every)
        for name, label in (("A", "With zero_grad"), ("B", "Without zero_grad"))
    ]


@pytest.mark.parametrize(
    ("planned", "steps"),
    [(20, list(range(1, 21))), (100, list(range(5, 101, 5))), (101, list(range(6, 101, 6)))],
)
def test_about_twenty_lines_where_nobody_says_how_many(
    planned: int, steps: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys, [min(planned, 100)], begun=started(Settings(steps=planned)))
    assert [int(line.split()[1]) for line in lines[::2]] == steps


def test_a_step_is_called_an_epoch_only_where_it_is_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun = started(
        Settings(steps=100, a=RunSettings(clear=Clearing(3)), b=RunSettings(clear=EVERY)), 25
    )
    assert printed(capsys, [40], 40, begun) == [
        "Step 40 (zero_grad every 3 steps): Loss = 0.025",
        "Step 40 (With zero_grad): Loss = 40.0",
    ]


def test_runs_of_one_policy_are_told_apart() -> None:
    run = RunSettings(clear=NEVER, accumulate=4)
    assert run_labels(Settings(a=run, b=run)) == {
        "A": "A, Without zero_grad, 4 micro-batches per step",
        "B": "B, Without zero_grad, 4 micro-batches per step",
    }


def test_losses_are_followed_once_both_runs_have_them_and_to_the_end_at_last(
    tmp_path: Path,
) -> None:
    log, follower = LogWriter(tmp_path, RUNS), Follower(tmp_path)
    log.losses("A", [1.0, 2.0, 3.0])
    assert list(follower.chunks()) == []
    log.losses("B", [9.0])
    assert list(follower.chunks()) == [Chunk(1, {"A": array("d", [1.0]), "B": array("d", [9.0])})]
    assert list(follower.chunks()) == []
    log.losses("B", [8.0])
    log.close()
    assert list(follower.chunks(rest=True)) == [
        Chunk(2, {"A": array("d", [2.0, 3.0]), "B": array("d", [8.0])})
    ]


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        ("dumb", "the terminal is of type 'dumb', which cannot be drawn on"),
        ("unknown", "the terminal is of type 'unknown', which cannot be drawn on"),
        ("", "the terminal is of type '', which cannot be drawn on"),
        ("xterm-256color", ""),
    ],
)
def test_some_terminals_cannot_be_drawn_on(
    term: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "__stdout__", Terminal())
    monkeypatch.setenv("TERM", term)
    assert no_terminal() == reason


def test_what_is_not_a_terminal_cannot_be_drawn_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdout__", None)  # as without a console
    assert no_terminal() == "stdout is not a terminal"
