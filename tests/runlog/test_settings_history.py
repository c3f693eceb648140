"""Clearing policies and learning rates read back from a table's columns or a log's events."""

from __future__ import annotations

import pytest

from zgtui.config.settings import EVERY, Clearing
from zgtui.runlog.events import ClearingChanged, LrChanged
from zgtui.runlog.settings_history import MAX_LR_MARKS, ClearingColumn, SettingsHistory, course_of


def policies(policy_at: list[tuple[int, str]], steps: int) -> list[tuple[float, str]]:
    """What the column tells of a run that follows ``policy_at``."""
    course = SettingsHistory()
    column = ClearingColumn(course)
    for step in range(1, steps + 1):
        text = [text for since, text in policy_at if since <= step][-1]
        column.add(step, cleared=Clearing.parse(text).due(step))
    return [(step, str(clearing)) for step, clearing in course.policies]


@pytest.mark.parametrize(
    "policy_at",
    [
        [(1, "every")],
        [(1, "never")],
        [(1, "4")],
        [(1, "2")],
        [(1, "every"), (50, "never")],
        [(1, "never"), (50, "every")],
        [(1, "never"), (50, "every"), (80, "never"), (120, "every")],
        [(1, "4"), (42, "every")],
    ],
)
def test_policies_are_found_with_the_steps_from_which_they_hold(
    policy_at: list[tuple[int, str]],
) -> None:
    assert policies(policy_at, 200) == [(float(step), text) for step, text in policy_at]


def test_changes_are_told_with_their_steps() -> None:
    course = SettingsHistory()
    for step, lr in ((1, 0.1), (2, 0.1), (30, 0.05)):
        course.note_lr(step, lr)
    course.note_clearing(1, Clearing.parse("every"))
    course.note_clearing(20, Clearing.parse("never"))
    assert course.changes() == [(20, "zero_grad never"), (30, "lr 0.05")]
    assert (course.lr_at(29), course.lr_at(30)) == (0.1, 0.05)
    assert (str(course.clearing_at(19)), str(course.clearing_at(20))) == ("every", "never")


@pytest.mark.parametrize(
    ("cleared", "constant"), [([True] * 5, True), ([False] * 5, False), ([True, False] * 3, None)]
)
def test_what_rows_hold_alike_need_not_be_looked_at_one_by_one(
    cleared: list[bool],
    constant: bool | None,  # noqa: FBT001 - a case
) -> None:
    column = ClearingColumn(SettingsHistory())
    for step, one in enumerate(cleared, 1):
        column.add(step, cleared=one)
    assert column.constant is constant


def test_the_many_rates_of_a_schedule_are_not_marked() -> None:
    course = SettingsHistory()
    for step in range(1, MAX_LR_MARKS + 3):
        course.note_lr(step, 1 / step)
    assert course.changes() == []
    assert course.lr_at(10) == 0.1


def test_a_log_tells_rates_with_the_schedules_factor() -> None:
    settings = {"schedule": "step", "steps": 30, "b": {"clear": "never", "lr": 1.0}}
    change = ClearingChanged("B", EVERY, step=7)
    course = course_of("B", settings, [change, LrChanged("A", 9.0, 2)])
    assert course is not None
    assert course.lr_at(10) == 1.0
    assert course.lr_at(11) == pytest.approx(0.1)
    assert course.changes() == [(7, "zero_grad every")]
    assert course_of("A", settings, []) is None
