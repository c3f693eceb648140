"""The rules of `zgtui check`, each on observations made by hand."""

from __future__ import annotations

from zgtui.check.findings import EXIT_CODES, RULES, Finding, verdict_of
from zgtui.check.observations import (
    BackwardSeen,
    ClearSeen,
    GradientContents,
    Observation,
    OptimizerMade,
    StepSeen,
)
from zgtui.check.rules import judge
from zgtui.instrument.sites import Site

BACKWARD, STEP, CLEAR = (Site("train.py", line, "train") for line in (10, 11, 12))
BOTH = (0, 1)


def made(number: int = 1, names: tuple[str, ...] = ("weight", "bias")) -> OptimizerMade:
    return OptimizerMade(number, "SGD", 2, names)


def backward(number: int, *added: int, stack: int = 1) -> BackwardSeen:
    return BackwardSeen(number, BACKWARD, stack, added or (1,))


def step(
    number: int, *held: GradientContents, of: int = 1, skipped: bool = False, wraps: bool = False
) -> StepSeen:
    return StepSeen(of, number, STEP, number, held, skipped, wraps)


def clear(
    after: int, params: tuple[int, ...] = BOTH, *, discarded: tuple[int, ...] = ()
) -> ClearSeen:
    return ClearSeen(1, "optimizer", CLEAR, params, after, after, discarded)


def fresh(number: int, params: tuple[int, ...] = BOTH) -> GradientContents:
    return GradientContents(params, present=True, fresh=(number,))


def stale(number: int, params: tuple[int, ...] = BOTH) -> GradientContents:
    return GradientContents(params, present=True, fresh=(number,), applied=number - 1, oldest=1)


def told(observations: list[Observation]) -> list[str]:
    return [finding.code for finding in judge(observations)]


def loop(*steps: StepSeen) -> list[Observation]:
    return [made(), *(backward(number) for number in range(1, len(steps) + 1)), *steps]


def test_fresh_gradients_alone_are_clean() -> None:
    assert told(loop(*(step(n, fresh(n)) for n in range(1, 6)))) == []


def test_never_cleared() -> None:
    seen = loop(step(1, fresh(1)), *(step(n, stale(n)) for n in range(2, 6)))
    (finding,) = judge(seen)
    assert finding.code == "ZG101"
    assert finding.evidence == (
        "the gradient applied at step 5 held 5 backward passes, 4 of them already applied"
    )
    assert finding.site == STEP
    assert finding.sites["backward"] == BACKWARD
    assert "momentum 1" in finding.theory


def test_one_leftover_is_not_yet_a_mistake() -> None:
    assert told(loop(step(1, fresh(1)), step(2, stale(2)), step(3, fresh(3)))) == []


def test_only_some_cleared_names_what_stays() -> None:
    seen = loop(step(1, fresh(1)), *(step(n, fresh(n, (0,)), stale(n, (1,))) for n in range(2, 5)))
    seen += [clear(n, (0,)) for n in range(1, 4)]
    (finding,) = judge(seen)
    assert finding.code == "ZG102"
    assert finding.message == "never clears 1 of its 2 parameters: bias"


def test_parameters_without_names_are_told_by_their_place() -> None:
    seen = loop(step(1, fresh(1)), *(step(n, fresh(n, (0,)), stale(n, (1,))) for n in range(2, 5)))
    seen += [made(names=()), *(clear(n, (0,)) for n in range(1, 4))]
    seen[0] = made(names=())
    assert judge(seen)[0].message.endswith("parameters: number 2")


def test_cleared_now_and_then() -> None:
    seen = loop(step(1, fresh(1)), step(2, stale(2)), step(3, fresh(3)), step(4, stale(4)))
    assert told([*seen, clear(2)]) == ["ZG103"]


def test_the_same_gradient_twice() -> None:
    again = GradientContents(BOTH, present=True, applied=1, oldest=1)
    assert told(loop(step(1, fresh(1)), step(2, again), step(3, fresh(2)), step(4, again))) == [
        "ZG105"
    ]


def test_a_parameter_moved_by_its_old_gradient() -> None:
    old = GradientContents((1,), present=True, applied=1, oldest=1)
    seen = loop(step(1, fresh(1)), *(step(n, fresh(n, (0,)), old) for n in (2, 3)))
    (finding,) = judge(seen)
    assert finding.code == "ZG106"
    assert "bias" in finding.message


def test_an_old_gradient_that_is_gone_moves_nothing() -> None:
    gone = GradientContents((1,), present=False, applied=1, oldest=1)
    assert told(loop(step(1, fresh(1)), *(step(n, fresh(n, (0,)), gone) for n in (2, 3)))) == []


def test_cleared_too_late_points_at_the_clearing() -> None:
    seen = loop(
        *(step(n, GradientContents(BOTH, present=False, discarded=(n,))) for n in (1, 2, 3))
    )
    seen += [clear(n, discarded=(n,)) for n in (1, 2, 3)]
    (finding,) = judge(seen)
    assert finding.code == "ZG201"
    assert finding.site == CLEAR


