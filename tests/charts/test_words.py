"""What stands beside and above curves, in words and numbers."""

from __future__ import annotations

import math

import pytest

from zgtui.charts.words import (
    ascii_text,
    big_number,
    clearing_note,
    number,
    run_labels,
    trend_text,
    value_name,
    whole,
)
from zgtui.config.settings import EVERY, NEVER, Clearing, Settings
from zgtui.curves.trend import Trend
from zgtui.lessons import LESSONS
from zgtui.tui.widgets.gradient_pane import LEGEND

PAGES = [page.text for lesson in LESSONS.values() for page in lesson.pages]


def test_text_for_terminals_that_show_ascii_alone() -> None:
    assert ascii_text("● lr·λ 1.2 × 66° … – ▶") == "* lr*lambda 1.2 x 66 ... - >"
    assert ascii_text("größe") == "gr??e"


def test_numbers_have_few_digits_and_a_dash_where_there_is_none() -> None:
    assert [number(one) for one in (0.123456, 12, None)] == ["0.1235", "12", "–"]
    assert [big_number(one) for one in (0.123456, 1e-9, math.inf, math.nan, None)] == [
        "0.123",
        "1E-09",
        "-E-",
        "-E-",
        "-",
    ]
    assert [whole(step) for step in (1200.0, 0.5, 1234.56)] == ["1,200", "0.5", "1,235"]


def test_when_each_run_clears_in_a_word() -> None:
    assert clearing_note(EVERY, NEVER) == {"A": "A every", "B": "B never"}
    assert clearing_note(Clearing(4), EVERY)["A"] == "A 1/4"


def test_runs_that_are_set_alike_are_told_apart_by_their_names() -> None:
    assert run_labels(Settings()) == {"A": "With zero_grad", "B": "Without zero_grad"}
    alike = run_labels(Settings().with_run("B", clear=EVERY))
    assert alike == {"A": "A, With zero_grad", "B": "B, With zero_grad"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("A", "loss"),
        ("val_loss", "loss"),
        ("loss_A", "loss"),
        ("Loss 12", "loss"),
        ("loss2", "loss"),
        ("accuracy", "accuracy"),
        ("loss_scale", "loss_scale"),
        ("losses", "losses"),
        ("loss_adam", "loss_adam"),
        ("gloss_x_y", "gloss_x_y"),
    ],
)
def test_what_the_numbers_of_a_curve_are(name: str, value: str) -> None:
    assert value_name(name) == value


@pytest.mark.parametrize(
    ("trend", "words"),
    [
        (None, ""),
        (Trend("training"), ""),
        (Trend("stuck", since=12), "stuck since step 12"),
        (Trend("diverged", since=12), "diverged at step 12"),
        (Trend("converged"), "converged"),
        (Trend("oscillating", period=2.71), "oscillates every 2.7 steps"),
        (Trend("oscillating"), "oscillating"),
        (Trend("growing", growth=1.16), "growing ×1.16 per step"),
        (Trend("growing"), "far above its first loss"),
    ],
    ids=str,
)
def test_what_losses_do_in_a_few_words(trend: Trend | None, words: str) -> None:
    assert trend_text(trend) == words


@pytest.mark.parametrize("text", [*LEGEND, *PAGES])
def test_nothing_that_is_said_is_lost(text: str) -> None:
    assert ascii_text(text).count("?") == text.count("?")


def test_a_product_is_told_from_a_separator() -> None:
    assert ascii_text("step 3 · lr·wd 0.1, ½·lr·λ") == "step 3 - lr*wd 0.1, 1/2*lr*lambda"
