"""Clearing policies and learning rates read back from a table's columns or a log's events."""

from __future__ import annotations

from itertools import product

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.runlog.events import ClearingChanged, LrChanged
from zgtui.runlog.settings_history import MAX_LR_MARKS, ClearingColumn, SettingsHistory, course_of


def policies(
    policy_at: list[tuple[int, str]], steps: int, every: int = 1
) -> list[tuple[float, str]]:
    """What the column tells of a run that follows ``policy_at``, with a row ``every`` steps."""
    course = SettingsHistory()
    column = ClearingColumn(course)
    for step in range(1, steps + 1):
        text = [text for since, text in policy_at if since <= step][-1]
        column.add(every * step, cleared=Clearing.parse(text).due(step))
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
        [(1, "every"), (3, "never")],
        [(1, "never"), (52, "3")],
        [(1, "2"), (51, "4")],
        [(1, "4"), (47, "2")],
        [(1, "4"), (53, "never"), (81, "2")],
        [(1, "2"), (49, "never"), (51, "2")],
    ],
)
def test_policies_are_found_with_the_steps_from_which_they_hold(
    policy_at: list[tuple[int, str]],
) -> None:
    for every in (1, 10):
        assert policies(policy_at, 200, every) == [(every * step, text) for step, text in policy_at]


def test_any_three_policies_are_found_wherever_one_takes_the_place_of_another() -> None:
    for texts in product(("every", "never", "2", "3", "7"), repeat=3):
        if texts[0] != texts[1] != texts[2]:
            for second, third in ((30, 70), (31, 71), (32, 75), (33, 72)):
                found = policies([(1, texts[0]), (second, texts[1]), (third, texts[2])], 110)
                assert [text for _, text in found] == [*texts]
                late = [step - at for (step, _), at in zip(found, (1, second, third), strict=True)]
                assert all(0 <= one < 7 for one in late), "the rows around it fit both"


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
    ("cleared", "constant"),
    [
        ([], None),
        ([True] * 5, True),
        ([False] * 5, False),
        ([True, False] * 3, None),
        ([False, True] * 3, None),
    ],
)
def test_what_rows_hold_alike_need_not_be_looked_at_one_by_one(
    cleared: list[bool],
    constant: bool | None,  # noqa: FBT001 - a case
) -> None:
    column = ClearingColumn(SettingsHistory())
    for step, one in enumerate(cleared, 1):
        column.add(step, cleared=one)
    assert column.constant is constant


@pytest.mark.parametrize("before", ["1", "0", "001"])
@pytest.mark.parametrize("after", ["0001000100010001", "1111", "0", "10101", "0111011101110"])
def test_rows_that_are_repeated_are_as_those_that_are_added(before: str, after: str) -> None:
    one_by_one, at_once = SettingsHistory(), SettingsHistory()
    for course in (one_by_one, at_once):
        column = ClearingColumn(course)
        step = 0
        for rows in (before, before[-1] * 10, after):
            if rows == before[-1] * 10 and course is at_once:
                column.repeat(10)
                step += 10
                continue
            for row in rows:
                step += 1
                column.add(step, cleared=row == "1")
    assert one_by_one.policies == at_once.policies


def test_what_held_before_the_first_policy_known_is_taken_for_the_same() -> None:
    course = SettingsHistory()
    assert course.clearing_at(1) is None
    course.note_clearing(5, Clearing(2))
    assert course.clearing_at(1) == course.clearing_at(9) == Clearing(2)


def test_of_very_many_rates_every_second_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zgtui.runlog.settings_history.MAX_RATES", 4)
    course = SettingsHistory()
    for step in range(1, 5):
        course.note_lr(step, step / 10)
    assert [course.lr_at(step) for step in range(1, 5)] == [0.1, 0.2, 0.3, 0.4]
    course.note_lr(5, 0.5)
    assert [course.lr_at(step) for step in range(1, 6)] == [0.1, 0.1, 0.3, 0.3, 0.5]


def test_the_many_rates_of_a_schedule_are_not_marked() -> None:
    course = SettingsHistory()
    for step in range(1, MAX_LR_MARKS + 2):
        course.note_lr(step, 1 / step)
    assert len(course.changes()) == MAX_LR_MARKS
    course.note_lr(MAX_LR_MARKS + 2, 9.0)
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
    assert course.policies == [(1, NEVER), (7, EVERY)]
    assert course_of("A", settings, []) is None


@pytest.mark.parametrize(
    "hostile", [{"schedule": "steep"}, {"schedule": [1]}, {"steps": "many", "schedule": "cosine"}]
)
def test_a_schedule_that_is_not_understood_is_none(hostile: dict[str, object]) -> None:
    settings = {"schedule": "step", "steps": 30, "b": {"lr": 1.0}, **hostile}
    course = course_of("B", settings, [])
    assert course is not None
    assert course.lr_at(25) == 1.0
