"""Gradients of another's loss in a step: of which backward, and when they are meant to be there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.observed import (
    BACK,
    BACKWARD,
    BOTH,
    FRONT,
    STEP,
    backward,
    clear,
    fresh,
    made,
    step,
    told,
)
from zgtui.check.judging.leaks import PROBE, STATISTIC, TARGET
from zgtui.check.judging.rules import judge
from zgtui.check.observations import CutSeen, LossSeen, Observation, OriginSeen, StepSeen, UsedSeen
from zgtui.instrument.sites import Site

INPUT = 99
ATTACK = Site("attack.py", 5, "attack")
BESIDE = Site("train.py", 9, "train")
LAST = Site("attack.py", 6, "attack")


def probing(
    steps: int = 3,
    *,
    plain: int = 0,
    made_input: bool = True,
    times: int = 1,
    at: Site = ATTACK,
    stack: int = 2,
    reduction: Any = "mean",
    rescaled: bool = False,
    together: bool = True,
) -> list[Observation]:
    """``plain`` steps, then ``steps`` before whose loss others ran for the input."""
    seen: list[Observation] = [made()]
    number = 0
    for turn in range(plain + steps):
        own = number + 1
        if turn >= plain:
            own += times
            for one in range(number + 1, own):
                place = LAST if at == ATTACK and turn == plain + steps - 1 else at
                seen += [backward(one, leaves=(1, 2, INPUT), stack=stack, at=place)]
                seen += [UsedSeen(((one, (INPUT,)),), made_input=made_input)]
        seen += [backward(own), LossSeen(own, reduction)] if reduction else [backward(own)]
        held = [fresh(*range(number + 1, own + 1))]
        if not together:
            held = [fresh(*range(number + 1, own), params=FRONT), fresh(own, params=BACK)]
        seen += [step(*held, rescaled=rescaled), clear()]
        number = own
    return seen


def test_what_ran_for_an_input_is_told_of_the_last_step() -> None:
    (finding,) = judge(probing())
    assert finding.code == "ZG301"
    assert finding.evidence.startswith("step 3 held the backward pass at attack.py:6;")
    assert finding.sites["backward"] == LAST
    assert (finding.theory, finding.applies_too_much) == (PROBE, True)


@pytest.mark.parametrize(
    "options",
    [
        {"steps": 1, "plain": 2},
        {"made_input": False},
        {"at": BESIDE},
        {"stack": 1},
        {"rescaled": True},
        {"reduction": "handed on"},
        {"reduction": None},
        {"together": False},
    ],
    ids=str,
)
def test_what_ran_for_an_input_may_be_meant(options: dict[str, Any]) -> None:
    assert told(probing(**options)) == []


@pytest.mark.parametrize(
    "options",
    [
        {"steps": 2, "plain": 1},
        {"steps": 2, "plain": 1, "made_input": False},
        {"at": BESIDE, "times": 2},
    ],
    ids=str,
)
def test_it_is_a_mistake_where_a_step_does_without_or_it_ran_again_and_again(
    options: dict[str, Any],
) -> None:
    assert told(probing(**options)) == ["ZG301"]


def test_an_update_by_hand_and_two_steps_are_not_judged_for_it() -> None:
    by_hand = [
        replace(one, optimizer=0) if isinstance(one, StepSeen) else one for one in probing()[1:]
    ]
    assert told(by_hand) == []
    assert told(probing(2)) == ["ZG000"]


def test_the_very_first_backward_may_be_one_for_an_input() -> None:
    plain: list[Observation] = [backward(9), LossSeen(9, "mean"), step(fresh(9)), clear()]
    assert told([*probing(2), *plain]) == ["ZG301"]


def test_of_several_the_one_counts_that_ran_right_before_the_last_loss() -> None:
    seen: list[Observation] = [made()]
    for number in (1, 5, 9):
        for one, at in ((number, LAST), (number + 2, ATTACK)):
            seen += [backward(one, leaves=(1, INPUT), stack=2, at=at)]
            seen += [UsedSeen(((one, (INPUT,)),), made_input=True)]
            seen += [backward(one + 1), LossSeen(one + 1, "mean")]
        seen += [step(fresh(*range(number, number + 4))), clear()]
    (finding,) = judge(seen)
    assert finding.sites["backward"] == ATTACK
    swapped = [
        replace(one, site=LAST) if isinstance(one, OriginSeen) and one.site == ATTACK else one
        for one in seen
    ]
    assert judge(swapped)[0].sites["backward"] == LAST


def measured(
    steps: int = 3,
    *,
    plain: int = 0,
    kind: int = 1,
    dropped: int = 2,
    rescaled: bool = False,
    cleared: bool = True,
    earlier: int = 1,
) -> list[Observation]:
    """``plain`` steps of another ``kind``, then some after a statistic that clears before each.

    The loss of all steps but the last is of the kind ``earlier``.
    """
    seen: list[Observation] = [made()]
    number = 0
    for turn in range(plain + steps):
        if turn < plain:
            number += 1
            seen += [backward(number, stack=kind), step(fresh(number)), clear()]
            continue
        for _ in range(dropped):
            number += 1
            seen += [backward(number, stack=2, at=ATTACK)]
            seen += [UsedSeen(((number, BOTH),)), *([clear(number)] if cleared else [])]
        place = LAST if turn == plain + steps - 1 else ATTACK
        seen += [backward(number + 1, stack=2, at=place)]
        stack = 1 if place == LAST else earlier
        seen += [backward(number + 2, copied=(number + 1,), stack=stack)]
        seen += [step(fresh(number + 1, number + 2), rescaled=rescaled), clear()]
        number += 2
    return seen


def test_what_ran_for_a_statistic_is_told_of_the_last_step() -> None:
    (finding,) = judge(measured())
    assert finding.code == "ZG301"
    assert finding.sites["backward"] == LAST
    assert finding.evidence.startswith("step 3 held the backward pass at attack.py:6;")
    assert (finding.theory, finding.applies_too_much) == (STATISTIC, True)
    assert told(measured(2)) == ["ZG000"]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"steps": 2, "plain": 1}, ["ZG301"]),
        ({"steps": 1, "plain": 2}, []),
        ({"steps": 3, "plain": 2, "kind": 3}, []),
        ({"plain": 2, "earlier": 3}, ["ZG301"]),
        ({"rescaled": True}, []),
        ({"dropped": 1}, ["ZG103"]),
        ({"cleared": False}, ["ZG103"]),
        ({"dropped": 1, "plain": 4}, []),
    ],
    ids=str,
)
def test_a_statistic_whose_last_backward_may_be_meant(
    options: dict[str, Any], codes: list[str]
) -> None:
    """Where others take its place it was; where it is not cleared as a rule it is a sum."""
    assert told(measured(**options)) == codes


def leaking(
    turns: int = 3,
    *,
    others: int = 0,
    shared: bool = False,
    order: tuple[int, ...] = (2, 1),
    stacks: tuple[int, ...] = (2, 2, 2),
) -> list[Observation]:
    """The first optimizer's loss stays in the second's parameters; ``others`` steps go without.

    The second's own losses are of the kinds ``stacks``, the first's of kind 1.
    """
    leaves = BOTH if shared else BACK
    seen: list[Observation] = [made(1, FRONT), made(2, leaves)]
    for number in range(1, 2 * turns, 2):
        at = LAST if number == 2 * turns - 1 else BACKWARD
        seen += [backward(number, leaves=order, at=at), step(fresh(number, params=FRONT), of=1)]
        own = backward(number + 1, leaves=BACK, stack=stacks[number // 2])
        seen += [clear(leaves=FRONT), own]
        seen += [step(fresh(number, number + 1, params=BACK), of=2), clear(leaves=BACK)]
    for number in range(2 * turns + 1, 2 * turns + 1 + others):
        seen += [backward(number, leaves=BACK, stack=2)]
        seen += [step(fresh(number, params=BACK), of=2), clear(leaves=BACK)]
    return seen


def test_what_leaked_is_told_of_the_last_step_that_applied_it() -> None:
    (finding,) = judge(leaking())
    assert (finding.code, finding.number, finding.sites["backward"]) == ("ZG301", 2, LAST)
    assert finding.evidence.startswith("step 3 held the backward pass at attack.py:6, which SGD at")
    assert finding.evidence.endswith(" had applied before")
    assert finding.applies_too_much
    assert not finding.remedy


def test_two_leaks_are_a_rule_and_one_is_none() -> None:
    assert "ZG301" in told(leaking(2, others=1))
    assert "ZG301" not in told(leaking(1, others=2))


def test_an_optimizer_that_keeps_clear_excuses_no_other() -> None:
    seen: list[Observation] = [made(1, (7,))]
    for one in leaking():
        if isinstance(one, StepSeen) and one.optimizer == 2:
            number = one.held[0].fresh[0] + 100
            seen += [backward(number, leaves=(7,), stack=3), step(fresh(number, params=(7,)))]
            seen += [clear(leaves=(7,))]
        if isinstance(one, StepSeen) and one.optimizer == 1:
            seen.append(replace(one, optimizer=3))
        else:
            seen.append(made(3, FRONT) if one == made(1, FRONT) else one)
    (finding,) = judge(seen)
    assert (finding.code, finding.number) == ("ZG301", 2)


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"order": (1, 2)}, []),
        ({"order": (1, 2), "others": 1}, ["ZG301"]),
        ({"stacks": (1, 1, 1)}, ["ZG301"]),
        ({"order": (1, 2), "others": 1, "stacks": (1, 1, 1)}, []),
        ({"order": (1, 2), "others": 1, "stacks": (2, 2, 1)}, []),
    ],
    ids=str,
)
def test_two_losses_may_be_meant_for_one_optimizer(
    options: dict[str, Any], codes: list[str]
) -> None:
    """They are of one kind, or none is left out; but not where one goes on to the other's."""
    assert told(leaking(**options)) == codes


