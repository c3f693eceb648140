"""Training told in words, a line a second."""

from __future__ import annotations

from array import array

import pytest

from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.curves.trend import Trend
from zgtui.outputs.headless.plain_lines import WordsReporter, spoken
from zgtui.outputs.stdout import SafeStdout
from zgtui.runlog.follow import Chunk
from zgtui.worker.protocol import ComparisonStarted


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def started() -> ComparisonStarted:
    settings = Settings(
        device="cpu",
        steps=40,
        a=RunSettings(clear=EVERY, lr=0.1),
        b=RunSettings(clear=NEVER, lr=0.1),
    )
    return ComparisonStarted(
        log="log", settings=settings, optimizer="SGD", steps_per_epoch=1, full_batch=True,
        same_init=True,
    )  # fmt: skip


def test_a_line_a_second_tells_both_runs_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    reporter = WordsReporter(SafeStdout(), clock)
    reporter.begin()
    reporter.started(started())

    def chunk(first: int, a: float, b: float, steps: int = 10) -> None:
        reporter.chunk(Chunk(first, {"A": array("d", [a] * steps), "B": array("d", [b] * steps)}))

    chunk(1, 0.5, 2.0)  # within the first second
    clock.now += 1.0
    chunk(11, 0.125, float("nan"))
    chunk(21, 0.125, float("nan"))  # within the next one
    reporter.close()
    reporter.close()
    at_the_end = "Run A: loss 0.125, converged at step 11. Run B: loss nan, diverged at step 11."
    assert capsys.readouterr().out.splitlines() == [
        "PyTorch is being imported.",
        "Training article on cpu. Run A: zero_grad() every step. Run B: zero_grad() never.",
        f"Step 20 of 40. {at_the_end}",
        f"Step 30 of 40. {at_the_end}",
    ]


def test_no_sign_stands_where_a_word_is_read_better() -> None:
    assert spoken(Trend("growing", growth=1.21)) == "growing by a factor of 1.21 per step"
    assert spoken(Trend("training")) == ""
