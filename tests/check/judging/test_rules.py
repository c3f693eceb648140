"""The rules of `zgtui check`, each on observations made by hand."""

from __future__ import annotations

from dataclasses import replace

from tests.support.observed import (
    BACK,
    BACKWARD,
    BOTH,
    CLEAR,
    FRONT,
    MADE,
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
from zgtui.check.findings import EXIT_CODES, RULES, Finding, verdict_of
from zgtui.check.judging.rules import judge
from zgtui.check.observations import (
    ClearSeen,
    Held,
    LeavesNamed,
    LossSeen,
    Observation,
    OptimizerMade,
    OriginSeen,
    OriginWay,
    StepSeen,
    UsedSeen,
)
from zgtui.instrument.sites import Site


def test_fresh_gradients_alone_are_clean() -> None:
    assert told(loop(*(fresh(n) for n in range(1, 6)), cleared=True)) == []


def test_never_cleared() -> None:
    (finding,) = judge(loop(*(stale(n) for n in range(1, 6))))
    assert finding.code == "ZG101"
    assert finding.message == "its gradients were never cleared in 5 steps"
    assert finding.evidence == (
        "the gradient applied at step 5 held 5 backward passes, 4 of them already applied"
    )
    assert finding.site == STEP
    assert finding.sites["backward"] == BACKWARD
    assert "momentum 1" in finding.theory


def test_cleared_before_the_loop_alone_is_never_cleared() -> None:
    seen = loop(*(stale(n) for n in range(1, 6)))
    seen.insert(2, ClearSeen("optimizer", CLEAR, (), held=False))
    (finding,) = judge(seen)
    assert finding.code == "ZG101"
    assert "not cleared again after the first step (train.py:12)" in finding.message


def test_one_leftover_is_not_yet_a_mistake() -> None:
    assert told(loop(fresh(1), stale(2), fresh(3))) == []


def test_only_some_cleared_names_what_stays() -> None:
    seen: list[Observation] = [made(), named()]
    for number in range(1, 6):
        held = (fresh(number, params=FRONT), stale(number, BACK))
        seen += [backward(number), step(*held), clear(leaves=FRONT)]
    (finding,) = judge(seen)
    assert finding.code == "ZG102"
    assert finding.message == "never clears 1 of its 2 parameters: bias"
    assert "number 2" in judge([one for one in seen if not isinstance(one, LeavesNamed)])[0].message


def test_cleared_now_and_then() -> None:
    two = [Held(BOTH, (2,), (1,)), Held(BOTH, (4,), (3,))]
    seen = loop(fresh(1), two[0], fresh(3), two[1])
    seen.insert(7, clear())
    assert told(seen) == ["ZG103"]


def test_optimizers_made_anew_are_one_training() -> None:
    seen: list[Observation] = []
    for number in range(1, 5):
        seen += [made(number), backward(number), step(stale(number), of=number)]
    (finding,) = judge(seen)
    assert finding.code == "ZG101"
    assert finding.steps_seen == 4


def test_short_optimizers_of_one_line_are_judged_together() -> None:
    seen: list[Observation] = []
    for number in range(1, 5):
        leaves = (10 * number,)
        seen += [made(number, leaves), backward(number, leaves=leaves)]
        seen.append(step(fresh(number, params=leaves), of=number))
    assert told(seen) == []
    apart = [OptimizerMade(o.number, o.name, o.leaves, None) if isinstance(o, OptimizerMade) else o
             for o in seen]  # fmt: skip
    assert told(apart) == ["ZG000"] * 4


def test_the_same_gradient_twice() -> None:
    again = Held(BOTH, (), (1,))
    seen = [made(), backward(1), step(fresh(1)), step(again), backward(2), step(fresh(2)),
            step(Held(BOTH, (), (2,)))]  # fmt: skip
    assert told(seen) == ["ZG105"]


def test_two_optimizers_that_apply_one_gradient_each_once_are_left_alone() -> None:
    seen: list[Observation] = [made(1), made(2)]
    for number in (1, 2, 3):
        seen += [backward(number), step(fresh(number), of=1)]
        seen += [step(Held(BOTH, (), (number,)), of=2), clear()]
    assert told(seen) == []


def test_a_parameter_moved_by_its_old_gradient() -> None:
    held = [(fresh(n, params=FRONT), Held(BACK, (), (1,))) for n in (2, 3)]
    seen = [made(), named(), backward(1), step(fresh(1))]
    for number, both in enumerate(held, 2):
        seen += [backward(number, leaves=FRONT), step(*both)]
    (finding,) = judge(seen)
    assert finding.code == "ZG106"
    assert "bias" in finding.message


def test_gradients_that_fade_are_a_note_and_mixed_ones_no_verdict() -> None:
    fading = [Held(BOTH, (n,), tuple(range(1, n)), decayed=n > 1, mixed=n > 1) for n in (1, 2, 3)]
    assert told(loop(*fading)) == ["ZG107"]
    assert verdict_of(judge(loop(*fading))) == "pass"
    mixing = [Held(BOTH, (n,), tuple(range(1, n)), mixed=n > 1) for n in (1, 2, 3)]
    assert told(loop(*mixing)) == ["ZG000"]


def too_late(*, used: bool = False, infinite: bool = False) -> list[Observation]:
    seen: list[Observation] = [made()]
    for number in (1, 2, 3):
        seen += [backward(number), clear(number, infinite=(number,) if infinite else ())]
        seen += [UsedSeen(((number, BOTH),))] if used else []
        seen.append(step(Held(BOTH)))
    return seen


def test_cleared_too_late_points_at_the_clearing() -> None:
    (finding,) = judge(too_late())
    assert finding.code == "ZG201"
    assert finding.site == CLEAR


def test_what_was_used_or_not_finite_is_not_lost() -> None:
    assert told(too_late(used=True)) == []
    assert told(too_late(infinite=True)) == []


def inside(*, divisor: float = 1.0, looked: bool = False) -> list[Observation]:
    seen: list[Observation] = [made()]
    for number in (1, 3, 5):
        seen += [backward(number, divisor=divisor)]
        seen += [clear(number, looked=(number,) if looked else ())]
        seen += [backward(number + 1, divisor=divisor), step(fresh(number + 1)), clear()]
    return seen


def test_cleared_inside_the_accumulation() -> None:
    (finding,) = judge(inside())
    assert finding.code == "ZG202"
    assert finding.evidence == "of the 2 backward passes before step 3, 1 was thrown away"
    assert finding.site == CLEAR


def test_gradients_that_are_only_looked_at_may_be_thrown_away() -> None:
    assert told(inside(looked=True)) == []


def test_a_loss_divided_by_their_number_was_meant_to_be_summed() -> None:
    assert told(inside(looked=True, divisor=2)) == ["ZG202"]


def test_backwards_thrown_away_in_a_minority_of_steps_are_left_alone() -> None:
    seen = inside()[:6]
    for number in (10, 11, 12):
        seen += [backward(number), step(fresh(number)), clear()]
    assert told(seen) == []


def test_the_same_layers_always_lost_are_named() -> None:
    seen: list[Observation] = [made(), named()]
    for number in (1, 3, 5):
        seen += [backward(number, leaves=FRONT), clear(number, leaves=FRONT)]
        seen += [backward(number + 1, leaves=BACK), step(fresh(number + 1, params=BACK))]
    (finding,) = judge(seen)
    assert finding.code == "ZG203"
    assert finding.message == "these layers never train: weight"
    by_hand = [clear(*[n for n, _ in o.dropped], leaves=FRONT, how="hand")
               if isinstance(o, ClearSeen) else o for o in seen]  # fmt: skip
    assert told(by_hand) == []


def test_a_share_that_another_optimizer_applied_is_not_lost() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 3, 5):
        seen += [
            backward(number),
            step(fresh(number, params=FRONT), of=1),
            clear(number, leaves=BACK),
        ]
        seen += [backward(number + 1, leaves=BACK, stack=2)]
        seen += [step(fresh(number + 1, params=BACK), of=2), clear(leaves=FRONT)]
    assert told(seen) == []


