"""The rules of `zgtui check`: pure functions over recorded observations, a few lines each.

They follow the contributions: a gradient is stale where it holds a backward that its optimizer
has already applied. ``judge`` runs all of them. Each takes an ``OptimizerTrace`` and yields
findings.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS, Finding, theory_of
from zgtui.check.trace import OptimizerTrace, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zgtui.check.observations import GradientContents, Observation, StepSeen
    from zgtui.instrument.sites import Site

TWICE = 2
"""What happens once may be on purpose or by chance; what is reported was seen twice at least."""
NAMES = 4
"""Parameters listed by name in a message."""


def judge(observations: Iterable[Observation]) -> list[Finding]:
    """Everything there is to say, optimizer by optimizer; empty where all is well."""
    found: list[Finding] = []
    for seen in gather(observations):
        own = [finding for rule in RULES_OF_ONE for finding in rule(seen)]
        errors = any(finding.severity == "error" for finding in own)
        found += [one for one in own if not (errors and one.code in {"ZG105", "ZG106", "ZG000"})]
    return found


def not_cleared(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG101, ZG102 and ZG103: a step with what was applied before and a further backward."""
    faulty = [step for step in seen.judged if any(map(stale, step.holdings))]
    if len(faulty) < TWICE or len(seen.judged) < MIN_STEPS:
        return
    bad = {
        index for step in faulty for held in step.holdings if stale(held) for index in held.params
    }
    later = [clear for clear in seen.clears if clear.step > 0 or clear.discarded]
    cleared = {index for clear in later for index in clear.params}
    last = faulty[-1]
    worst = max(filter(stale, last.holdings), key=lambda held: held.applied)
    total = worst.applied + len(worst.fresh)
    evidence = (
        f"the gradient applied at step {last.number} held {total} backward passes,"
        f" {worst.applied} of them already applied"
    )
    if not cleared & bad and cleared - bad:
        message = f"never clears {len(bad)} of its {seen.params} parameters: {named(seen, bad)}"
        yield _finding(seen, "ZG102", message, evidence, last, clear=_where(later))
    elif not cleared & bad:
        first = _where(seen.clears)
        message = f"its gradients were never cleared in {len(seen.judged)} steps"
        if first is not None:
            message = (
                f"its gradients were not cleared again after the first step ({first.file_line})"
            )
        yield _finding(seen, "ZG101", message, evidence, last, clear=first)
    else:
        message = (
            f"clears only now and then: {len(faulty)} of {len(seen.judged)} steps applied"
            " gradients of earlier steps again"
        )
        yield _finding(seen, "ZG103", message, evidence, last, clear=_where(later))


