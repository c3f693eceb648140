"""What both runs do and why, in at most four short lines that follow the state.

Each line is a function of settings and measured numbers that returns text where it is true, else
nothing. Claims are numbered as in claims.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.config.settings import Clearing, RunName
from zgtui.curves.trend import Trend
from zgtui.theory.dynamics import angle
from zgtui.theory.stability import UNKNOWN, Verdict
from zgtui.tui.model.predicted import modes_of, outlook, q_now, verdict_now

if TYPE_CHECKING:
    from zgtui.tui.model.live import RemoteComparison

START = Trend("training")
MAX_LINES = 4
ENOUGH_STEPS = 20
"""Steps before a run is said to be ahead or no worse."""
ENOUGH_SAMPLES = 8
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

    ``recent`` is the mean of its newest losses; ``q`` is lr·λ, ``modes`` the number of directions
    of a quadratic loss, 0 where it is not one; ``uphill`` the share of ``sampled`` steps.
    """

    name: RunName
    clear: Clearing
    lr: float | None = None
    trend: Trend = START
    recent: float | None = None
    last: float | None = None
    ratio: float | None = None
    uphill: float = 0.0
    sampled: int = 0
    q: float | None = None
    modes: int = 0
    verdict: Verdict = UNKNOWN

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
    same_init: bool = True
    constant: bool = True
    """Whether the learning rate follows no schedule."""
    theory: bool = False
    """Whether theory was asked for."""
    outlook: str = ""
    """What theory says will become of the runs as they are set now."""

    @property
    def plain(self) -> bool:
        """Whether it is SGD with neither momentum nor clipping."""
        return self.optimizer == "SGD" and not self.momentum and self.clip is None

    def other(self, run: RunFacts) -> RunFacts:
        """The other run."""
        return self.b if run.name == "A" else self.a


def before(facts: BothRuns) -> str:
    """The verdict, before the first step and wherever theory is asked for."""
    return facts.outlook if facts.step == 0 or facts.theory else ""


def same_losses(facts: BothRuns) -> str:
    """The first two losses are the same: the first update holds nothing stale (claim 18)."""
    same = facts.same_init and facts.a.lr == facts.b.lr and facts.a.last == facts.b.last
    if facts.step in {1, 2} and same and facts.a.last is not None:
        return "Losses 1 and 2 are the same in both runs: the first update uses no stale gradient."
    return ""


def outcome(facts: BothRuns, run: RunFacts) -> str:
    """What the losses of ``run`` are doing, with the cause where a claim gives one."""
    trend, found = run.trend, run.verdict
    if trend.state == "diverged":
        return f"{run.name} diverged at step {trend.since}{_cause(facts, run)}."
    if trend.state == "growing":
        return f"{run.name}'s loss grows ×{trend.growth or 1:.3g} per step{_cause(facts, run)}."
    if trend.state == "oscillating" and trend.period is not None:
        predicted = "" if found.period is None else f" ({found.period:.3g} predicted)"
        undamped = ", undamped" if found.state == "oscillates" and run.never else ""
        return f"{run.name} oscillates every {trend.period:.3g} steps{predicted}{undamped}."
    if trend.state == "converged":
        factor = found.growth if found.state == "converges" else None
        why = "" if factor is None else f": its loss shrinks ×{factor:.2g} per step"
        return f"{run.name} converged at step {trend.since}{why}."
    return ""


def _cause(facts: BothRuns, run: RunFacts) -> str:
    """Why ``run`` diverges or grows, where a claim says so (claims 3, 7, 10, 14)."""
    found, q = run.verdict, run.q
    if found.state == "unstable at any rate" or (
        run.never and facts.optimizer == "SGD" and facts.momentum and not facts.weight_decay
    ):
        return ": momentum on top of accumulated gradients is unstable at any lr"
    if found.state == "diverges" and q is not None and facts.plain and not facts.weight_decay:
        if run.clear.period <= 1:
            limit = 4 if run.never else 2
            return f": lr·λ = {q:.3g} is above {limit}"
        at = f" at lr·λ = {q:.3g}" if run.modes == 1 else ""
        return f": clearing every {run.clear.period} steps is unstable{at}"
    if run.never and facts.plain and not facts.full_batch:
        return ": the noise of all batches adds up in .grad"
    return ""