def leaking(order: tuple[int, ...]) -> list[Observation]:
    """The first optimizer's loss goes through the second's parameters, which keep it."""
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 3, 5):
        seen += [backward(number, leaves=order), step(fresh(number, params=FRONT), of=1)]
        seen += [clear(leaves=FRONT), backward(number + 1, leaves=BACK, stack=2)]
        seen += [step(fresh(number, number + 1, params=BACK), of=2), clear(leaves=BACK)]
    return seen


def test_a_loss_that_passes_through_another_optimizers_parameters_leaks_into_them() -> None:
    (finding,) = judge(leaking((2, 1)))
    assert finding.code == "ZG301"
    assert finding.severity == "error"
    assert "SGD at train.py:3 (optimizer 1)" in finding.message


def test_a_body_that_two_losses_are_meant_for_is_clean() -> None:
    assert told(leaking((1, 2))) == []


def graphs(
    observations: list[Observation],
    through: tuple[tuple[int, int], ...],
    targets: tuple[int, ...] = (),
) -> list[Observation]:
    """The same, and the graph of each backward of the first line was read."""
    return [
        replace(one, through=through, targets=targets)
        if isinstance(one, OriginSeen) and one.stack == 1
        else one
        for one in observations
    ]


def test_where_its_graph_was_read_a_leak_is_told_by_the_way_it_took() -> None:
    assert told(graphs(leaking((1, 2)), ((2, 1),))) == ["ZG301"]
    assert told(graphs(leaking((2, 1)), ())) == []