def applied_again(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG105: a step without a new backward that applied the same gradients again."""
    again = [
        step
        for step in seen.judged
        if any(held.applied for held in step.holdings)
        and not any(held.fresh or held.by_hand for held in step.holdings)
    ]
    if len(again) >= TWICE and len(seen.judged) >= MIN_STEPS:
        last = again[-1]
        message = (
            f"{len(again)} of {len(seen.judged)} steps applied the same gradients again without a"
            " new backward"
        )
        evidence = f"no backward was seen between step {last.number - 1} and step {last.number}"
        yield _finding(seen, "ZG105", message, evidence, last)


def moved_by_old(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG106: beside parameters with new gradients, others were moved by their old ones."""
    moved = [
        (step, {index for held in step.holdings if old(held) for index in held.params})
        for step in seen.judged
        if any(map(old, step.holdings)) and any(held.fresh for held in step.holdings)
    ]
    if len(moved) >= TWICE and len(seen.judged) >= MIN_STEPS:
        last, params = moved[-1]
        message = (
            f"{len(moved)} of {len(seen.judged)} steps moved parameters that got no new gradient"
            f" by their old one: {named(seen, params)}"
        )
        evidence = f"at step {last.number} these gradients were those of an earlier step"
        yield _finding(seen, "ZG106", message, evidence, last)


def cleared_too_late(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG201: at every step all that the backwards had added was cleared already."""
    held = [one for step in seen.judged for one in step.holdings]
    thrown = [step for step in seen.judged if any(one.discarded for one in step.holdings)]
    nothing = not any(one.fresh or one.applied or one.by_hand for one in held)
    if nothing and len(thrown) >= MIN_STEPS and len(thrown) == len(seen.judged):
        clear = _where([one for one in seen.clears if one.discarded])
        message = f"cleared between backward and step: none of {len(thrown)} steps applied anything"
        last = thrown[-1]
        evidence = f"before step {last.number} all that backward had added was cleared"
        yield _finding(seen, "ZG201", message, evidence, last, clear=clear, at_clear=True)


def cleared_inside(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG202: in half of the cycles or more, backwards of one call are applied and thrown away."""
    cycles = [step for step in seen.judged if any(held.fresh for held in step.holdings)]
    bad = [step for step in cycles if any(_throws(seen, held) for held in step.holdings)]
    if len(cycles) >= MIN_STEPS and 2 * len(bad) >= len(cycles):
        last = bad[-1]
        worst = next(held for held in last.holdings if _throws(seen, held))
        total = len(worst.discarded) + len(worst.fresh)
        message = (
            f"cleared inside the accumulation: {len(bad)} of {len(cycles)} steps lost backward"
            " passes that were meant for them"
        )
        evidence = (
            f"of the {total} backward passes before step {last.number},"
            f" {len(worst.discarded)} were thrown away"
        )
        clear = _where([one for one in seen.clears if set(one.discarded) & set(worst.discarded)])
        yield _finding(seen, "ZG202", message, evidence, last, clear=clear, at_clear=True)


def leaks(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG301: a step holds a backward that another optimizer stepped with, and one it did not."""
    leaking: list[tuple[StepSeen, int, str]] = []
    for step in seen.judged:
        fresh = {n for held in step.holdings for n in held.fresh if n in seen.backwards}
        for other in seen.others:
            between = {b for b, at in other.used.items() if b in fresh and at < max(fresh)}
            own = {b for b in fresh if b not in other.used}
            if between and own and max(own) > max(between):
                leaking.append((step, max(between), other.label))
                break
    if len(leaking) >= TWICE and len(seen.judged) >= MIN_STEPS:
        step, number, whose = leaking[-1]
        backward = seen.backwards[number].site
        message = f"its steps also apply the gradients of a backward that {whose} stepped with"
        evidence = (
            f"step {step.number} held the backward at {backward.file_line},"
            f" which {whose} had applied before"
        )
        yield _finding(seen, "ZG301", message, evidence, step, backward=backward)


def without_gradients(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG401: it stepped, others got gradients, its own parameters never did."""
    empty = [step for step in seen.steps if not step.wraps and not step.skipped]
    if len(empty) >= MIN_STEPS and not seen.judged and not seen.added and seen.backwards:
        message = f"its {seen.params} parameters never had a gradient"
        evidence = f"{len(seen.backwards)} backward passes added to none of them"
        yield _finding(seen, "ZG401", message, evidence, empty[-1])


def not_enough(seen: OptimizerTrace) -> Iterator[Finding]:
    """ZG000: too few steps, or gradients that cannot be followed."""
    wrapped = any(step.wraps for step in seen.steps)
    if seen.judged:
        last = seen.judged[-1]
        if len(seen.judged) < MIN_STEPS:
            message = f"only {len(seen.judged)} of its steps were seen; a verdict needs {MIN_STEPS}"
            yield _finding(seen, "ZG000", message, "", last)
        elif lost := [step for step in seen.judged[:-1] if _lost(seen, step)]:
            message = "its gradients were set by hand in a way that cannot be followed"
            evidence = f"the gradient at step {lost[-1].number} was not added by any backward"
            found = _finding(seen, "ZG000", message, evidence, lost[-1])
            yield dataclasses.replace(found, remedy="clear after each step: then each is seen anew")
    elif seen.added and not wrapped and not seen.shared:
        message = "its parameters had gradients, but no step of it was seen to apply them"
        at = seen.backwards[max(seen.added)].site
        yield Finding("ZG000", seen.label, seen.number, message, "", at, 0, {"backward": at})


def stale(held: GradientContents) -> bool:
    """Whether it holds what was applied before and a further backward."""
    return bool(held.present and held.applied and held.fresh and not held.by_hand)


def old(held: GradientContents) -> bool:
    """Whether it holds nothing but what was applied before."""
    return bool(held.present and held.applied and not held.fresh and not held.by_hand)


def _throws(seen: OptimizerTrace, held: GradientContents) -> bool:
    kept, lost = (
        {seen.backwards[number].stack for number in numbers if number in seen.backwards}
        for numbers in (held.fresh, held.discarded)
    )
    return bool(kept & lost) and not held.by_hand


def _lost(seen: OptimizerTrace, step: StepSeen) -> bool:
    """Whether gradients set by hand were still there when the next backward added to them."""
    by_hand = {index for held in step.holdings if held.by_hand for index in held.params}
    gone = {i for clear in seen.clears if clear.step == step.number for i in clear.params}
    return bool(by_hand - gone)


def named(seen: OptimizerTrace, params: Iterable[int]) -> str:
    """The parameters by name, or by place where names are not known; a few of many."""
    names = [
        seen.names[index]
        if index < len(seen.names) and seen.names[index]
        else f"number {index + 1}"
        for index in sorted(params)
    ]
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


def _where(clears: Iterable[object]) -> Site | None:
    """The line that cleared most often."""
    sites = Counter(site for clear in clears if (site := getattr(clear, "site", None)) is not None)
    return sites.most_common(1)[0][0] if sites else None


def _finding(  # noqa: PLR0913 - all that a finding tells
    seen: OptimizerTrace,
    code: str,
    message: str,
    evidence: str,
    step: StepSeen,
    *,
    clear: Site | None = None,
    backward: Site | None = None,
    at_clear: bool = False,
) -> Finding:
    # A backward is told of when it has ended, which the last one may never have.
    numbers = [number for held in step.holdings for number in (*held.fresh, *held.discarded)]
    fresh = [number for number in numbers if number in seen.backwards]
    if backward is None and fresh:
        backward = seen.backwards[max(fresh)].site
    roles = {"backward": backward, "step": step.site, "clear": clear}
    return Finding(
        code,
        seen.label,
        seen.number,
        message,
        evidence,
        clear if at_clear and clear is not None else step.site,
        len(seen.judged),
        {role: site for role, site in roles.items() if site is not None},
        theory_of(code, seen.name),
    )


RULES_OF_ONE: tuple[Callable[[OptimizerTrace], Iterator[Finding]], ...] = (
    not_cleared,
    applied_again,
    moved_by_old,
    cleared_too_late,
    cleared_inside,
    leaks,
    without_gradients,
    not_enough,
)
