"""What a step applies although it was applied before: how often, and where it is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.observed import (
    BACK,
    BOTH,
    CLEAR,
    FRONT,
    STEP,
    backward,
    clear,
    fresh,
    loop,
    made,
    named,
    stale,
    step,
    told,
)
from zgtui.check.judging.rules import judge
from zgtui.check.observations import ClearSeen, Held, Observation
from zgtui.check.recording.contributions import MAX_TOGETHER
from zgtui.instrument.sites import Site

OTHER = Site("train.py", 20, "train")


def test_a_clearing_after_the_first_step_alone_is_one_now_and_then() -> None:
    seen = loop(fresh(1), fresh(2), Held(BOTH, (3,), (2,)), Held(BOTH, (4,), (2, 3)))
    seen.insert(4, clear())
    assert told(seen) == ["ZG103"]


@pytest.mark.parametrize(("held", "code"), [(0, "ZG101"), (1, "ZG103")])
def test_a_clearing_after_which_everything_is_there_cleared_nothing(held: int, code: str) -> None:
    """Of very many backwards the newest are known."""
    steps = MAX_TOGETHER + 6
    left = [range(max(1, n - MAX_TOGETHER + 1), n) for n in range(1, steps)]
    left.append(range(steps - MAX_TOGETHER + 1 + held, steps))
    seen = loop(*(Held(BOTH, (n,), tuple(old)) for n, old in enumerate(left, 1)))
    assert told([*seen, clear()]) == [code]


def test_a_clearing_after_the_last_step_came_too_late_for_all() -> None:
    assert told([*loop(*(stale(n) for n in range(1, 5))), clear()]) == ["ZG101"]


@pytest.mark.parametrize("at", [2, 6, 8, 10])
def test_the_last_clearing_before_it_is_told_wherever_it_was(at: int) -> None:
    seen = loop(*(stale(n) for n in range(1, 5)))
    seen.insert(at, ClearSeen("optimizer", CLEAR, (), held=False))
    (finding,) = judge(seen)
    before_the_last = at < len(seen) - 1
    assert ("not cleared again" in finding.message) is before_the_last
    assert finding.sites.get("clear") == (CLEAR if before_the_last else None)


def test_a_clearing_by_hand_or_one_of_other_parameters_is_not_told() -> None:
    for no_clearing in (
        ClearSeen("hand", CLEAR, (), held=False),
        ClearSeen("optimizer", CLEAR, (7,), held=True),
    ):
        seen = loop(*(stale(n) for n in range(1, 5)))
        seen.insert(2, no_clearing)
        seen.insert(2, ClearSeen("optimizer", CLEAR, (), held=False))
        (finding,) = judge(seen)
        assert ("not cleared again" in finding.message) is (no_clearing.how == "hand")


def climbing() -> list[Observation]:
    """Each step after a move by hand along a gradient of its own, and after the first the old."""
    seen: list[Observation] = [made()]
    for number in (1, 3, 5):
        left = (1,) if number == 3 else (1, 3)
        seen += [backward(number), step(Held(BOTH, (number,), left if number > 1 else ()), of=0)]
        seen += [clear(), backward(number + 1), step(fresh(number + 1))]
    return seen


def test_moves_by_hand_along_old_gradients_are_told_of_the_last_of_them() -> None:
    seen = climbing()
    (finding,) = judge(seen)
    assert finding.code == "ZG103"
    assert finding.message.startswith("clears only now and then: 2 times its parameters were moved")
    assert "held 3 backward passes, 2 of them already applied" in finding.evidence
    assert finding.sites["clear"] == CLEAR
    again: list[Observation] = [backward(7), step(Held(BOTH, (7,), (5,)), of=0)]
    assert judge([*seen, *again]) == [finding], "one after the last step is none between steps"
    assert told(seen[:-5]) == ["ZG000"], "there are too few steps"


def test_a_single_move_along_an_old_gradient_is_none() -> None:
    for at, number in ((7, 3), (12, 5)):
        seen = climbing()
        seen[at] = step(fresh(number), of=0)
        assert told(seen) == []


def copied(*, apart: int = 0, rescaled: bool = False) -> list[Observation]:
    """Three steps that also apply what had been copied, and ``apart`` that do not."""
    seen: list[Observation] = [made()]
    for number in (1, 3, 5):
        seen += [backward(number), backward(number + 1, copied=(number,))]
        seen += [step(fresh(number, number + 1), rescaled=rescaled), clear()]
    for number in range(7, 7 + apart):
        seen += [backward(number, stack=2), step(fresh(number)), clear()]
    return seen


def test_what_was_only_copied_and_then_applied_is_told() -> None:
    (finding,) = judge(copied())
    assert finding.code == "ZG103"
    assert finding.message.startswith("clears only now and then: 3 of 3 steps also applied")
    assert finding.evidence.startswith("step 3 held the backward pass at train.py:10")
    assert finding.applies_too_much
    assert told(copied(rescaled=True)) == [], "weighed by hand"


@pytest.mark.parametrize(("apart", "codes"), [(3, ["ZG103"]), (4, [])])
def test_copies_are_a_mistake_where_half_of_the_steps_apply_them(
    apart: int, codes: list[str]
) -> None:
    assert told(copied(apart=apart)) == codes


def flagged(flag: str, apart: int = 0) -> list[Observation]:
    """Three steps with ``flag``, the last of them elsewhere, and ``apart`` without, before."""
    seen: list[Observation] = [made()]
    for number in range(1, apart + 4):
        flags: dict[str, Any] = {flag: number > apart}
        at = OTHER if number == apart + 3 else STEP
        seen += [backward(number), step(fresh(number), at=at, **flags), clear()]
    return seen


@pytest.mark.parametrize(
    ("flag", "evidence", "too_much"),
    [
        ("counted_twice", "step 3 counted backward passes more than once", True),
        (
            "summed_on",
            "step 3 applied a sum of gradients that also holds those of",
            False,
        ),
    ],
)
def test_sums_that_hold_too_much_are_told_of_the_last_step(
    flag: str,
    evidence: str,
    too_much: bool,  # noqa: FBT001 - a case
) -> None:
    (finding,) = judge(flagged(flag))
    assert (finding.code, finding.site) == ("ZG103", OTHER)
    assert finding.evidence.startswith(evidence)
    assert finding.applies_too_much is too_much
    assert finding.theory
    assert finding.remedy


@pytest.mark.parametrize(("apart", "codes"), [(3, ["ZG103"]), (4, [])])
def test_terms_that_count_twice_are_a_mistake_in_half_of_the_steps(
    apart: int, codes: list[str]
) -> None:
    assert told(flagged("counted_twice", apart)) == codes


def test_losses_of_earlier_steps_in_a_new_one_are_told() -> None:
    seen: list[Observation] = [made()]
    for number in range(1, 5):
        before = tuple(range(1, number))
        at = OTHER if number == 4 else STEP
        seen += [backward(number, again=before), step(fresh(number), at=at), clear()]
    (finding,) = judge(seen)
    assert (finding.code, finding.site) == ("ZG103", OTHER)
    assert "3 of 4 steps also applied" in finding.message
    assert finding.evidence == "the loss of step 4 is a sum that holds 3 losses of earlier steps"


def test_a_loss_that_is_a_term_of_another_of_its_own_step_is_no_earlier_one() -> None:
    seen: list[Observation] = [made()]
    for number in (1, 3, 5, 7):
        seen += [backward(number), backward(number + 1, again=(number,))]
        seen += [step(fresh(number, number + 1)), clear()]
    assert told(seen) == []


def test_what_is_applied_again_and_again_is_told_of_the_last_time() -> None:
    again = Held(BOTH, (), (1,))
    seen = [made(), backward(1), step(fresh(1)), step(again), step(again, at=OTHER)]
    (finding,) = judge(seen)
    assert (finding.code, finding.site) == ("ZG105", OTHER)
    assert finding.evidence == "no backward pass was seen between step 2 and step 3"


def test_the_last_step_is_told_that_moved_parameters_by_their_old_gradient() -> None:
    seen = [made(), named(), backward(1), step(fresh(1))]
    for number in (2, 3):
        held = (fresh(number, params=FRONT), Held(BACK, (), (1,)))
        seen += [backward(number, leaves=FRONT), step(*held)]
    (finding,) = judge(seen)
    assert finding.evidence == "at step 3 these gradients were those of an earlier step"


@pytest.mark.parametrize(("decayed", "code"), [(True, "ZG107"), (False, "ZG000")])
def test_the_last_step_is_told_that_applied_scaled_gradients(
    decayed: bool,  # noqa: FBT001 - a case
    code: str,
) -> None:
    held = [
        Held(BOTH, (n,), tuple(range(1, n)), decayed=decayed and n > 1, mixed=n > 1)
        for n in (1, 2, 3)
    ]
    (finding,) = judge(loop(*held))
    assert (finding.code, finding.evidence) == (
        code,
        "step 3 applied 2 earlier backward passes once more",
    )