def test_losses_that_both_optimizers_apply_in_time_are_shared() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 3, 5):
        seen += [backward(number, leaves=(2, 1)), step(fresh(number, params=FRONT), of=1)]
        seen += [clear(leaves=FRONT), backward(number + 1, leaves=(2, 1), stack=2)]
        seen += [step(fresh(number, number + 1, params=BACK), of=2)]
        seen += [step(fresh(number + 1, params=FRONT), of=1), clear()]
    assert told(seen) == []


def test_two_optimizers_that_step_seldom_in_turns_share_what_they_apply() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for turn in range(4):
        often, seldom = ((1, FRONT), (2, BACK))[:: 1 if turn % 2 else -1]
        numbers = (2 * turn + 1, 2 * turn + 2)
        for one in numbers:
            seen += [backward(one), step(fresh(one, params=often[1]), of=often[0])]
            seen += [clear(leaves=often[1])]
        seen += [step(fresh(*numbers, params=seldom[1]), of=seldom[0]), clear(leaves=seldom[1])]
    assert told(seen) == []


def test_whose_parameters_are_the_same_leaks_nothing_into_itself() -> None:
    assert told(leaking(shared=True)) == []


def test_a_perturbation_by_hand_is_no_other_optimizer() -> None:
    by_hand = [
        replace(one, optimizer=0) if isinstance(one, StepSeen) and one.optimizer == 1 else one
        for one in leaking()
        if one != made(1, FRONT)
    ]
    assert told(by_hand) == []
    third = (3,)
    seen: list[Observation] = [made(3, third)]
    for one in leaking():
        seen.append(one)
        if isinstance(one, StepSeen) and one.optimizer == 1:
            seen.append(step(fresh(*one.held[0].fresh, params=(8,)), of=0))
    assert told(seen) == ["ZG301"]