def test_a_target_that_trains_on_its_own_is_to_be_cut_off() -> None:
    (finding,) = judge(graphs(leaking((1, 2)), (), (2,)))
    assert finding.code == "ZG301"
    assert "detach()" in finding.remedy


def test_leaks_in_both_directions_are_told_of_both() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 3, 5):
        back = (number,) if number == 1 else (number - 1, number)
        seen += [backward(number), step(fresh(*back, params=BACK), of=2), clear(leaves=BACK)]
        seen += [backward(number + 1, stack=2)]
        seen += [step(fresh(number, number + 1, params=FRONT), of=1), clear(leaves=FRONT)]
    assert told(seen) == ["ZG301", "ZG301"]


def test_an_optimizer_that_shares_every_backward_and_steps_seldom_is_clean() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK)]
    for number in (1, 3, 5):
        for one in (number, number + 1):
            seen += [backward(one), step(fresh(one, params=BACK), of=2), clear(leaves=BACK)]
        seen += [step(fresh(number, number + 1, params=FRONT), of=1), clear(leaves=FRONT)]
    assert told(seen) == []


def copied(*, too_late: bool) -> list[Observation]:
    """An optimizer of copies, which the gradients of the model were to be written to."""
    seen: list[Observation] = [made(1, FRONT)]
    for number in (1, 2, 3):
        gone = clear(number, leaves=BACK, how="module")
        rest: list[Observation] = (
            [gone, step(Held(FRONT))] if too_late else [step(Held(FRONT)), gone]
        )
        seen += [backward(number, leaves=BACK), *rest]
    return seen


def test_what_is_cleared_before_it_is_copied_is_cleared_too_late() -> None:
    (finding,) = judge(copied(too_late=True))
    assert (finding.code, finding.site) == ("ZG201", CLEAR)
    assert told(copied(too_late=False)) == ["ZG401"]


def test_what_counts_twice_because_nothing_is_cleared_is_told_once() -> None:
    twice = [
        replace(one, counted_twice=True) if isinstance(one, StepSeen) else one
        for one in loop(*(stale(number) for number in range(1, 6)))
    ]
    assert told(twice) == ["ZG101"]


def test_no_gradients_at_all() -> None:
    seen: list[Observation] = [made()]
    for number in (1, 2, 3):
        seen += [backward(number, leaves=(7, 8)), step(at=CLEAR if number == 3 else STEP)]
    (finding,) = judge(seen)
    assert (finding.code, finding.site) == ("ZG401", CLEAR)


def replaced(*names: int) -> list[Observation]:
    """Leaf 2 of the optimizer is never reached, leaf 3 belongs to none; ``names`` have modules."""
    seen = [made(), LeavesNamed(names, tuple(f"layer{leaf}.weight" for leaf in names))]
    for number in (1, 2, 3, 4):
        seen += [backward(number, leaves=(1, 3)), step(fresh(number, params=FRONT)), clear()]
    return seen


def test_layers_that_were_replaced_are_missed_by_their_optimizer() -> None:
    (finding,) = judge(replaced(1, 3))
    assert finding.code == "ZG401"
    assert finding.message.startswith("1 of its 2 parameters no longer belongs to any module")
    assert "layer3.weight" in finding.message
    assert finding.evidence.startswith("step 4 ")


