"""What a curve is said to be doing, on curves of which it is known."""

from __future__ import annotations

import math
import random
from array import array

import pytest

from zgtui.curves.trend import Trend, TrendTracker


def trend(losses: list[float], *, full_batch: bool = True, batch: int = 50) -> Trend:
    tracker = TrendTracker()
    for at in range(0, len(losses), batch):
        tracker.extend(array("d", losses[at : at + batch]))
    return tracker.trend(full_batch=full_batch)


def never_cleared(q: float, steps: int) -> list[float]:
    """The loss of one quadratic direction whose gradients pile up, q = lr x sharpness."""
    omega = math.acos(1 - q / 2)
    error = [math.cos((step + 0.5) * omega) / math.cos(omega / 2) for step in range(steps)]
    return [0.3 * one * one for one in error]


def cleared(q: float, steps: int) -> list[float]:
    return [0.3 * (1 - q) ** (2 * step) for step in range(steps)]


def with_momentum(q: float, momentum: float, steps: int) -> list[float]:
    error, velocity, losses = 1.0, 0.0, []
    for _ in range(steps):
        losses.append(error * error)
        velocity = momentum * velocity + q * error
        error -= velocity
    return losses


def noisy(losses: list[float], share: float) -> list[float]:
    generator = random.Random(1)
    return [loss * (1 + share * generator.gauss(0, 1)) for loss in losses]


@pytest.mark.parametrize("steps", [22, 40, 129, 1000, 5000])
@pytest.mark.parametrize(
    ("q", "period"),
    [(1.2, 2.71), (1.0, 3.0), (3.0, 3.0), (0.5, math.pi / math.acos(0.75))],
)
def test_a_run_that_never_clears_oscillates_with_its_known_period(
    q: float, period: float, steps: int
) -> None:
    found = trend(never_cleared(q, steps))
    assert found.state == "oscillating"
    assert found.period == pytest.approx(period, rel=0.02 if steps < 100 else 0.005)


def test_the_article_run_that_never_clears_is_seen_to_oscillation_within_its_twenty_epochs() -> (
    None
):
    found = trend(never_cleared(1.2, 20))
    assert found.state == "oscillating"
    assert found.period == pytest.approx(2.71, rel=0.02)


def test_a_slow_oscillation_is_seen_once_it_has_come_round_often_enough() -> None:
    assert trend(never_cleared(0.012, 60)).state == "training"
    found = trend(never_cleared(0.012, 600))
    assert found.state == "oscillating"
    assert found.period == pytest.approx(math.pi / math.acos(1 - 0.006), rel=0.01)


def test_an_oscillation_begun_in_mid_run_is_seen() -> None:
    assert trend([5.0 * 0.9**step for step in range(100)] + never_cleared(1.2, 129)).state == (
        "oscillating"
    )


@pytest.mark.parametrize("steps", range(8, 250, 11))
def test_an_oscillation_that_momentum_damps_is_not_called_oscillating(steps: int) -> None:
    assert trend(with_momentum(1.2, 0.9, steps)).state in {"training", "converged"}


def test_an_oscillation_that_only_slowly_dies_is_not_called_oscillating_for_long() -> None:
    for steps in range(60, 400, 7):
        assert trend(with_momentum(1.2, 0.99, steps)).state == "training"


@pytest.mark.parametrize("factor", [0.985, 1.015])
def test_an_oscillation_whose_strength_changes_is_not_called_oscillating(factor: float) -> None:
    for steps in (50, 100, 200):
        losses = [0.9 + 1e-3 * factor**step * math.cos(2.3 * step) for step in range(steps)]
        assert trend(losses).state == "training"


def test_minibatch_losses_are_not_called_oscillating() -> None:
    flat = noisy([0.5] * 1000, 0.2)
    assert trend(flat, full_batch=False).state == "training"
    assert trend(never_cleared(1.2, 300), full_batch=False).state == "training"


def test_an_oscillation_on_a_falling_curve_is_not_called_oscillating() -> None:
    losses = [
        math.exp(-step / 100) + 0.05 * base for step, base in enumerate(never_cleared(1.2, 300))
    ]
    assert trend(losses).state == "training"


@pytest.mark.parametrize("steps", [8, 10, 40, 200])
def test_beyond_the_limit_the_loss_grows_by_a_known_factor(steps: int) -> None:
    found = trend(cleared(3.0, steps))
    assert found.state == "growing"
    assert found.growth == pytest.approx(4.0)


def test_an_oscillation_that_grows_is_called_growing() -> None:
    found = trend(with_momentum(1.2, 1.05, 200))
    assert found.state == "growing"
    assert found.growth == pytest.approx(1.05, rel=0.01)


@pytest.mark.parametrize("full_batch", [True, False])
def test_one_spike_or_a_noisy_decline_is_not_growth(*, full_batch: bool) -> None:
    losses = noisy([math.exp(-step / 300) for step in range(600)], 0.1)
    for at in range(10, 600, 13):
        spiked = [*losses[:at], 9.0]
        assert trend(spiked, full_batch=full_batch).state == "training"


def test_recovering_from_a_bump_below_the_first_loss_is_not_growth() -> None:
    losses = [1.0] + [0.001 * 1.1**step for step in range(60)]
    assert trend(losses).state == "training"


def test_the_article_run_converges() -> None:
    found = trend(cleared(1.2, 20))
    assert found == Trend("converged", since=6)


@pytest.mark.parametrize("batch", [1, 7, 400, 10**6])
@pytest.mark.parametrize("rest", [500, 30_000])
def test_converged_since_is_exact_at_any_length(batch: int, rest: int) -> None:
    falling = [0.99**step for step in range(100)]
    found = trend(falling + [0.25] * rest, batch=batch)
    assert found == Trend("converged", since=101)


