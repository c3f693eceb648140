"""One plain verdict on both runs, in the metric that matters: accuracy where there is one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.explain.outcome import Outcome, RunOutcome

ALIKE = 0.01
"""Mean losses that differ by less than this share of the larger do about equally well."""
ALIKE_ACCURACY = 0.03
"""Accuracies that differ by less do about equally well: some held-out samples more or less."""
FAR = 2.0
"""A loss so many times as high is worth a word beside equal accuracies."""
HIGH = 16
"""The newest losses of which the highest is told of a run that is far above its first."""
EQUAL_STEPS = 2
"""Losses 1 and 2 are the same in any pair of runs (claims.md 18)."""


def verdict(outcome: Outcome) -> str:
    """Which run does what it should, and why not the other; one or two sentences.

    Empty where nothing was trained. True of the losses and accuracies in ``outcome`` alone: it says
    nothing of what is to come.
    """
    if not outcome.step:
        return ""
    if outcome.differ_at is None:
        return _equal(outcome)
    if outcome.chance is not None and not any(
        run.trend.state == "diverged" for run in outcome.runs
    ):
        grades = [run.grade(outcome.chance) for run in outcome.runs]
        if None not in grades:
            return _by_accuracy(outcome)
    return _by_loss(outcome)


def verdicts_apart(outcomes: Mapping[str, Outcome]) -> list[str]:
    """The verdict on each of several losses of a script, by their names.

    Those that are lower in the same run are told of in one sentence.
    """
    alike: dict[object, list[str]] = {}
    for label, outcome in outcomes.items():
        low = _lower(outcome)
        key = (low.name, low.count, outcome.finished) if low is not None else label
        alike.setdefault(key, []).append(label)
    return [
        said
        for labels in alike.values()
        if (said := _of_each({label: outcomes[label] for label in labels}))
    ]


def _of_each(outcomes: Mapping[str, Outcome]) -> str:
    (label, outcome), *others = outcomes.items()
    if not others:
        said = verdict(outcome)
        return f"{label}: {said}" if said else ""
    low, _ = _by_mean(outcome)
    verb = "ended lower" if outcome.finished else "are lower so far"
    told = [f"{label} {_means(*_by_mean(one))}" for label, one in outcomes.items()]
    newest = f"means of the newest {low.count} {outcome.unit}s"
    return f"{low.name}'s losses {verb}: {', '.join(told)} ({newest})."


def _lower(outcome: Outcome) -> RunOutcome | None:
    """The run of which the verdict says that its loss is lower, and no more."""
    low, high = _by_mean(outcome)
    return low if verdict(outcome) == _lower_apart(outcome, low, high) else None


def _by_mean(outcome: Outcome) -> tuple[RunOutcome, RunOutcome]:
    """The run with the lower mean loss, then the other."""
    a, b = outcome.runs
    return (a, b) if a.mean <= b.mean else (b, a)


def number(value: float) -> str:
    """A loss in three significant digits."""
    return f"{value:.3g}"


def percent(share: float) -> str:
    """An accuracy in three significant digits."""
    return f"{100 * share:.3g} %"


def _equal(outcome: Outcome) -> str:
    a, b = outcome.runs
    loss = f"loss {number(a.last)}"
    both = f"{a.name} and {b.name}"
    if not outcome.ours:
        return f"{both} are equal ({loss})."
    if outcome.step == 1:
        return f"Loss 1 is the same in both runs ({number(a.last)}): no update was made before it."
    if a.settings == b.settings and not (a.changed or b.changed):
        return f"{both} have the same settings and are equal ({loss})."
    if outcome.step == EQUAL_STEPS:
        return "Losses 1 and 2 are the same in both runs: the first update uses no stale gradient."
    return f"{both} are equal so far ({loss})."


# By accuracy


def _by_accuracy(outcome: Outcome) -> str:
    a, b = outcome.runs
    chance = outcome.chance
    assert chance is not None
    assert a.accuracy is not None
    assert b.accuracy is not None
    better, worse = (a, b) if a.accuracy >= b.accuracy else (b, a)
    grades = better.grade(chance), worse.grade(chance)
    if grades[0] == grades[1]:
        return _same_grade(outcome, better, worse)
    clause = _although(outcome, better)
    part = "learned in part" if grades[0] == "partly" else "learned"
    first = f"{better.name} {part} ({_accuracy(better)} accuracy){clause}."
    negative = "did" if outcome.finished else "has"
    if grades[1] == "partly":
        second = f"{worse.name} {negative} only in part ({_accuracy(worse)})"
    else:
        second = (
            f"{worse.name} {negative} not ({_accuracy(worse)}; guessing gives {percent(chance)})"
        )
    return f"{first} {second}{_reason(outcome, better, worse)}."


def _same_grade(outcome: Outcome, better: RunOutcome, worse: RunOutcome) -> str:
    assert better.accuracy is not None
    assert worse.accuracy is not None
    a, b = outcome.runs
    if better.grade(outcome.chance or 0.0) == "not":
        verb = "learned" if outcome.finished else "has learned yet"
        return (
            f"Neither run {verb} (A {_accuracy(a)}, B {_accuracy(b)} accuracy;"
            f" guessing gives {percent(outcome.chance or 0.0)})."
        )
    part = " in part" if better.grade(outcome.chance or 0.0) == "partly" else ""
    if better.accuracy - worse.accuracy >= ALIKE_ACCURACY:
        said = f"Both runs learned{part}, {better.name} more"
        said += f" ({_accuracy(better)} accuracy against {_accuracy(worse)})"
        why = _reason(outcome, better, worse, whom=worse.name)
        return f"{said}{why or _although(outcome, better)}."
    faulty = [run for run in outcome.runs if run.faulty]
    clause = _although(outcome, faulty[0], whom=faulty[0].name) if len(faulty) == 1 else ""
    low, high = sorted(outcome.runs, key=lambda run: run.mean)
    loss = ""
    if math.isfinite(high.mean) and 0 <= FAR * low.mean < high.mean:
        means = f"{number(low.mean)} against {number(high.mean)}"
        loss = f"; {low.name} has the lower mean loss, {means}"
    said = f"Both runs learned{part} (A {_accuracy(a)}, B {_accuracy(b)} accuracy){clause}{loss}"
    return f"{said}."


def _accuracy(run: RunOutcome) -> str:
    assert run.accuracy is not None
    return percent(run.accuracy)


# By loss


def _by_loss(outcome: Outcome) -> str:
    a, b = outcome.runs
    if a.failed or b.failed:
        return _failing(outcome)
    if outcome.step <= EQUAL_STEPS or not math.isfinite(a.mean - b.mean):
        return f"{a.name}'s loss is {number(a.last)}, {b.name}'s {number(b.last)}."
    low, high = _by_mean(outcome)
    alike = abs(a.mean - b.mean) <= ALIKE * max(abs(a.mean), abs(b.mean))
    states = {low.trend.state, high.trend.state}
    if states == {"converged"} and abs(a.last - b.last) <= ALIKE * max(abs(a.last), abs(b.last)):
        return f"{a.name} and {b.name} converged to the same loss ({number(a.last)})."
    if low.trend.state == "converged" and len(states) == 2 and not alike:
        better = f"{_deed(outcome, low)}{_although(outcome, low)}"
        return f"{better}. {_deed(outcome, high)}{_reason(outcome, low, high)}."
    if "training" in states or len(states) == 1:
        return _ahead(outcome, low, high, alike=alike)
    return f"{_deed(outcome, a)}. {_deed(outcome, b)}."


def _failing(outcome: Outcome) -> str:
    a, b = outcome.runs
    if a.failed and b.failed:
        return f"Both runs fail: {_deed(outcome, a)}, and {_deed(outcome, b)}."
    good, bad = (b, a) if a.failed else (a, b)
    why = _reason(outcome, good, bad)
    return f"{_deed(outcome, bad)}{why}. {_deed(outcome, good)}{_although(outcome, good)}."


def _ahead(outcome: Outcome, low: RunOutcome, high: RunOutcome, *, alike: bool) -> str:
    means = f"loss {_means(low, high)}, means of the newest {low.count} {outcome.unit}s"
    if alike:
        both = f"{outcome.a.name} and {outcome.b.name}"
        return f"{both} do about equally well{'' if outcome.finished else ' so far'} ({means})."
    if outcome.apart:
        return _lower_apart(outcome, low, high)
    verb = "ended ahead" if outcome.finished else "is ahead so far"
    reason = _reason(outcome, low, high, whom=high.name).replace(": ", "; ", 1)
    return f"{low.name} {verb} ({means}){reason or _although(outcome, low)}."


def _lower_apart(outcome: Outcome, low: RunOutcome, high: RunOutcome) -> str:
    verb = "ended lower" if outcome.finished else "is lower so far"
    newest = f"means of the newest {low.count} {outcome.unit}s"
    return f"{low.name}'s loss {verb} ({_means(low, high)}, {newest})."


def _means(low: RunOutcome, high: RunOutcome) -> str:
    return f"{number(low.mean)} against {number(high.mean)}"


def _deed(outcome: Outcome, run: RunOutcome) -> str:
    """What the losses of ``run`` do, as a sentence without its stop."""
    trend, name = run.trend, run.name
    words = {
        "diverged": f"{name} diverged{_since(outcome, trend.since)}",
        "converged": f"{name} converged (loss {number(run.last)})",
        "stuck": f"{name} is stuck (loss {number(run.last)})",
        "training": f"{name}'s loss {_level(outcome, run)}",
    }
    if trend.state == "oscillating":
        return f"{name} oscillates (loss {number(min(run.newest))} to {number(max(run.newest))})"
    if trend.state == "growing" and trend.growth is not None:
        return f"{name}'s loss grows ×{trend.growth:.3g} per {outcome.unit}"
    if trend.state == "growing":
        top = number(max(run.newest[-HIGH:]))
        return f"{name}'s loss is far above its first (up to {top} lately)"
    return words[trend.state]


def _level(outcome: Outcome, run: RunOutcome) -> str:
    """How high its losses are lately: the last one may lie anywhere among them."""
    if not math.isfinite(run.mean) or number(run.mean) == number(run.last):
        return f"is {number(run.last)}"
    return f"averages {number(run.mean)} over the newest {run.count} {outcome.unit}s"


def _since(outcome: Outcome, step: int | None) -> str:
    return "" if step is None else f" at {outcome.axis} {step}"


# Why


def _clears(run: RunOutcome) -> str:
    period = run.settings.clear.period
    return "never clears its gradients" if period == 0 else f"clears only every {period} steps"


def _reason(outcome: Outcome, good: RunOutcome, bad: RunOutcome, *, whom: str = "it") -> str:
    """Why ``bad`` does worse: it does not clear, ``good`` does, and nothing else differs."""
    if bad.faulty and not good.faulty and outcome.only_clearing_differs:
        return f": {whom} {_clears(bad)}"
    return ""


def _although(outcome: Outcome, run: RunOutcome, *, whom: str = "it") -> str:
    """That ``run`` does well in spite of what is wrong with it."""
    if run.faulty and outcome.only_clearing_differs and not run.changed:
        return f", although {whom} {_clears(run)}"
    return ""
