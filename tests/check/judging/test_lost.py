"""Gradients thrown away before a step: in how many steps, and where it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from tests.support.observed import (
    BACK,
    BACKWARD,
    BOTH,
    CLEAR,
    FRONT,
    STEP,
    backward,
    clear,
    fresh,
    made,
    named,
    step,
    told,
)
from zgtui.check.judging.rules import judge
from zgtui.check.observations import ClearSeen, Held, Observation, UsedSeen
from zgtui.instrument.sites import Site

OTHER = Site("train.py", 20, "train")
ALL = (1, 2, 3)


def emptied(lost: int, good: int, *, refused: bool = False) -> list[Observation]:
    """``good`` steps, then ``lost`` ones whose backward was cleared before them."""
    seen: list[Observation] = [made()]
    for number in range(1, good + 1):
        seen += [backward(number), step(fresh(number)), clear()]
    for number in range(good + 1, good + lost + 1):
        seen += [backward(number), clear(number), step(Held(BOTH), refused=refused)]
    return seen


@pytest.mark.parametrize(
    ("lost", "good", "many"), [(3, 0, "none of 3"), (3, 3, "3 of 6"), (4, 2, "2 of 6")]
)
def test_half_of_the_steps_may_not_be_empty(lost: int, good: int, many: str) -> None:
    (finding,) = judge(emptied(lost, good))
    assert finding.code == "ZG201"
    assert finding.message.endswith(f"backward() and step(): {many} steps applied anything")
    assert finding.evidence.startswith(f"before step {lost + good} all that backward() had added")


@pytest.mark.parametrize(("lost", "good"), [(3, 4), (2, 2), (1, 4)])
def test_fewer_empty_steps_are_left_alone(lost: int, good: int) -> None:
    assert told(emptied(lost, good)) == []


def test_a_scaler_that_found_nothing_is_told_after_a_single_step() -> None:
    (finding,) = judge(emptied(1, 4, refused=True))
    assert finding.code == "ZG201"
    assert finding.message.endswith("GradScaler raised an error")


def test_steps_that_are_all_empty_lost_their_share_alone() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 2, 3):
        seen += [backward(number), step(fresh(number, params=FRONT), of=1)]
        seen += [clear(number, leaves=BACK), step(Held(BACK), of=2), clear(leaves=FRONT)]
    (finding,) = judge(seen)
    assert (finding.code, finding.number) == ("ZG201", 2)


def test_a_few_empty_steps_whose_backwards_were_applied_elsewhere_lost_nothing() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 2, 3, 4, 5):
        seen += [backward(number), step(fresh(number, params=FRONT), of=1)]
        empty = number > 2
        seen += [clear(number, leaves=BACK)] if empty else []
        seen += [step(Held(BACK) if empty else fresh(number, params=BACK), of=2)]
        seen += [clear()]
    assert "ZG201" not in told(seen)


def copies(*, used: int = 0) -> list[Observation]:
    """An optimizer of copies whose gradients are cleared before they are written to them."""
    seen: list[Observation] = [made(1, FRONT)]
    for number in (1, 2, 3):
        seen += [backward(number, leaves=BACK), clear(number, leaves=BACK, how="module")]
        seen += [UsedSeen(((number, BACK),))] if number == used else []
        seen.append(step(Held(FRONT), at=OTHER if number == 3 else STEP))
    return seen


def test_copies_that_get_nothing_are_told_of_the_last_step() -> None:
    (finding,) = judge(copies())
    assert finding.code == "ZG201"
    assert finding.sites["step"] == OTHER
    assert finding.evidence.startswith("before step 3 all")


@pytest.mark.parametrize("used", [1, 2, 3])
def test_what_served_another_purpose_is_not_lost_to_the_copies(used: int) -> None:
    (finding,) = judge(copies(used=used))
    assert (finding.code, finding.site) == ("ZG401", OTHER)


def inside(good: int) -> list[Observation]:
    """Three steps of two backwards each, the first of which is cleared, and ``good`` before."""
    seen: list[Observation] = [made()]
    for number in range(1, good + 1):
        seen += [backward(number), step(fresh(number)), clear()]
    for number in range(good + 1, good + 7, 2):
        seen += [backward(number), clear(number), backward(number + 1)]
        seen += [step(fresh(number + 1)), clear()]
    return seen


@pytest.mark.parametrize(("good", "codes"), [(0, ["ZG202"]), (3, ["ZG202"]), (4, [])])
def test_half_of_the_steps_may_not_lose_a_part(good: int, codes: list[str]) -> None:
    assert told(inside(good)) == codes


def untrained(how: Literal["optimizer", "module"] = "optimizer") -> list[Observation]:
    """The front's backward is cleared before that of the back, and the last time elsewhere."""
    seen: list[Observation] = [made(), named()]
    for number in (1, 3, 5):
        at = OTHER if number == 5 else BACKWARD
        seen += [backward(number, leaves=FRONT, at=at), clear(number, leaves=FRONT, how=how)]
        seen += [backward(number + 1, leaves=BACK), step(fresh(number + 1, params=BACK))]
    return seen


def test_layers_that_never_train_are_told_at_the_clearing_and_of_the_last_backward() -> None:
    (finding,) = judge(untrained())
    assert (finding.code, finding.site) == ("ZG203", CLEAR)
    assert finding.sites["backward"] == OTHER


def test_who_clears_other_parameters_with_them_does_not_freeze_them() -> None:
    everything = [
        replace(one, leaves=BOTH) if isinstance(one, ClearSeen) else one
        for one in untrained(how="module")
    ]
    assert told(everything) == ["ZG203"]
    assert told(untrained(how="module")) == []


def test_what_another_optimizer_lost_for_good_was_meant_for_that_one() -> None:
    """Cleared at two lines: the one that is told of is not the last."""
    seen: list[Observation] = [made(1), made(2, (7,))]
    for number in (1, 3, 5):
        at = OTHER if number == 5 else CLEAR
        seen += [backward(number, leaves=(1, 2, 7))]
        seen += [clear(number, leaves=(1, 2, 7), at=at), step(Held((7,)), of=2)]
        seen += [backward(number + 1), step(fresh(number + 1)), clear()]
    (finding,) = judge(seen)
    assert (finding.code, finding.number) == ("ZG201", 2)


def both_losses(*, site: Site) -> list[Observation]:
    """A loss at ``site`` for 1 and 2 is cleared before one for 2 and 3."""
    seen: list[Observation] = [made(1, ALL)]
    for number in (1, 3, 5):
        seen += [backward(number, leaves=(1, 2), at=site), clear(number, leaves=ALL)]
        seen += [backward(number + 1, leaves=(2, 3))]
        seen += [step(fresh(number + 1, params=(2, 3))), clear(leaves=ALL)]
    return seen


def test_one_clearing_between_two_backwards_is_told_once() -> None:
    """Parts of one batch come from one line, two losses from two."""
    assert told(both_losses(site=BACKWARD)) == ["ZG202"]
    assert told(both_losses(site=OTHER)) == ["ZG203"]