def handed(
    *,
    cleared: tuple[int, ...] = BACK,
    cut: str = "",
    leaves: tuple[int, ...] = BACK,
    own: tuple[int, ...] = FRONT,
    order: tuple[int, ...] = BOTH,
    rescaled: bool = False,
    **more: Any,
) -> list[Observation]:
    """The own loss of the first optimizer, then one that trains the second through it."""
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 3, 5):
        seen += [CutSeen(leaves)] if cut == "before" else []
        seen += [backward(number, leaves=own)]
        seen += [CutSeen(leaves)] if cut == "after" else []
        seen += [clear(leaves=cleared), backward(number + 1, leaves=order, stack=2, **more)]
        seen += [step(fresh(number + 1, params=BACK), of=2)]
        seen += [step(fresh(number, number + 1, params=FRONT), of=1, rescaled=rescaled)]
        seen += [clear()]
    return seen


def test_what_was_cleared_for_another_alone_is_poured_in() -> None:
    (finding,) = judge(handed())
    assert (finding.code, finding.number) == ("ZG301", 1)
    assert finding.evidence.endswith(" was cleared for")
    for meant in ({"cleared": (7,)}, {"order": (2, 1)}, {"through": ()}):
        assert told(handed(**meant)) == []
    assert told(handed(order=(2, 1), through=((1, 2),))) == ["ZG301"]
    assert told(handed(through=((1, 1), (2, 2)))) == []
    assert told(handed(order=BACK)) == [], "it did not go through these"