def test_a_plateau_above_zero_is_converged_and_leaving_it_is_not() -> None:
    plateau = [2.0, 1.0] + [0.7 + 1e-8 * (step % 3) for step in range(40)]
    assert trend(plateau) == Trend("converged", since=3)
    assert trend([*plateau, 0.6]).state == "training"


@pytest.mark.parametrize("loss", [0.3, -2.0])
def test_a_loss_that_never_moved_is_stuck_and_has_not_converged(loss: float) -> None:
    assert trend([loss] * 9).state == "training"
    assert trend([loss] * 10) == Trend("stuck", since=1)


def test_a_loss_that_is_zero_from_the_start_has_converged() -> None:
    assert trend([0.0] * 10) == Trend("converged", since=1)


def test_a_loss_that_rests_above_its_first_is_stuck() -> None:
    found = trend([1.0, 5.0, 3.0, 1.2] + [1.05] * 20)
    assert found == Trend("stuck", since=5)
    assert found.words == "stuck since step 5"


def states(losses: list[float], restart: int | None = None) -> list[str]:
    """The state after each step; the run is set otherwise after step ``restart``."""
    tracker = TrendTracker()
    found: list[str] = []
    for step, loss in enumerate(losses, 1):
        tracker.extend(array("d", [loss]))
        if step == restart:
            tracker.restart()
        found.append(tracker.trend(full_batch=True).state)
    return found


@pytest.mark.parametrize("q", [0.05 * at for at in range(1, 80)])
def test_a_run_once_seen_to_oscillate_goes_on_being_called_so(q: float) -> None:
    found = states(never_cleared(q, 400))
    first = found.index("oscillating") if "oscillating" in found else 400
    assert set(found[first:]) <= {"oscillating"}


def test_an_oscillation_that_a_change_ends_is_left_at_once() -> None:
    losses = never_cleared(1.2, 60) + [0.3 * 0.04**step for step in range(40)]
    found = states(losses, restart=60)
    assert found[58] == "oscillating"
    assert found[60] == "training"
    assert found[-1] == "converged"


def test_a_run_whose_rate_is_made_tiny_stands_still_and_has_not_converged() -> None:
    assert states([0.3, 0.2, 0.15] + [0.14] * 30, restart=4)[-1] == "stuck"


def test_a_run_that_had_converged_still_has_when_it_is_set_otherwise() -> None:
    tracker = TrendTracker()
    tracker.extend(array("d", cleared(1.2, 30)))
    tracker.restart()
    tracker.extend(array("d", [0.0] * 30))
    assert tracker.trend(full_batch=True) == Trend("converged", since=6)


def test_growth_without_one_factor_names_none_and_ends_when_the_loss_is_low_again() -> None:
    tracker = TrendTracker()
    tracker.extend(array("d", cleared(3.0, 10) + [9e4, 8e4, 9e4, 7e4] * 10))
    assert tracker.trend(full_batch=True) == Trend("growing")
    assert tracker.trend(full_batch=True).words == "far above its first loss"
    tracker.extend(array("d", [0.2, 0.1] * 20))
    assert tracker.trend(full_batch=False).state == "training"


def test_losses_that_leave_zero_have_not_converged() -> None:
    assert trend([0.0] * 30 + [0.1, 0.05, 0.08]).state == "training"


@pytest.mark.parametrize("steps", [50, 1000, 30_000])
@pytest.mark.parametrize("scale", [100.0, 1e4, 1e6])
def test_a_slow_decline_is_training(steps: int, scale: float) -> None:
    losses = [1 / (1 + step / scale) for step in range(steps)]
    assert trend(losses).state == "training"


def test_a_straight_decline_by_a_hundred_millionth_per_step_is_training() -> None:
    assert trend([1 - 1e-8 * step for step in range(20_000)]).state == "training"


def test_two_decades_of_decline_are_training() -> None:
    assert trend([10 ** (-step / 100) for step in range(200)]).state == "training"
    assert trend(noisy([10 ** (-step / 100) for step in range(200)], 0.3)).state == "training"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("batch", [1, 6, 50])
def test_losses_that_stay_beyond_numbers_have_diverged(bad: float, batch: int) -> None:
    losses = [1.0] * 16 + [bad, math.nan] + [bad] * 40
    assert trend(losses, batch=batch) == Trend("diverged", since=17)
    assert trend([bad, *losses[:16], bad], batch=batch) == Trend("diverged", since=18)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("batch", [1, 6, 50])
def test_a_loss_beyond_numbers_that_is_left_behind_is_no_divergence(bad: float, batch: int) -> None:
    falling = [1.0 / step for step in range(1, 6)]
    tracker = TrendTracker()
    losses = [*falling, bad, *([0.25] * 40)]
    for at in range(0, len(losses), batch):
        tracker.extend(array("d", losses[at : at + batch]))
    assert tracker.trend(full_batch=True) == Trend("converged", since=7)
    assert (tracker.first_diverged, tracker.steps) == (6, 46)


def test_losses_whose_sum_overflows_have_not_diverged() -> None:
    assert trend([1e308] * 5).state == "training"


@pytest.mark.parametrize("steps", range(11))
def test_short_runs_are_training(steps: int) -> None:
    assert trend(never_cleared(1.2, steps)).state == "training"
    assert trend(cleared(0.1, steps)).state == "training"


def test_state_does_not_depend_on_how_losses_arrive() -> None:
    losses = never_cleared(1.2, 700)
    assert len({trend(losses, batch=batch) for batch in (1, 13, 400, 700)}) == 1
