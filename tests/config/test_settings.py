"""What a comparison is made of: clearing policies, learning rates, and their plain form."""

from __future__ import annotations

import json

import pytest

from zgtui.config.settings import (
    EVERY,
    NEVER,
    POLICY_FORMS,
    RUNS,
    SCHEDULES,
    SPEEDS,
    Clearing,
    RunName,
    RunSettings,
    Settings,
    lr_factor,
    next_speed,
    parse_lr,
    parse_policy,
    scaled_lr,
)
from zgtui.errors import UsageError

MANY_DIGITS = pytest.param("9" * 5000, id="many digits")
"""More than Python reads as a whole number."""


@pytest.mark.parametrize(
    ("period", "cleared"),
    [
        (0, []),
        (1, [1, 2, 3, 4, 5, 6, 7]),
        (2, [1, 3, 5, 7]),
        (3, [1, 4, 7]),
        (9, [1]),
    ],
)
def test_clearing_is_due_before_the_first_step_and_every_n_steps_after(
    period: int, cleared: list[int]
) -> None:
    assert [step for step in range(1, 8) if Clearing(period).due(step)] == cleared


@pytest.mark.parametrize(
    ("text", "clearing"),
    [("every", EVERY), (" Never ", NEVER), ("1", EVERY), ("3", Clearing(3)), ("007", Clearing(7))],
)
def test_a_clearing_policy_is_read_and_told_in_the_same_words(
    text: str, clearing: Clearing
) -> None:
    assert Clearing.parse(text) == clearing
    assert Clearing.parse(str(clearing)) == clearing


@pytest.mark.parametrize("text", ["", "sometimes", "0", "-1", "1.5", "²", "٣", MANY_DIGITS])
def test_any_other_clearing_policy_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(UsageError, match="'every', 'never' or a number of steps N ≥ 1"):
        Clearing.parse(text)


def test_titles_say_when_gradients_are_cleared() -> None:
    assert [Clearing(period).title for period in (0, 1, 4)] == [
        "zero_grad() never",
        "zero_grad() every step",
        "zero_grad() every 4 steps",
    ]
    accumulating = RunSettings(clear=EVERY, accumulate=4)
    assert accumulating.title == "accumulates 4 micro-batches, then clears"
    faulty = RunSettings(clear=NEVER, accumulate=4), RunSettings(clear=Clearing(3), accumulate=4)
    assert [run.title for run in faulty] == [
        "4 micro-batches per step, never clears",
        "4 micro-batches per step, clears every 3 steps",
    ]
    assert RunSettings(clear=NEVER).title == "zero_grad() never"


@pytest.mark.parametrize(
    ("text", "clearing", "micro_batches"),
    [
        ("never", NEVER, 1),
        ("3", Clearing(3), 1),
        ("accumulate 4", EVERY, 4),
        ("Accumulate 1", EVERY, 1),
        ("never, accumulate 2", NEVER, 2),
        ("accumulate 2 every", EVERY, 2),
    ],
)
def test_a_policy_may_name_a_number_of_micro_batches(
    text: str, clearing: Clearing, micro_batches: int
) -> None:
    assert parse_policy(text) == (clearing, micro_batches)


def test_each_form_that_is_told_of_a_policy_is_read() -> None:
    read = {form: parse_policy(form.replace("M", "3").replace("N", "4")) for form in POLICY_FORMS}
    assert read == {
        "every": (EVERY, 1),
        "never": (NEVER, 1),
        "N": (Clearing(4), 1),
        "accumulate N": (EVERY, 4),
        "never, accumulate N": (NEVER, 4),
        "M, accumulate N": (Clearing(3), 4),
    }


@pytest.mark.parametrize("text", ["sometimes", "0", "often, accumulate 2", ""])
def test_what_is_no_policy_is_told_all_forms_that_are(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_policy(text)
    assert str(refused.value).endswith(f", not {text!r}")
    assert all(f"'{form}'" in str(refused.value) for form in POLICY_FORMS)


@pytest.mark.parametrize("text", ["accumulate", "accumulate none", "never accumulate 0"])
def test_accumulating_in_no_number_of_micro_batches_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="'accumulate' needs a number of micro-batches, not"):
        parse_policy(text)