def test_who_is_as_near_to_the_loss_as_another_hands_nothing_on() -> None:
    seen: list[Observation] = [made(1, (1, 4)), made(2, (2, 3))]
    for number in (1, 3, 5):
        seen += [backward(number, leaves=(1, 4)), clear(leaves=(2, 3))]
        seen += [backward(number + 1, leaves=(1, 2, 3, 4), stack=2)]
        seen += [step(fresh(number + 1, params=(2, 3)), of=2)]
        seen += [step(fresh(number, number + 1, params=(1, 4)), of=1), clear(leaves=(1, 2, 3, 4))]
    assert told(seen) == []


def test_each_step_is_judged_for_itself_by_what_was_cut_off_before_it() -> None:
    seen = handed(cleared=(7,), cut="before")
    first = next(
        at for at, one in enumerate(seen) if isinstance(one, StepSeen) and one.optimizer == 1
    )
    scaled = [*seen]
    scaled[first] = replace(seen[first], rescaled=True)  # type: ignore[arg-type] # it is a step
    assert told(scaled) == ["ZG301"]
    at_once = [seen[0], seen[2], seen[1], *seen[3:]]
    last = max(at for at, one in enumerate(at_once) if isinstance(one, CutSeen))
    assert told(at_once[:last] + at_once[last + 1 :]) == ["ZG301"]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({}, []),
        ({"cut": "before"}, ["ZG301"]),
        ({"cut": "before", "rescaled": True}, []),
        ({"cut": "before", "own": BOTH}, []),
        ({"cut": "before", "order": (2, 1)}, []),
        ({"cut": "before", "leaves": BOTH}, []),
        ({"cut": "before", "leaves": (7,)}, []),
        ({"cut": "after"}, []),
        ({"outputs": FRONT}, ["ZG301"]),
        ({"outputs": BACK}, []),
        ({"targets": (1,)}, ["ZG301"]),
        ({"targets": (2,)}, []),
    ],
    ids=str,
)
def test_what_trains_another_through_these_parameters_alone_is_let_in(
    options: dict[str, Any], codes: list[str]
) -> None:
    found = judge(handed(cleared=(7,), **options))
    assert [one.code for one in found] == codes
    for one in found:
        assert one.evidence.endswith(" trains with")
        assert one.remedy == (TARGET if "targets" in options else "")
        assert one.sites["step"] == STEP