def hidden(facts: BothRuns, run: RunFacts) -> str:
    """An optimizer or clipping keeps the damage from being seen so far (claims 12, 13)."""
    other = facts.other(run).recent
    if not (run.never and not facts.other(run).never and run.sound and facts.step >= ENOUGH_STEPS):
        return ""
    if run.recent is None or other is None or run.recent > 2 * other:
        return ""
    if facts.optimizer in ADAPTIVE:
        verb = ADAPTIVE[facts.optimizer]
        return f"{facts.optimizer} {verb} the damage: it divides each update by the size of .grad."
    if facts.clip is not None and facts.optimizer == "SGD" and not facts.momentum:
        return f"Clipping hides the damage: no update is longer than lr × {facts.clip:g}."
    return ""


def helped(facts: BothRuns, run: RunFacts) -> str:
    """Never clearing is ahead where every step sees the same data (claims 1, 3, 14)."""
    other = facts.other(run)
    if not (run.never and other.clear.period == 1 and facts.plain and facts.full_batch):
        return ""
    if other.verdict.state == "diverges" and run.verdict.state == "oscillates" and not other.sound:
        return f"{run.name} stays stable where {other.name} does not: its limit is lr·λ = 4, not 2."
    ahead = run.recent is not None and other.recent is not None and run.recent < other.recent
    if ahead and other.sound and facts.step >= ENOUGH_STEPS:
        return f"{run.name} is ahead: full batches have no noise to add up, and momentum 1 is fast."
    return ""


def damping(facts: BothRuns, run: RunFacts) -> str:
    """Weight decay damps a run that never clears (claim 8)."""
    if run.never and facts.plain and facts.constant and facts.weight_decay and run.lr is not None:
        momentum = 1 - run.lr * facts.weight_decay
        return f"Weight decay damps {run.name}: it is SGD with momentum {momentum:.4g}."
    return ""


def uphill(facts: BothRuns, run: RunFacts) -> str:
    """How often it steps against the gradient, with ½ - ω/2π where there is one direction."""
    if run.clear.period == 1 or run.sampled < ENOUGH_SAMPLES or not run.uphill:
        return ""
    one = run.modes == 1 and run.never and facts.plain and not facts.weight_decay
    oscillates = one and facts.constant and run.q is not None and 0 < run.q < 4
    expected = ""
    if oscillates and run.q is not None:
        expected = f" ({0.5 - angle(run.q) / math.tau:.0%} predicted)"
    return f"{run.name} stepped uphill in {run.uphill:.0%} of {run.sampled} steps{expected}."


def leftovers(_facts: BothRuns, run: RunFacts) -> str:
    """How much of what it steps along is stale."""
    if run.clear.period == 1 or run.ratio is None or run.ratio < 1.005:
        return ""
    return f"{run.name}'s .grad is {run.ratio:.3g} times as long as the current gradient."


COMMON: tuple[Callable[[BothRuns], str], ...] = (before, same_losses)
OF_A_RUN: tuple[Callable[[BothRuns, RunFacts], str], ...] = (
    outcome, hidden, helped, damping, uphill, leftovers,
)  # fmt: skip


def explain(facts: BothRuns) -> list[str]:
    """What both runs do and why: at most MAX_LINES lines, what matters most first.

    Run B comes first: its clearing is in question.
    """
    lines = [line(facts) for line in COMMON]
    lines += [line(facts, run) for line in OF_A_RUN for run in (facts.b, facts.a)]
    return [line for line in lines if line][:MAX_LINES]


def facts_of(live: RemoteComparison, *, theory: bool, secret: bool) -> BothRuns:
    """What holds of the comparison now.

    ``theory``: its verdict was asked for; ``secret``: it is not to be given away yet.
    """
    settings, started = live.settings, live.started
    return BothRuns(
        a=_of_run(live, "A"),
        b=_of_run(live, "B"),
        step=live.step,
        optimizer=settings.optimizer or "",
        momentum=settings.momentum or 0.0,
        weight_decay=settings.weight_decay or 0.0,
        clip=settings.clip,
        full_batch=live.full_batch,
        same_init=started is not None and started.same_init,
        constant=settings.schedule == "constant",
        theory=theory,
        outlook="" if secret else outlook(live),
    )


def _of_run(live: RemoteComparison, name: RunName) -> RunFacts:
    run = live.runs[name]
    return RunFacts(
        name=name,
        clear=run.clear,
        lr=run.lr,
        trend=live.trend(name),
        recent=run.recent_loss,
        last=run.history.last,
        ratio=run.measured.ratio,
        uphill=run.measured.uphill,
        sampled=run.measured.sampled,
        q=q_now(live, name),
        modes=len(modes_of(live, name)),
        verdict=verdict_now(live, name),
    )
