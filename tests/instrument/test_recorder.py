"""What is recorded of real scripts: the backwards in each gradient, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.script_runs import SCRIPTS, Warm, same_bits
from zgtui.check.observations import (
    FILE,
    ClearSeen,
    LeavesNamed,
    Observation,
    OptimizerMade,
    OriginSeen,
    StepSeen,
    UsedSeen,
    from_lines,
    to_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Record = Callable[[str], list[Observation]]


@pytest.fixture
def record(warm: Warm, tmp_path: Path) -> Record:
    def recorded(script: str) -> list[Observation]:
        bare = warm.run(tmp_path / "bare", script)
        seen = warm.run(
            tmp_path / "seen",
            script,
            policy="as-is",
            recorder="zgtui.check.recording.script_recording:make",
        )
        assert same_bits(seen.printed, bare.printed), seen.text
        lines = (tmp_path / "seen" / FILE).read_text().splitlines(keepends=True)
        observations = list(from_lines(lines))
        assert [to_line(one) for one in observations] == lines
        return observations

    return recorded


def steps(observations: list[Observation]) -> list[StepSeen]:
    return [one for one in observations if isinstance(one, StepSeen)]


def origins(observations: list[Observation]) -> list[OriginSeen]:
    return [one for one in observations if isinstance(one, OriginSeen)]


def clears(observations: list[Observation]) -> list[ClearSeen]:
    return [one for one in observations if isinstance(one, ClearSeen) and one.held]


def line_of(script: str, text: str) -> int:
    lines = (SCRIPTS / script).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_gradient_that_is_never_cleared_holds_all_that_was_applied(record: Record) -> None:
    observations = record("forgotten.py")
    (made,) = [one for one in observations if isinstance(one, OptimizerMade)]
    for number, step in enumerate(steps(observations), 1):
        (held,) = step.held
        assert held.params == made.leaves
        assert (held.fresh, held.left) == ((number,), tuple(range(1, number)))
        assert step.site.line == line_of("forgotten.py", "optimizer.step()")
    assert {one.site.line for one in origins(observations)} == {
        line_of("forgotten.py", "loss.backward()")
    }
    assert clears(observations) == []
    (names,) = [one for one in observations if isinstance(one, LeavesNamed)]
    assert names.names == ("weight", "bias")


@pytest.mark.parametrize(
    "script",
    [
        "plain_loop.py", "lbfgs_closure.py", "two_losses.py", "accumulation.py", "amp_scaler.py",
        "clipping.py", "foreach.py", "fused.py", "shared_backward.py", "by_hand_none.py",
        "by_hand_zero.py", "frozen.py", "adversarial.py", "penalty.py", "custom_optimizer.py",
        "run/exits.py", "gan.py",
    ],
)  # fmt: skip
def test_scripts_that_clear_never_step_with_what_was_already_applied(
    record: Record, script: str
) -> None:
    observed = steps(record(script))
    assert len(observed) >= 4
    assert not any(held.left and held.fresh for step in observed for held in step.held)


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
        if any(held.left and held.fresh for held in step.held)
    ]
    assert len(faulty) >= 2


def test_accumulation_holds_the_backwards_of_one_step(record: Record) -> None:
    observed = steps(record("accumulation.py"))
    assert [step.held[0].fresh for step in observed[:2]] == [(1, 2, 3, 4), (5, 6, 7, 8)]


def test_what_a_loss_was_divided_by_is_told(record: Record) -> None:
    assert {one.divisor for one in origins(record("check/wrong/ZG202_every_micro_batch.py"))} == {4}


def test_what_is_cleared_before_it_was_applied_is_told_with_its_line(record: Record) -> None:
    observations = record("cleared_too_late.py")
    found = clears(observations)
    assert [number for one in found for number, _ in one.dropped] == list(range(1, 7))
    assert found[0].site.line == line_of("cleared_too_late.py", "# wrong")
    assert not any(held.fresh for step in steps(observations) for held in step.held)


def test_steps_that_a_grad_scaler_leaves_out_are_told(record: Record) -> None:
    observations = record("amp_scaler.py")
    observed = steps(observations)
    assert observed[0].skipped
    assert {step.skipped for step in observed} == {True, False}
    assert len(observed) == 8
    assert any(one.not_finite for one in clears(observations))


def test_the_backward_of_one_optimizer_is_seen_to_add_to_another(record: Record) -> None:
    observations = record("gan.py")
    generator = line_of("gan.py", "errG.backward()")
    made = {one.number: set(one.leaves) for one in observations if isinstance(one, OptimizerMade)}
    passing = [set(one.leaves) for one in origins(observations) if one.site.line == generator]
    assert len(passing) == 5
    assert all(leaves & made[1] and leaves & made[2] for leaves in passing)


def test_gradients_that_stand_elsewhere_when_they_are_cleared_were_used(record: Record) -> None:
    used = [one for one in record("check/loops/kept_aside.py") if isinstance(one, UsedSeen)]
    assert used


def test_the_files_of_a_script_that_trains_without_an_optimizer_hold_its_steps(
    record: Record,
) -> None:
    observed = steps(record("by_hand_descent.py"))
    assert len(observed) >= 4
    assert {step.optimizer for step in observed} == {0}


def test_attention_evaluates_by_torchs_fast_path_as_it_does_unwatched(record: Record) -> None:
    applied = [
        held for step in steps(record("check/right/evaluates_attention.py")) for held in step.held
    ]
    assert applied
    assert not any(held.left for held in applied)
