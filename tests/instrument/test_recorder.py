"""What is recorded of real scripts: the backwards in each gradient, and where it was cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.script_runs import SCRIPTS, Warm, same_bits
from zgtui.check.observations import (
    FILE,
    BackwardSeen,
    ClearSeen,
    Observation,
    OptimizerMade,
    StepSeen,
    from_lines,
    to_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Record = Callable[[str], list[Observation]]


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as process:
        yield process


@pytest.fixture
def record(warm: Warm, tmp_path: Path) -> Record:
    def recorded(script: str) -> list[Observation]:
        bare = warm.run(tmp_path / "bare", script)
        seen = warm.run(
            tmp_path / "seen", script, policy="as-is", recorder="zgtui.check.recorder:make"
        )
        assert same_bits(seen.printed, bare.printed), seen.text
        lines = (tmp_path / "seen" / FILE).read_text().splitlines(keepends=True)
        observations = list(from_lines(lines))
        assert [to_line(one) for one in observations] == lines
        return observations

    return recorded


def steps(observations: list[Observation]) -> list[StepSeen]:
    return [one for one in observations if isinstance(one, StepSeen)]


def line_of(script: str, text: str) -> int:
    lines = (SCRIPTS / script).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_gradient_that_is_never_cleared_holds_all_that_was_applied(record: Record) -> None:
    observations = record("forgotten.py")
    assert [step.holdings[0].applied for step in steps(observations)] == list(range(8))
    for number, step in enumerate(steps(observations), 1):
        (holding,) = step.holdings
        assert holding.params == (0, 1)
        assert holding.fresh == (number,)
        assert holding.oldest == (1 if number > 1 else 0)
        assert step.site.line == line_of("forgotten.py", "optimizer.step()")
    backwards = [one for one in observations if isinstance(one, BackwardSeen)]
    assert {one.site.line for one in backwards} == {line_of("forgotten.py", "loss.backward()")}
    assert not [one for one in observations if isinstance(one, ClearSeen)]
    (last,) = [one for one in observations if isinstance(one, OptimizerMade) and one.names]
    assert last.names == ("weight", "bias")


@pytest.mark.parametrize(
    "script",
    [
        "plain_loop.py", "lbfgs_closure.py", "two_losses.py", "accumulation.py", "amp_scaler.py",
        "clipping.py", "foreach.py", "fused.py", "shared_backward.py", "by_hand_none.py",
        "by_hand_zero.py", "frozen.py", "adversarial.py", "penalty.py", "custom_optimizer.py",
        "exits.py", "gan.py",
    ],
)  # fmt: skip
def test_scripts_that_clear_never_step_with_what_was_already_applied(
    record: Record, script: str
) -> None:
    observed = steps(record(script))
    assert len(observed) >= 4
    for step in observed:
        for holding in step.holdings:
            assert holding.applied == 0 or not holding.fresh, step
            assert not holding.by_hand


@pytest.mark.parametrize(
    "script", ["forgotten.py", "lbfgs_forgotten.py", "amp_forgotten.py", "once_per_epoch.py",
               "accumulation_forgotten.py", "gan_forgotten.py"],
)  # fmt: skip
def test_scripts_that_do_not_clear_step_with_what_was_already_applied(
    record: Record, script: str
) -> None:
    faulty = [
        step
        for step in steps(record(script))
        if any(holding.applied and holding.fresh for holding in step.holdings)
    ]
    assert len(faulty) >= 2


def test_accumulation_holds_the_backwards_of_one_step(record: Record) -> None:
    observed = steps(record("accumulation.py"))
    assert [step.holdings[0].fresh for step in observed[:2]] == [(1, 2, 3, 4), (5, 6, 7, 8)]


def test_what_is_cleared_before_it_was_applied_is_told_with_its_line(record: Record) -> None:
    observations = record("cleared_too_late.py")
    clears = [one for one in observations if isinstance(one, ClearSeen)]
    assert [one.discarded for one in clears] == [(number,) for number in range(1, 7)]
    assert clears[0].site is not None
    assert clears[0].site.line == line_of("cleared_too_late.py", "# wrong")
    assert not any(holding.present for step in steps(observations) for holding in step.holdings)


def test_steps_that_a_grad_scaler_leaves_out_are_told(record: Record) -> None:
    observed = steps(record("amp_scaler.py"))
    assert observed[0].skipped
    assert {step.skipped for step in observed} == {True, False}
    assert [step.number for step in observed] == list(range(1, 9))


def test_the_backward_of_one_optimizer_is_seen_to_add_to_another(record: Record) -> None:
    observations = record("gan.py")
    generator = line_of("gan.py", "errG.backward()")
    adds = [one.added for one in observations if isinstance(one, BackwardSeen)
            and one.site.line == generator]  # fmt: skip
    assert adds == [(1, 2)] * 5
