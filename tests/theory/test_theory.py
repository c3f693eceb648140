"""The closed forms against plain loops that do what they describe."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from decimal import Decimal, localcontext
from itertools import chain, pairwise

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing, Settings
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker
from zgtui.theory.dynamics import (
    Rule,
    angle,
    energy,
    error,
    never_cleared,
    power,
    seen_period,
)
from zgtui.theory.prediction import Mode, Prediction
from zgtui.theory.stability import (
    StabilityVerdict,
    rule_of,
    stable_ranges,
    verdict,
    verdict_of_modes,
)

ARTICLE = 1.2
GRID = [0.001, 0.01, 0.3, 1.0, 1.2, 1.99, 2.0, 2.7, 3.3, 3.9, 3.99]


def loop(rule: Rule, q: float, steps: int, e0: float = 1.0, w0: float = 1.0) -> list[float]:
    """Errors of torch's SGD on one quadratic direction, from e_0 to e_steps."""
    errors, held, buffer, optimum = [e0], 0.0, None, w0 - e0
    for step in range(1, steps + 1):
        e = errors[-1]
        if rule.clearing.due(step):
            held = 0.0
        held += q * e
        applied = held + rule.decay * (e + optimum)
        if rule.momentum:
            buffer = applied if buffer is None else rule.momentum * buffer + applied
            applied = applied + rule.momentum * buffer if rule.nesterov else buffer
        errors.append(e - applied)
    return errors