def test_cleared_inside_the_accumulation() -> None:
    held = [
        GradientContents(BOTH, present=True, fresh=(2 * n,), discarded=(2 * n - 1,))
        for n in (1, 2, 3)
    ]
    seen: list[Observation] = [made(), *(backward(number) for number in range(1, 7))]
    seen += [step(n, one) for n, one in enumerate(held, 1)]
    assert told(seen) == ["ZG202"]


def test_backwards_of_another_call_may_be_thrown_away() -> None:
    held = [
        GradientContents(BOTH, present=True, fresh=(2 * n,), discarded=(2 * n - 1,))
        for n in (1, 2, 3)
    ]
    seen: list[Observation] = [made(), *(backward(n, stack=n % 2) for n in range(1, 7))]
    seen += [step(n, one) for n, one in enumerate(held, 1)]
    assert told(seen) == []


def test_backwards_thrown_away_in_a_minority_of_cycles_are_left_alone() -> None:
    bad = GradientContents(BOTH, present=True, fresh=(2,), discarded=(1,))
    seen: list[Observation] = [made(), *(backward(number) for number in range(1, 7))]
    seen += [step(1, bad), *(step(n, fresh(n)) for n in (3, 4, 5, 6))]
    assert told(seen) == []
    assert told([*seen, step(7, bad), step(8, bad), step(9, bad)]) == ["ZG202"]


def test_a_last_backward_that_never_ended_is_no_trouble() -> None:
    seen = loop(step(1, fresh(1)), step(2, stale(2)), step(3, stale(3)))
    assert told([*seen, step(4, stale(4))]) == ["ZG101"]


def leaking(*, both: bool) -> list[Observation]:
    seen: list[Observation] = [made(1), made(2)]
    for cycle in range(3):
        first, own = 2 * cycle + 1, 2 * cycle + 2
        seen += [backward(first, 1, 2), backward(own, *((1, 2) if both else (1,)))]
        seen.append(StepSeen(2, 2 * cycle + 1, STEP, first, (fresh(first),)))
        if both:
            seen.append(StepSeen(2, 2 * cycle + 2, STEP, own, (fresh(own),)))
        held = GradientContents(BOTH, present=True, fresh=(first, own))
        seen.append(StepSeen(1, cycle + 1, STEP, own, (held,)))
    return seen


def test_gradients_of_another_optimizers_backward_are_a_note_and_not_a_find() -> None:
    found = judge(leaking(both=False))
    assert [finding.code for finding in found] == ["ZG301"]
    assert verdict_of(found) == "pass"


def test_an_optimizer_that_shares_every_backward_and_steps_seldom_is_clean() -> None:
    assert told(leaking(both=True)) == []


def test_no_gradients_at_all() -> None:
    seen: list[Observation] = [made(), *(backward(n, 2) for n in (1, 2, 3))]
    seen += [step(n, GradientContents(BOTH, present=False)) for n in (1, 2, 3)]
    assert "ZG401" in told(seen)


def test_two_steps_are_not_enough() -> None:
    found = judge(loop(step(1, fresh(1)), step(2, fresh(2))))
    assert [finding.code for finding in found] == ["ZG000"]
    assert verdict_of(found) == "inconclusive"


def test_steps_around_others_and_skipped_steps_are_not_judged() -> None:
    clean = [step(n, fresh(n)) for n in (1, 2, 3)]
    assert told(loop(*clean, step(4, stale(4), wraps=True), step(5, stale(5), wraps=True))) == []
    assert (
        told(loop(*clean, step(4, stale(4), skipped=True), step(5, stale(5), skipped=True))) == []
    )


def test_gradients_by_hand_that_stay_cannot_be_followed() -> None:
    by_hand = GradientContents(BOTH, present=True, by_hand=True)
    steps = [step(n, by_hand) for n in (1, 2, 3)]
    assert told(loop(*steps)) == ["ZG000"]
    assert told([*loop(*steps), clear(1), clear(2)]) == []


def finding(code: str) -> Finding:
    return Finding(code, "SGD", 1, "", "", STEP, 5)


def test_errors_and_warnings_decide_before_unknown_and_notes_never() -> None:
    assert verdict_of([]) == "pass"
    assert verdict_of([finding("ZG301")]) == "pass"
    assert verdict_of([finding("ZG000"), finding("ZG301")]) == "inconclusive"
    assert verdict_of([finding("ZG000"), finding("ZG105")]) == "fail"
    assert EXIT_CODES == {"pass": 0, "fail": 1, "inconclusive": 3}


def test_every_code_has_a_severity_and_an_advice() -> None:
    assert {code: rule.severity for code, rule in RULES.items()} == {
        "ZG101": "error",
        "ZG102": "error",
        "ZG103": "error",
        "ZG105": "warning",
        "ZG106": "warning",
        "ZG201": "error",
        "ZG202": "error",
        "ZG301": "note",
        "ZG401": "warning",
        "ZG000": "inconclusive",
    }
    assert all(rule.advice for rule in RULES.values())