def test_toggling_switches_between_every_step_and_never() -> None:
    assert EVERY.toggled == NEVER
    assert NEVER.toggled == EVERY
    assert Clearing(5).toggled == NEVER


@pytest.mark.parametrize(("text", "lr"), [("0.1", 0.1), (" 1e-3 ", 1e-3), ("5", 5.0)])
def test_a_learning_rate_is_a_positive_finite_number(text: str, lr: float) -> None:
    assert parse_lr(text) == lr


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "inf", "-inf", "nan", "1e999", "0,1"])
def test_any_other_learning_rate_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_lr(text)
    assert str(caught.value).endswith(f"such as 0.1, not {text!r}")


@pytest.mark.parametrize("lr", [0.1, 1.0, 1e-4, 0.0123, 0.3])
def test_ten_presses_are_a_factor_of_ten_and_down_undoes_up(lr: float) -> None:
    raised = lr
    for _ in range(10):
        higher = scaled_lr(raised, 1)
        assert higher > raised
        raised = higher
    assert raised == pytest.approx(10 * lr, rel=2e-3)
    assert scaled_lr(scaled_lr(lr, 1), -1) == pytest.approx(lr, rel=2e-3)


def test_the_ladder_of_learning_rates_leads_back_to_where_it_began() -> None:
    lr = 0.1
    for presses in (1, 1, 1, -1, -1, -1):
        lr = scaled_lr(lr, presses)
    assert lr == 0.1


def test_a_learning_rate_stays_finite_and_positive_at_both_ends() -> None:
    assert scaled_lr(1e308, 10) == 1e308
    assert scaled_lr(5e-324, -10) > 0


SETTINGS = [
    Settings(),
    Settings(
        experiment="article-exact",
        seed=7,
        device="cuda:1",
        steps=0,
        speed=2.5,
        a=RunSettings(clear=Clearing(3), lr=0.05),
        b=RunSettings(clear=EVERY, lr=1e-300),
    ),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_come_back_from_json_as_they_were(settings: Settings) -> None:
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_changing_one_run_leaves_the_other_and_the_original_alone() -> None:
    settings = Settings()
    for name in RUNS:
        changed = settings.with_run(name, lr=0.5)
        other: RunName = "B" if name == "A" else "A"
        assert changed.run(name).lr == 0.5
        assert changed.run(name).clear == settings.run(name).clear
        assert changed.run(other) == settings.run(other)
    assert settings == Settings()


@pytest.mark.parametrize("plain", [{}, {"a": None, "b": None}, {**Settings().to_dict(), "x": 1}])
def test_anything_that_is_no_settings_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises((TypeError, KeyError)):
        Settings.from_dict(plain)


def test_speeds_go_up_to_no_limit_and_down_to_the_slowest() -> None:
    faster = [0.25]
    while faster[-1]:
        faster.append(next_speed(faster[-1], 1))
    assert faster == list(SPEEDS)
    assert next_speed(0, 1) == 0
    slower = [0.0]
    while slower[-1] != SPEEDS[0]:
        slower.append(next_speed(slower[-1], -1))
    assert slower == list(SPEEDS[::-1])
    assert next_speed(SPEEDS[0], -1) == SPEEDS[0]
    assert (next_speed(3, 1), next_speed(3, -1)) == (5, 2)


def test_schedules_fall_from_one_and_stay_where_the_plan_ends() -> None:
    planned = {name: [lr_factor(name, step, 30) for step in range(1, 40)] for name in SCHEDULES}
    for name, factors in planned.items():
        assert factors[0] == 1.0, name
        assert factors == sorted(factors, reverse=True), name
        assert len({*factors[29:]}) == 1, name
    assert set(planned["constant"]) == {1.0}
    steps = [round(planned["step"][at], 9) for at in (9, 10, 19, 20, 29)]
    assert steps == [1, 0.1, 0.1, 0.01, 0.01]
    assert planned["cosine"][15] == pytest.approx(0.5)
