"""What both runs did, why, and what was measured of it, in short lines, the result first.

Each line is a function of settings and measured numbers that returns text where it is true, else
nothing. Claims are numbered as in claims.md. Lines depend on losses and on what was measured at the
steps that every machine measures: the same seed and step give the same lines everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from zgtui.config.settings import Clearing, RunName, RunSettings
from zgtui.curves.trend import Trend
from zgtui.explain.verdict import number, verdict
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.events import FIRST_STEPS
from zgtui.theory.stability import UNKNOWN, StabilityVerdict
from zgtui.tui.model.live_run import BEFORE
from zgtui.tui.model.predicted import (
    least_loss,
    modes_of,
    outlook,
    q_now,
    ranges_now,
    verdict_now,
)

if TYPE_CHECKING:
    from zgtui.tui.model.live import RemoteComparison
    from zgtui.tui.model.live_run import LiveRun

START = Trend("training")
MAX_LINES = 7
ENOUGH_STEPS = 20
"""Steps before the fault is said to be hidden."""
TINY_FACTOR = 0.02
"""A factor below this is that of a run which is there in a step or two."""
ADAPTIVE = {
    "Adam": "delays",
    "AdamW": "delays",
    "NAdam": "delays",
    "RAdam": "delays",
    "RMSprop": "hides",
}
"""Optimizers that divide the step by the size of ``.grad``, and what they do to the fault."""


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """One run: its settings, what was measured of it, and what theory says of it.

    ``mean`` is that of its newest losses; ``q`` is lr·λ, ``modes`` the number of directions of a
    quadratic loss, 0 where it is not one; ``limit`` the lr·λ from which on it is unstable, None
    where none is known; ``target`` the loss that it converges to by theory. ``ratio`` is ‖.grad‖
    over ‖gradient‖ at step ``sampled``, ``uphill`` how many of its first steps went uphill, None
    where not all were measured. ``changed_at`` is the step from which it was set otherwise by hand.
    """

    name: RunName
    settings: RunSettings
    trend: Trend = START
    steps: int = 0
    mean: float = math.nan
    last: float = math.nan
    ratio: float | None = None
    sampled: int = 0
    uphill: int | None = None
    q: float | None = None
    modes: int = 0
    limit: float | None = None
    target: float | None = None
    verdict: StabilityVerdict = UNKNOWN
    changed_at: int | None = None
    has_cleared: bool = False
    """Whether it ever was set to clear."""
    change: str = ""
    before_change: float | None = None

    @property
    def clear(self) -> Clearing:
        """When it clears."""
        return self.settings.clear

    @property
    def never(self) -> bool:
        """Whether it never clears."""
        return self.clear.period == 0

    @property
    def sound(self) -> bool:
        """Whether it neither grows nor has diverged."""
        return self.trend.state not in {"growing", "diverged"}


@dataclass(frozen=True, kw_only=True)
class BothRuns:
    """Both runs, and what they have in common."""

    a: RunFacts
    b: RunFacts
    step: int = 0
    optimizer: str = "SGD"
    momentum: float = 0.0
    weight_decay: float = 0.0
    clip: float | None = None
    full_batch: bool = False
    constant: bool = True
    """Whether the learning rate follows no schedule."""
    result: str = ""
    """The verdict; empty where nothing was trained, or it is not to be told."""
    outlook: str = ""
    """What theory says of the runs as they are set now; empty where it was not asked for."""

    @property
    def plain(self) -> bool:
        """Whether it is SGD with neither momentum nor clipping."""
        return self.optimizer == "SGD" and not self.momentum and self.clip is None

    def other(self, run: RunFacts) -> RunFacts:
        """The other run."""
        return self.b if run.name == "A" else self.a


def result(facts: BothRuns) -> str:
    """The verdict."""
    return facts.result


def theory(facts: BothRuns) -> str:
    """What theory says, where it was asked for."""
    return facts.outlook


def policies(facts: BothRuns) -> str:
    """When both clear, before the first step: nothing is given away."""
    if facts.step:
        return ""
    words = {run.name: _policy(run.settings) for run in (facts.a, facts.b)}
    if words["A"] == words["B"]:
        return f"Run A {words['A']}. So does run B."
    return f"Run A {words['A']}. Run B {words['B']}."


def _policy(run: RunSettings) -> str:
    period = run.clear.period
    clears = {0: "never clears its gradients", 1: "clears its gradients before every step"}
    words = clears.get(period, f"clears its gradients every {period} steps only")
    if run.accumulate == 1:
        return words
    return f"accumulates {run.accumulate} micro-batches per step and {words}"


def since_change(_facts: BothRuns, run: RunFacts) -> str:
    """What came of the change made last by hand, once a step was taken with it."""
    at, before = run.changed_at, run.before_change
    if at is None or before is None or run.steps <= at or not math.isfinite(run.last):
        return ""
    went = f"its loss went from {number(before)} (mean of {min(at, BEFORE)} steps)"
    return f"Since step {at} {run.name} {run.change}: {went} to {number(run.last)}."


def mechanism(facts: BothRuns, run: RunFacts) -> str:
    """What it steps along where it does not clear before every step (claims 1, 7, 8, 10, 13)."""
    period, who = run.clear.period, run.name
    if period == 1 or not facts.step:
        return ""
    if run.never:
        return _accumulated(facts, run)
    return f"{who} applies a gradient up to {period} times: it clears only every {period} steps."


def _accumulated(facts: BothRuns, run: RunFacts) -> str:
    who = run.name
    total = "the sum of all its gradients"
    total += " since it last cleared" if run.has_cleared else " so far"
    if facts.clip is not None:
        return f"{who} carries .grad over from step to step, clipped to {facts.clip:g}."
    if facts.optimizer != "SGD":
        return f"In {who} {facts.optimizer} gets {total}, instead of the newest one."
    if facts.momentum:
        return f"In {who} momentum runs over {total}: a sum of sums."
    if facts.weight_decay:
        return damping(facts, run) or f"{who} steps along {total}, and weight decay."
    return f"{who} steps along {total}: that is SGD with momentum 1."


def damping(facts: BothRuns, run: RunFacts) -> str:
    """Weight decay damps a run that never clears (claim 8)."""
    lr, decay = run.settings.lr, facts.weight_decay
    if not (run.never and facts.plain and facts.constant and decay and lr is not None):
        return ""
    momentum = 1 - lr * decay
    if run.changed_at is not None or not 0 < momentum < 1:
        return ""
    return (
        f"Weight decay damps {run.name}: it steps as SGD with momentum {momentum:.4g} and no decay."
    )


def cause(facts: BothRuns, run: RunFacts) -> str:
    """Why it grows or diverges, where a claim says so (claims 3, 7, 10, 14)."""
    found, q, who = run.verdict, run.q, run.name
    if run.sound:
        return ""
    if found.state == "unstable at any rate":
        return f"{who} is unstable at any learning rate: momentum on top of accumulated gradients."
    if found.state == "diverges" and q is not None and run.limit is not None:
        if run.clear.period > 1:
            at = f", at lr·λ = {q:.3g}" if run.modes == 1 else ""
            return (
                f"{who} is unstable: clearing every {run.clear.period} steps does not damp it{at}."
            )
        if q > run.limit:
            return f"{who} is unstable: lr·λ = {q:.3g} is above its limit, {run.limit:.3g}."
    if run.never and facts.plain and not facts.full_batch and run.changed_at is None:
        return f"In {who} the noise of all batches adds up in .grad."
    return ""


def course(facts: BothRuns, run: RunFacts) -> str:
    """How an oscillation or a convergence goes, with what theory says of it."""
    trend, found, who = run.trend, run.verdict, run.name
    if trend.state == "oscillating" and trend.period is not None:
        known = found.period is not None and found.state == "oscillates"
        predicted = f" ({found.period:.3g} by theory)" if known else ""
        undamped = ", undamped" if found.state == "oscillates" else ""
        return f"{who} oscillates about every {trend.period:.3g} steps{predicted}{undamped}."
    if trend.state == "converged" and found.state == "converges":
        return _approach(facts, run, found.growth or 0.0)
    return ""


def _approach(facts: BothRuns, run: RunFacts, factor: float) -> str:
    """How fast it came to rest: ``factor`` is that of the square of its error, per step."""
    bent = bool(facts.weight_decay) and run.clear.period == 1
    # Away from its own minimum a loss falls as the error does, not as its square.
    factor = math.sqrt(factor) if bent else factor
    # With several directions the slowest decides, but only after the others are done.
    if factor < TINY_FACTOR or run.target is None or run.modes != 1:
        return ""
    if facts.momentum:
        return ""  # two roots, of which the smaller one fades slowly
    towards = "its loss" if run.target == 0 else f"its distance to the loss {number(run.target)}"
    plain = run.clear.period == 1 and not bent
    average = "" if plain else ", in the long run"
    since = f"{run.name} converged at step {run.trend.since}"
    return f"{since}: {towards} shrinks ×{factor:.2g} per step{average}."


def hidden(facts: BothRuns, run: RunFacts) -> str:
    """An optimizer or clipping keeps the damage from being seen so far (claims 12, 13)."""
    other = facts.other(run)
    if not (run.never and other.clear.period == 1 and run.sound and facts.step >= ENOUGH_STEPS):
        return ""
    if run.changed_at is not None or not run.mean <= 2 * other.mean:
        return ""
    if facts.optimizer in ADAPTIVE:
        verb = ADAPTIVE[facts.optimizer]
        return f"{facts.optimizer} {verb} the damage: it divides each update by the size of .grad."
    if facts.clip is not None and facts.optimizer == "SGD" and not facts.momentum:
        decays = " apart from weight decay" if facts.weight_decay else ""
        return f"Clipping hides the damage: no update is longer than lr × {facts.clip:g}{decays}."
    return ""


def holds(facts: BothRuns, run: RunFacts) -> str:
    """Never clearing stays bounded where clearing does not (claim 3)."""
    other = facts.other(run)
    if not (run.never and other.clear.period == 1 and facts.plain and not other.sound):
        return ""
    if other.verdict.state != "diverges" or run.verdict.state not in {"oscillates", "converges"}:
        return ""
    if run.limit is None or other.limit is None:
        return ""
    limits = f"{run.limit:.3g}, that of {other.name} {other.limit:.3g}"
    return f"{run.name} stays bounded where {other.name} does not: its limit of lr·λ is {limits}."


def uphill(facts: BothRuns, run: RunFacts) -> str:
    """How many of its first steps went against their own gradient."""
    if run.clear.period == 1 or not run.uphill or facts.step < FIRST_STEPS:
        return ""
    went = f"{run.name} went uphill, against the gradient of the step,"
    return f"{went} in {run.uphill} of its first {FIRST_STEPS} steps."


def leftovers(_facts: BothRuns, run: RunFacts) -> str:
    """How much of what it steps along is stale."""
    if run.clear.period == 1 or run.ratio is None or run.ratio < 1.005:
        return ""
    when = f"At step {run.sampled:,} {run.name}'s .grad was {run.ratio:.3g} times"
    return f"{when} as long as the gradient of that step."


COMMON: tuple[Callable[[BothRuns], str], ...] = (policies, result, theory)
OF_A_RUN: tuple[Callable[[BothRuns, RunFacts], str], ...] = (
    since_change, cause, mechanism, holds, hidden, course, uphill, leftovers,
)  # fmt: skip


def explain(facts: BothRuns) -> list[str]:
    """The result, then why: at most MAX_LINES lines, what matters most first.

    Run B comes first: its clearing is in question.
    """
    lines = [line(facts) for line in COMMON]
    lines += [line(facts, run) for line in OF_A_RUN for run in (facts.b, facts.a)]
    return [line for line in lines if line][:MAX_LINES]


def facts_of(live: RemoteComparison, *, theory: bool, secret: bool) -> BothRuns:
    """What holds of the comparison now.

    ``theory``: it was asked for; ``secret``: nothing is to be given away yet.
    """
    settings = live.settings
    return BothRuns(
        a=_of_run(live, "A"),
        b=_of_run(live, "B"),
        step=0 if secret else live.step,
        optimizer=settings.optimizer or "",
        momentum=settings.momentum or 0.0,
        weight_decay=settings.weight_decay or 0.0,
        clip=settings.clip,
        full_batch=live.full_batch,
        constant=settings.schedule == "constant",
        result="" if secret else verdict(live.outcome),
        outlook=outlook(live) if theory and not secret else "",
    )


def _of_run(live: RemoteComparison, name: RunName) -> RunFacts:
    run = live.runs[name]
    outcome = live.outcome.a if name == "A" else live.outcome.b
    ranges = ranges_now(live, name)
    single = ranges is not None and len(ranges) == 1 and ranges[0][0] == 0
    at, words = _last_change(run)
    return RunFacts(
        name=name,
        settings=run.settings,
        trend=outcome.trend,
        steps=outcome.steps,
        mean=outcome.mean,
        last=outcome.last,
        ratio=run.milestone.ratio if run.milestone.clearly else None,
        sampled=run.milestone.step,
        uphill=len(run.uphill) if run.sampled_first_steps else None,
        q=q_now(live, name),
        modes=len(modes_of(live, name)),
        limit=ranges[0][1] if ranges is not None and single else None,
        target=least_loss(live, name),
        verdict=verdict_now(live, name),
        changed_at=at,
        has_cleared=run.first.clear.period > 0
        or any(change.label.startswith("zero_grad") for change in run.changes),
        change=words,
        before_change=run.before_change,
    )


def _last_change(run: LiveRun) -> tuple[int | None, str]:
    """The step from which the newest change by hand holds, and what is so since then."""
    late = [change for change in run.changes if change.step > 1]
    if not late:
        return None, ""
    mark = late[-1]
    if mark.label.startswith("lr"):
        return mark.step, f"has {mark.label}"
    return mark.step, _policy(run.settings)