def test_parameters_that_never_had_a_module_were_not_replaced() -> None:
    assert told(replaced(3)) == []


def waiting(other: Site | None) -> list[Observation]:
    """Optimizer 1 never steps, though its leaf has gradients; one made at ``other`` does."""
    seen: list[Observation] = [made(1, FRONT), made(2, BACK, other)]
    for number in (1, 2, 3):
        seen += [backward(number), step(fresh(number, params=BACK), of=2), clear(leaves=BACK)]
    return seen


def test_gradients_that_no_step_applies_have_no_verdict() -> None:
    for other in (None, STEP):
        (finding,) = judge(waiting(other))
        assert (finding.code, finding.number) == ("ZG000", 1)
        assert "no step was seen applying them" in finding.message
        assert finding.steps_seen == 0


def test_an_optimizer_whose_line_made_one_that_steps_is_not_waited_for() -> None:
    assert told(waiting(MADE)) == []


def test_two_steps_are_not_enough() -> None:
    found = judge(loop(fresh(1), fresh(2)))
    assert [finding.code for finding in found] == ["ZG000"]
    assert verdict_of(found) == "inconclusive"


def test_skipped_steps_are_not_judged() -> None:
    seen = loop(fresh(1), fresh(2), fresh(3))
    for number in (4, 5):
        seen += [backward(number), step(stale(number), skipped=True)]
    assert told(seen) == []


def test_gradients_that_come_back_from_numpy_have_no_verdict() -> None:
    seen: list[Observation] = [made()]
    for number in (1, 2, 3):
        seen += [backward(number, way="numpy", leaves=()), step(fresh(number)), clear()]
    (finding,) = judge(seen)
    assert finding.code == "ZG000"
    assert "NumPy" in finding.message


def test_a_loop_without_an_optimizer_is_judged() -> None:
    seen: list[Observation] = []
    for number in (1, 2, 3):
        seen += [backward(number), step(stale(number), of=0)]
    (finding,) = judge(seen)
    assert (finding.code, finding.optimizer) == ("ZG101", "the update by hand")


def finding(code: str) -> Finding:
    return Finding(code, "SGD", 1, "", "", STEP, 5)


def test_errors_and_warnings_decide_before_unknown_and_notes_never() -> None:
    assert verdict_of([]) == "pass"
    assert verdict_of([finding("ZG107")]) == "pass"
    assert verdict_of([finding("ZG000"), finding("ZG107")]) == "inconclusive"
    assert verdict_of([finding("ZG000"), finding("ZG105")]) == "fail"
    assert EXIT_CODES == {"pass": 0, "fail": 1, "inconclusive": 3}


def test_every_code_has_a_severity_and_an_advice() -> None:
    assert {code: rule.severity for code, rule in RULES.items()} == {
        "ZG101": "error",
        "ZG102": "error",
        "ZG103": "error",
        "ZG105": "warning",
        "ZG106": "warning",
        "ZG107": "note",
        "ZG201": "error",
        "ZG202": "error",
        "ZG203": "error",
        "ZG301": "error",
        "ZG401": "warning",
        "ZG501": "note",
        "ZG502": "warning",
        "ZG503": "warning",
        "ZG504": "warning",
        "ZG001": "note",
        "ZG000": "inconclusive",
    }
    assert all(rule.advice for rule in RULES.values())


def test_what_an_error_explains_is_not_told_beside_it() -> None:
    seen = loop(*(stale(number) for number in range(1, 6)))
    again = step(Held(BOTH, (), (1, 2, 3, 4, 5)))
    assert told([*seen, again, again]) == ["ZG101"]


def test_what_was_cleared_inside_the_accumulation_says_nothing_of_its_scale() -> None:
    seen: list[Observation] = [made()]
    for number in (1, 4, 7):
        seen += [backward(number), clear(number), backward(number + 1), backward(number + 2)]
        seen += [LossSeen(one, "mean", (8.0, 8.0)) for one in (number, number + 1, number + 2)]
        seen += [step(fresh(number + 1, number + 2)), clear()]
    assert told(seen) == ["ZG202"]