def growth(rule: Rule, q: float, steps: int = 4000) -> float:
    """The factor of the squared error per step, over the second half of many steps."""
    errors = loop(rule, q, steps, w0=1.0)
    window = steps // 8
    early = max(map(abs, errors[steps // 2 : steps // 2 + window]))
    late = max(map(abs, errors[-window:]))
    if early < 1e-290 or not math.isfinite(late):  # what is left of a float has no ratio
        return 0.0 if early < 1e-290 else math.inf
    return float((late / early) ** (2 / (steps // 2 - window)))


@pytest.mark.parametrize("q", GRID)
def test_never_cleared_error_is_the_cosine_of_claim_2(q: float) -> None:
    expected = loop(Rule(NEVER), q, 40)
    assert [never_cleared(q, t) for t in range(41)] == pytest.approx(expected, rel=0, abs=1e-12)


def test_the_articles_error_is_told_to_the_last_digits() -> None:
    expected = loop(Rule(NEVER), ARTICLE, 20)
    assert [never_cleared(ARTICLE, t) for t in range(21)] == pytest.approx(
        expected, rel=0, abs=1e-14
    )


def test_the_error_at_a_tiny_rate_keeps_its_digits() -> None:
    with localcontext() as context:
        context.prec = 40
        q = Decimal("1e-8")
        before, now = Decimal(1), 1 - q
        for _ in range(4999):
            before, now = now, 2 * now - before - q * now
    assert never_cleared(1e-8, 5000) == pytest.approx(float(now), rel=2e-15, abs=0)


@pytest.mark.parametrize("rule", [Rule(Clearing(n)) for n in range(4)] + [Rule(EVERY, 0.9)])
def test_nothing_moves_at_a_rate_too_small_to_matter(rule: Rule) -> None:
    assert [error(rule, 0.0, -0.7, 1.9, t) for t in range(9)] == pytest.approx([-0.7] * 9)


def test_the_cosine_holds_over_twenty_thousand_steps() -> None:
    expected = loop(Rule(NEVER), ARTICLE, 20_000)
    worst = max(abs(never_cleared(ARTICLE, t) - e) for t, e in enumerate(expected))
    assert worst < 6e-12


@pytest.mark.parametrize("q", [*GRID, 4.5])
def test_cleared_error_shrinks_by_the_same_factor_each_step(q: float) -> None:
    expected = loop(Rule(EVERY), q, 30)
    assert [(1 - q) ** t for t in range(31)] == pytest.approx(expected, rel=1e-12)
    found = [error(Rule(EVERY), q, 1.0, 1.0, t) for t in range(31)]
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("q", [4.0, 4.5, 9.0])
def test_beyond_q_4_the_error_of_a_run_that_never_clears_grows(q: float) -> None:
    expected = loop(Rule(NEVER), q, 40)
    assert [never_cleared(q, t) for t in range(41)] == pytest.approx(expected, rel=1e-12)
    assert abs(expected[40]) > abs(expected[20]) > abs(expected[0])


@pytest.mark.parametrize("decay", [1e-6, 0.01, 0.1, 0.9, 1.0, 1.3])
@pytest.mark.parametrize("period", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("q", [0.01, 0.7, 1.0, 1.2, 2.4])
def test_weight_decay_is_friction_towards_the_unregularised_minimum(
    q: float, period: int, decay: float
) -> None:
    rule = Rule(Clearing(period), decay=decay)
    expected = loop(rule, q, 60, e0=-0.7, w0=1.9)
    found = [error(rule, q, -0.7, 1.9, t) for t in range(61)]
    scale = max(map(abs, expected))
    assert found == pytest.approx(expected, rel=0, abs=8e-15 * 60 * scale)


def test_never_clearing_with_weight_decay_ends_at_the_unregularised_minimum() -> None:
    never, every = (error(Rule(c, decay=0.1), 1.2, 1.0, 3.0, 2000) for c in (NEVER, EVERY))
    assert never == pytest.approx(0.0, abs=1e-15)
    assert abs(every) > 0.1, "a run that clears ends where the regularised loss is least"


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.01, 0.5, 0.9, 1.0])
def test_momentum_that_clears_every_step_has_a_closed_form_too(
    momentum: float,
    nesterov: bool,  # noqa: FBT001 - a parameter of the test
    decay: float,
) -> None:
    rule = Rule(EVERY, momentum, nesterov, decay)
    for q in (0.01, 0.7, 1.2):
        expected = loop(rule, q, 60, e0=-0.7, w0=1.9)
        found = [error(rule, q, -0.7, 1.9, t) for t in range(61)]
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-12)


def test_momentum_1_that_clears_is_never_clearing() -> None:
    momentum = Rule(EVERY, momentum=1.0)
    for t in range(200):
        assert error(momentum, 1.2, 1.0, 0.0, t) == pytest.approx(never_cleared(1.2, t), abs=1e-12)


@pytest.mark.parametrize("period", [1, 2, 3, 5])
@pytest.mark.parametrize("q", [0.3, 0.9, 1.2])
def test_clearing_every_n_steps_multiplies_by_the_factor_of_claim_10(q: float, period: int) -> None:
    rule = Rule(Clearing(period))
    expected = loop(rule, q, 60)
    omega = angle(q)
    factor = math.cos((period + 0.5) * omega) / math.cos(omega / 2)
    assert expected[period] / expected[0] == pytest.approx(factor, rel=1e-12)
    found = [error(rule, q, 1.0, 0.0, t) for t in range(61)]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_half_clearing_can_be_worse_than_never() -> None:
    assert abs(error(Rule(Clearing(2)), ARTICLE, 1.0, 0.0, 2)) == pytest.approx(1.16)
    second = verdict(Rule(Clearing(2)), ARTICLE)
    assert (second.state, second.period) == ("diverges", None)
    assert second.growth == pytest.approx(1.16)
    assert verdict(Rule(NEVER), ARTICLE).state == "oscillates"
    assert verdict(Rule(Clearing(3)), ARTICLE).state == "converges"


def test_the_articles_periods() -> None:
    assert math.degrees(angle(ARTICLE)) == pytest.approx(66.42, abs=0.005)
    weight_period = 2 * math.pi / angle(ARTICLE)
    assert weight_period == pytest.approx(5.42, abs=0.005)
    assert verdict(Rule(NEVER), ARTICLE).period == pytest.approx(weight_period / 2)
    errors = loop(Rule(NEVER), ARTICLE, 20_000)
    rises = [
        at - before / (after - before)
        for at, (before, after) in enumerate(pairwise(errors))
        if before < 0 <= after
    ]
    measured = (rises[-1] - rises[0]) / (len(rises) - 1)
    assert weight_period == pytest.approx(measured, rel=1e-5)


@pytest.mark.parametrize("q", [0.0, 4.0, -1.0, 5.0])
def test_there_is_no_oscillation_outside_0_to_4(q: float) -> None:
    with pytest.raises(ValueError, match="0 < q < 4"):
        angle(q)


@pytest.mark.parametrize("q", [0.05, 0.5, 1.2, 1.9, 2.3, 3.0, 3.7])
def test_the_period_told_is_the_one_measured_in_the_losses(q: float) -> None:
    tracker = TrendTracker()
    tracker.extend(array("d", [e * e for e in loop(Rule(NEVER), q, 2000)]))
    trend = tracker.trend(full_batch=True)
    assert trend.state == "oscillating"
    assert verdict(Rule(NEVER), q).period == pytest.approx(trend.period, rel=0.02)


@pytest.mark.parametrize(("period", "seen"), [(2.71, 2.71), (1.5, 3.0), (1.25, 5.0), (2.0, 2.0)])
def test_an_oscillation_faster_than_two_steps_shows_as_a_slower_one(
    period: float, seen: float
) -> None:
    assert seen_period(period) == pytest.approx(seen)


def test_an_oscillation_of_one_step_shows_as_none() -> None:
    assert seen_period(1.0) is None


def test_peak_and_mean_of_the_articles_loss() -> None:
    first = 0.2679257392883301
    peak = first / (1 - ARTICLE / 4)
    assert peak == pytest.approx(0.38275, abs=5e-6)
    prediction = Prediction(
        [Mode(2 * first, 1.0, 0.0)], 0.0, Rule(NEVER), ARTICLE / (2 * first), 20_000
    )
    losses = [prediction.loss(step) for step in range(1, 20_001)]
    assert max(losses) <= peak * (1 + 1e-12)
    assert max(losses) == pytest.approx(peak, rel=1e-4)
    assert sum(losses) / len(losses) == pytest.approx(peak / 2, rel=1e-3)


def test_the_energy_is_conserved() -> None:
    e, lr, sharp, held = 0.4, 0.1, 12.0, 0.0
    first = sharp * e * e / 2
    for _ in range(2000):
        before, held = held, held + sharp * e
        assert energy(sharp * e * e / 2, lr, before * held) == pytest.approx(first, rel=3e-14 * 50)
        e -= lr * held


VERDICTS = [
    (Rule(EVERY), 1.2, "converges"),
    (Rule(EVERY), 2.0, "oscillates"),
    (Rule(EVERY), 2.1, "diverges"),
    (Rule(EVERY), 3.0, "diverges"),
    (Rule(NEVER), 0.001, "oscillates"),
    (Rule(NEVER), 3.0, "oscillates"),
    (Rule(NEVER), 3.999, "oscillates"),
    (Rule(NEVER), 4.0, "grows linearly"),
    (Rule(NEVER), 4.001, "diverges"),
    (Rule(NEVER, decay=0.1), 1.2, "converges"),
    (Rule(NEVER, decay=0.1), 3.9, "diverges"),
    (Rule(EVERY, decay=0.5), 1.4, "converges"),
    (Rule(EVERY, decay=0.5), 1.6, "diverges"),
    (Rule(EVERY, momentum=0.9), 3.7, "converges"),
    (Rule(EVERY, momentum=0.9), 3.9, "diverges"),
    (Rule(EVERY, momentum=0.9, nesterov=True), 1.3, "converges"),
    (Rule(EVERY, momentum=0.9, nesterov=True), 1.4, "diverges"),
    (Rule(Clearing(4), momentum=0.5), 0.1, "converges"),
    (Rule(EVERY), 0.0, "unknown"),
    (Rule(NEVER), -0.5, "unknown"),
    (Rule(NEVER), math.nan, "unknown"),
    (None, 1.0, "unknown"),
]


@pytest.mark.parametrize(("rule", "q", "state"), VERDICTS)
def test_the_verdict(rule: Rule | None, q: float, state: str) -> None:
    assert verdict(rule, q).state == state


RULES = [
    Rule(Clearing(period), momentum, nesterov and momentum > 0, decay)
    for period in (0, 1, 2, 3, 5)
    for momentum in (0.0, 0.3, 0.9)
    for nesterov in (False, True)
    for decay in (0.0, 0.02)
    if momentum or not nesterov
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_verdict_is_what_a_loop_comes_to(rule: Rule) -> None:
    for q in (0.11, 0.53, 1.23, 2.31, 3.47, 4.4):
        told, measured = verdict(rule, q), growth(replace(rule), q)
        assert told.growth is not None
        if told.state == "oscillates":
            assert measured == pytest.approx(1.0, abs=1e-3)
        elif told.growth < 1:
            # With decay a run that clears comes to rest, not at the optimum of the loss alone.
            rests = rule.decay > 0 and rule.clearing.period > 0
            assert measured < 1 or (rests and measured == pytest.approx(1.0, abs=1e-6))
        else:
            assert told.state in {"diverges", "unstable at any rate"}
            assert measured > 1
            if math.isfinite(measured):
                assert told.growth == pytest.approx(measured, rel=5e-3)


@pytest.mark.parametrize("q", [0.1, 0.5, 1.2])
@pytest.mark.parametrize(
    ("rule", "momentum"),
    [(Rule(EVERY, momentum=0.7), 0.7), (Rule(NEVER, decay=0.3), 0.7), (Rule(NEVER), 1.0)],
)
def test_the_loss_swings_twice_while_the_error_of_momentum_turns_once(
    rule: Rule, momentum: float, q: float
) -> None:
    turn = math.acos((1 + momentum - q) / (2 * math.sqrt(momentum)))
    assert verdict(rule, q).period == pytest.approx(math.pi / turn)


@pytest.mark.parametrize(("momentum", "growth"), [(0.0, 62), (0.9, 44.5)])
def test_a_cycle_that_leaves_the_range_of_floats_diverges(momentum: float, growth: float) -> None:
    for period in (60, 150, 160, 180, 200, 250, 300, 1000):
        found = verdict(Rule(Clearing(period), momentum), 10.0)
        assert found.state == "diverges"
        assert found.growth == math.inf or found.growth == pytest.approx(growth, rel=0.05)


def test_a_cycle_that_turns_the_error_round_has_the_period_of_the_cycle() -> None:
    assert loop(Rule(Clearing(2)), 1.0, 4) == [1.0, 0.0, -1.0, 0.0, 1.0]
    assert verdict(Rule(Clearing(2)), 1.0) == StabilityVerdict("oscillates", period=2.0, growth=1.0)


@pytest.mark.parametrize(
    ("rule", "lr", "ranges"),
    [
        (Rule(EVERY), 0.1, [(0.0, 2.0)]),
        (Rule(NEVER), 0.1, [(0.0, 4.0)]),
        (Rule(EVERY, momentum=0.5), 0.1, [(0.0, 3.0)]),  # 2·(1 + m)
        (Rule(EVERY, decay=0.6), 0.1, [(0.0, 4 / 3)]),  # q + decay ≤ 2, decay = q/2 at λ = 12
        (Rule(NEVER, momentum=0.9), 0.1, []),
    ],
    ids=str,
)
def test_the_rates_at_which_a_loss_stays_bounded(
    rule: Rule, lr: float, ranges: list[tuple[float, float]]
) -> None:
    found = stable_ranges(rule, lr, [Mode(12.0, 0.3, 0.5), Mode(3.0, 0.3, 0.0)], 5.0)
    assert found is not None
    assert [end for one in found for end in one] == pytest.approx(
        [end for one in ranges for end in one], abs=1e-5
    )


@pytest.mark.parametrize("end", [1.9, 1.99, 2.01, 2.04, 2.1, 50.0])
def test_the_rates_are_told_up_to_the_end_of_the_scale(end: float) -> None:
    found = stable_ranges(Rule(EVERY), 0.1, [Mode(12.0, 0.3, 0.5)], end) or ()
    assert [*chain(*found)] == pytest.approx([0.0, min(2.0, end)], abs=1e-4)


def test_rates_are_those_of_the_sharpest_direction_that_moves() -> None:
    still = [Mode(50.0, 0.0, 0.5), Mode(12.0, 0.3, 0.5)]
    found = stable_ranges(Rule(EVERY), 0.1, still, 5.0) or ()
    assert [*chain(*found)] == pytest.approx([0.0, 2.0], abs=1e-5)
    found = stable_ranges(Rule(EVERY, decay=0.6), 0.1, [Mode(6.0, 0.0, 0.5)], 5.0) or ()
    assert [*chain(*found)] == pytest.approx([0.0, 1.0], abs=1e-5), "q + decay ≤ 2, decay = q"


def test_no_rates_are_told_where_no_claim_says_or_too_many_ranges_would_be_shown() -> None:
    modes = [Mode(12.0, 0.3, 0.5)]
    assert stable_ranges(None, 0.1, modes, 5.0) is None
    assert stable_ranges(Rule(EVERY), 0.1, [], 5.0) is None
    assert stable_ranges(Rule(Clearing(8)), 0.1, modes, 5.0)
    assert stable_ranges(Rule(Clearing(9)), 0.1, modes, 5.0) is None


def test_a_power_out_of_range_keeps_its_sign() -> None:
    assert power(-10.0, 999) == -math.inf
    assert power(-10.0, 1000) == power(10.0, 999) == math.inf


def test_momentum_on_top_of_never_clearing_is_unstable_at_any_rate() -> None:
    for momentum in [0.01, *(at / 20 for at in range(1, 20)), 0.99, 1.0]:
        for nesterov in (False, True):
            for q in [0.001, *(at / 4 for at in range(1, 16)), 3.99]:
                found = verdict(Rule(NEVER, momentum, nesterov), q)
                assert found.state == "unstable at any rate", (momentum, nesterov, q)
                assert found.growth is not None
                assert found.growth > 1


def test_the_article_at_three_times_its_rate_cycles_through_three_losses() -> None:
    found = verdict(Rule(NEVER), 3.0)
    assert found.period == pytest.approx(3.0)
    assert verdict(Rule(EVERY), 3.0).growth == pytest.approx(4.0)


@pytest.mark.parametrize("period", [1, 2, 3, 8])
def test_below_the_safe_q_every_direction_converges_and_just_above_it_not(period: int) -> None:
    safe = 4 * math.sin(math.pi / (2 * (period + 1))) ** 2
    rule = Rule(Clearing(period))
    assert all(verdict(rule, safe * at / 50).state == "converges" for at in range(1, 50))
    assert verdict(rule, safe * 1.01).state == "diverges"


def test_of_many_directions_the_worst_decides() -> None:
    rule = Rule(NEVER)
    modes = [Mode(50.0, 0.1, 0.0), Mode(12.0, 1.0, 0.0), Mode(1.0, 0.5, 0.0)]
    assert verdict_of_modes(rule, 0.1, modes).state == "diverges"
    oscillating = verdict_of_modes(rule, 0.01, modes)
    assert oscillating.state == "oscillates"
    assert oscillating.period == pytest.approx(math.pi / angle(0.12)), "of the largest share"
    still = [Mode(50.0, 0.0, 0.0), Mode(12.0, 1.0, 0.0)]
    assert verdict_of_modes(rule, 0.1, still).state == "oscillates", "no error, nothing to grow"
    pulled = Rule(NEVER, decay=0.1)
    assert verdict_of_modes(pulled, 0.1, [Mode(50.0, 0.0, 1.0)]).state == "diverges"
    assert verdict_of_modes(pulled, 0.1, still).state == "converges", "nothing to decay either"
    four = [Mode(12.0, 9.0, 0.0), Mode(40.0, 0.1, 0.0)]
    assert verdict_of_modes(rule, 0.1, four) == StabilityVerdict("grows linearly", growth=1.0)
    at_once = verdict_of_modes(Rule(EVERY), 1 / 12, [Mode(12.0, 9.0, 0.0)])
    assert at_once == StabilityVerdict("converges", growth=0.0)
    assert verdict_of_modes(rule, 1e-323, [Mode(1e-9, 1.0, 0.0)]).state == "unknown", "no rate"
    assert verdict_of_modes(Rule(EVERY), 0.1, [Mode(12.0, 1.0, 0.0)]).state == "converges"
    assert verdict_of_modes(None, 0.1, modes).state == "unknown"
    assert verdict_of_modes(rule, 0.1, []).state == "unknown"


FILLED = Settings(optimizer="SGD").with_run("A", lr=0.1).with_run("B", lr=0.2)


def test_the_rule_of_settings() -> None:
    assert rule_of(FILLED, "A", full_batch=True) == Rule(EVERY)
    decayed = replace(FILLED, weight_decay=0.5, momentum=0.9, nesterov=True)
    assert rule_of(decayed, "B", full_batch=True) == Rule(NEVER, 0.9, nesterov=True, decay=0.1)
    assert rule_of(decayed, "B", full_batch=True, lr=0.4) == Rule(
        NEVER, 0.9, nesterov=True, decay=0.2
    )


@pytest.mark.parametrize(
    "settings",
    [
        replace(FILLED, optimizer="Adam"),
        replace(FILLED, clip=1.0),
        replace(FILLED, schedule="cosine"),
        FILLED.with_run("A", accumulate=2),
        Settings(),
    ],
)
def test_no_claim_covers_other_ways_to_train(settings: Settings) -> None:
    assert rule_of(settings, "A", full_batch=True) is None
    assert rule_of(FILLED, "A", full_batch=False) is None


MODES = [Mode(12.0, 0.2, 1.0), Mode(3.0, -0.7, 0.4), Mode(0.2, 1.5, -2.0)]


def test_a_prediction_adds_up_its_directions_above_the_floor() -> None:
    prediction = Prediction(MODES, 0.5, Rule(NEVER), 0.1, 100)
    for step in (1, 2, 50):
        parts = [
            mode.sharpness * (mode.error * never_cleared(0.1 * mode.sharpness, step - 1)) ** 2 / 2
            for mode in MODES
        ]
        assert prediction.loss(step) == pytest.approx(0.5 + sum(parts), rel=1e-14)
    assert prediction.loss(1) == pytest.approx(0.5 + sum(mode.share for mode in MODES))


def test_a_prediction_is_drawn_step_by_step_where_there_is_room() -> None:
    prediction = Prediction(MODES, 0.5, Rule(NEVER), 0.1, 30)
    steps, losses = prediction.points(40, 1, 100)
    assert list(steps) == list(range(1, 31))
    assert list(losses) == [prediction.loss(step) for step in range(1, 31)]
    assert prediction.points(0, 1, 10) == ([], [])
    assert prediction.points(1, 1, 2)[0] == [1, 2]
    assert prediction.points(9, 7, 7)[0] == [7]
    assert prediction.points(10, 31, 40) == ([], [])
    assert prediction.points(10, 41, 80) == ([], [])


def test_where_three_steps_share_a_column_two_of_them_are_drawn_far_apart() -> None:
    falling = Prediction([Mode(12.0, 0.2, 0.0)], 0.0, Rule(EVERY), 1e-4, 10_000)
    ends = [at for left in range(1, 30, 3) for at in (left, left + 2)]
    assert list(falling.points(10, 1, 30)[0]) == ends
    steps = falling.points(10, 1, 1000)[0]
    assert steps[::2] == list(range(1, 1000, 100))
    assert all(late - early > 90 for early, late in zip(steps[::2], steps[1::2], strict=True))


def test_a_direction_that_does_not_curve_adds_nothing_however_far_it_is_taken() -> None:
    rule = Rule(EVERY, decay=3.0)
    flat = [Mode(0.0, 1.0, 1.0), Mode(-1e-9, 1.0, 1.0)]
    assert Prediction(flat, 0.5, rule, 0.1, 5000).loss(5000) == 0.5


def test_a_long_prediction_has_two_losses_a_column_and_keeps_the_shown_period() -> None:
    prediction = Prediction([Mode(12.0, 0.2, 0.0)], 0.0, Rule(NEVER), 0.1, 10**7)
    steps, losses = prediction.points(60, 1, 10**7)
    assert len(steps) == len(losses) <= 120
    assert all(left < right for left, right in pairwise(steps))
    peak = prediction.loss(1) / (1 - ARTICLE / 4)
    assert max(losses) == pytest.approx(peak, rel=0.05)
    assert min(losses) < 0.05 * peak
    exact = LossHistory()
    exact.extend(array("d", [prediction.loss(step) for step in range(1, 5001)]))
    drawn, true = prediction.points(50, 1, 5000)[1], exact.points(50, 1, 5000)[1]
    assert max(drawn) == pytest.approx(max(true), rel=0.05)


def test_infinite_losses_are_left_out() -> None:
    prediction = Prediction([Mode(12.0, 0.2, 0.0)], 0.0, Rule(EVERY), 1.0, 10_000)
    assert prediction.loss(10_000) == math.inf
    _, losses = prediction.points(100, 1, 10_000)
    assert losses
    assert all(map(math.isfinite, losses))


def test_what_has_no_closed_form_is_not_predicted() -> None:
    rule = Rule(NEVER, momentum=0.5)
    assert not rule.has_closed_form
    with pytest.raises(ValueError, match="no closed form"):
        Prediction(MODES, 0.0, rule, 0.1, 10)
    with pytest.raises(ValueError, match="no closed form"):
        error(rule, 1.0, 1.0, 1.0, 3)