def test_another_mistake_says_nothing_of_the_scale_either() -> None:
    seen = [made(), LeavesNamed((1, 3), ("layer1.weight", "layer3.weight"))]
    for number in (1, 4, 7):
        batches = range(number, number + 3)
        seen += [backward(one, leaves=(1, 3)) for one in batches]
        seen += [LossSeen(one, "mean", (3.0, 3.0)) for one in batches]
        seen += [step(fresh(*batches, params=FRONT)), clear()]
    assert told(seen) == ["ZG401"]
    assert told([seen[0], *seen[2:]]) == ["ZG502"]


def test_layers_that_have_their_module_or_that_nothing_replaces_are_no_others() -> None:
    assert told(replaced(1, 2, 3)) == []
    assert told(replaced(1, 3)[:-3]) == ["ZG401"], "three steps are enough"
    alone = [
        replace(one, leaves=FRONT) if isinstance(one, OriginSeen) else one for one in replaced(1)
    ]
    assert told(alone) == []


def renamed(first: int, last: int, names: tuple[str, str] = ("head", "head")) -> list[Observation]:
    """Leaf 3 comes with step ``first`` under a name of leaf 2, which is reached up to ``last``."""
    seen = [made(), LeavesNamed((1, 2, 3), ("body", *names))]
    for number in range(1, 7):
        leaves = (1, *((2,) if number <= last else ()), *((3,) if number >= first else ()))
        moved = tuple(leaf for leaf in leaves if leaf < 3)
        seen += [backward(number, leaves=leaves), step(fresh(number, params=moved)), clear()]
    return seen


def test_a_layer_that_took_over_the_name_of_another_replaced_it() -> None:
    assert told(renamed(4, 3)) == ["ZG401"]
    assert told(renamed(4, 4)) == [], "both were there for a while"
    assert told(renamed(4, 6)) == []
    assert told(renamed(4, 0)) == [], "the old one never trained"
    assert told(renamed(4, 3, ("old", "new"))) == []


def test_few_steps_of_an_optimizer_are_judged_by_one_of_the_same_line() -> None:
    def beside(site: Site | None, name: str = "SGD", steps: int = 3) -> list[str]:
        seen: list[Observation] = [made(1, FRONT), made(2, BACK, site, name=name)]
        for number in range(1, 3):
            seen += [backward(number), step(fresh(number, params=FRONT)), clear(leaves=FRONT)]
        for number in range(3, 3 + steps):
            seen += [backward(number, leaves=BACK), step(fresh(number, params=BACK), of=2), clear()]
        return told(seen)

    assert beside(MADE) == []
    assert beside(MADE, "Adam") == ["ZG000"]
    assert beside(STEP) == beside(None) == ["ZG000"]


def test_a_single_step_that_a_scaler_refused_is_not_waited_for() -> None:
    for refused, codes in ((True, []), (False, ["ZG000"])):
        seen: list[Observation] = [made(1, FRONT), made(2, BACK, STEP)]
        for number in range(1, 4):
            seen += [backward(number), step(fresh(number, params=FRONT)), clear(leaves=FRONT)]
        seen += [clear(3, leaves=BACK), step(Held(BACK), of=2, refused=refused)]
        assert told(seen) == codes


def unfollowed(ways: tuple[OriginWay, ...]) -> list[Finding]:
    seen: list[Observation] = [made()]
    for number, way in enumerate(ways, 1):
        at = CLEAR if number == len(ways) else STEP
        seen += [backward(number, way=way), step(fresh(number), at=at), clear()]
    return judge(seen)


def test_gradients_that_cannot_be_followed_twice_have_no_verdict() -> None:
    assert unfollowed(("numpy", "backward", "backward", "backward")) == []
    (finding,) = unfollowed(("backward", "backward", "numpy", "numpy"))
    assert (finding.code, finding.site) == ("ZG000", CLEAR)
    assert finding.evidence == "as at step 4"


def test_an_optimizer_that_steps_over_nothing_is_not_waited_for() -> None:
    seen: list[Observation] = [made(1, FRONT), made(2, BACK, STEP)]
    for number in (1, 2, 3):
        seen += [backward(number), step(of=1), step(fresh(number, params=BACK), of=2)]
        seen += [clear(leaves=BACK)]
    assert told(seen) == []
