"""What theory says of a comparison, in curves and words; and what its viewers predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from zgtui.charts.plot import Curve
from zgtui.config.settings import NEVER, RUNS, RunName, Settings
from zgtui.lazy_dataclass import dataclass
from zgtui.theory.prediction import Mode, Prediction
from zgtui.theory.stability import (
    UNKNOWN,
    StabilityVerdict,
    rule_of,
    stable_ranges,
    verdict_of_modes,
)

if TYPE_CHECKING:
    from zgtui.curves.history import LossHistory
    from zgtui.curves.trend import Trend
    from zgtui.theory.dynamics import Rule
    from zgtui.tui.model.live import RemoteComparison

ENDLESS = 2**62
GAUGE_END = 5.0
"""lr·λ up to which it is looked at where a run is stable."""


@dataclass(frozen=True)
class PredictedCurve:
    """The closed form of a run, as far as the run is planned, or has gone beyond its plan.

    It ends at ``until``, the last step before the run was changed by hand. Two of them are equal
    if they were ``made_of`` the same, so that a chart need not be drawn anew.
    """

    history: LossHistory
    planned: int
    until: int
    made_of: tuple[Sequence[Mode], float, Rule, float]
    """Modes, least loss, rule and learning rate."""

    @cached_property
    def _prediction(self) -> Prediction:
        return Prediction(*self.made_of, ENDLESS)

    @property
    def steps(self) -> int:
        """The last step drawn."""
        return min(self.until, max(self.planned, self.history.steps))

    @property
    def revision(self) -> int:
        """Changes with the last step alone."""
        return self.steps

    def points(self, columns: int, start: int, end: int) -> tuple[Sequence[float], Sequence[float]]:
        """See `zgtui.theory.prediction.Prediction.points`."""
        return self._prediction.points(columns, start, min(end, self.steps))

    def at(self, step: float) -> float | None:
        """The loss that theory has at ``step``; None where it is not drawn."""
        return self._prediction.loss(int(step)) if 1 <= step <= self.steps else None

    def near(self, step: float, direction: int = 0) -> float | None:
        """The step nearest to ``step``, or next to it; None where there is none."""
        return float(min(max(round(step) + direction, 1), self.steps)) if self.steps else None


def modes_of(live: RemoteComparison, name: RunName) -> list[Mode]:
    """The directions of a loss that is quadratic in the weights; empty where it is not."""
    modes = live.started.modes if live.started else None
    return [Mode(*mode) for mode in modes.get(name, [])] if modes else []


def predicted_curve(live: RemoteComparison, name: RunName) -> PredictedCurve | None:
    """The closed form of run ``name`` from step 1 on; None where there is none."""
    run, modes = live.runs[name], modes_of(live, name)
    rule = _rule(live, name, initially=True)
    if not modes or run.first.lr is None or rule is None or not rule.has_closed_form:
        return None
    min_loss = (live.started.min_loss if live.started else None) or 0.0
    until = ENDLESS if run.until is None else run.until
    made_of = (modes, min_loss, rule, run.first.lr)
    return PredictedCurve(run.history, live.settings.steps or 0, until, made_of)


def predicted_curves(live: RemoteComparison, name: RunName) -> list[Curve]:
    """What theory draws over the chart of run ``name``: closed form, and momentum 1."""
    curves: list[Curve] = []
    closed = predicted_curve(live, name)
    if closed is not None:
        times = live.runs[name].times
        curves.append(Curve(closed, "$foreground", "theory", dotted=True, times=times))
    if name == "B" and live.settings.twin:
        twin = live.momentum_twin.history
        curves.append(
            Curve(
                twin,
                "$foreground",
                "SGD with momentum 1, cleared",
                dotted=True,
                times=live.momentum_twin.times,
            )
        )
    return curves


def momentum_twin_settings(settings: Settings) -> Settings | None:
    """``settings`` with SGD of momentum 1 beside run B; None where no claim compares the two."""
    covered = (
        settings.optimizer == "SGD"
        and not settings.momentum
        and not settings.weight_decay
        and settings.clip is None
        and settings.b.clear == NEVER
        and settings.b.accumulate == 1
    )
    return replace(settings, twin=True) if covered else None


def _rule(live: RemoteComparison, name: RunName, *, initially: bool = False) -> Rule | None:
    """How run ``name`` updates, now or ``initially``; None where no claim covers it."""
    run = live.runs[name]
    setup = run.first if initially else run.settings
    changed = {"clear": setup.clear, "lr": setup.lr, "accumulate": setup.accumulate}
    settings = live.settings.with_run(name, **changed)
    return rule_of(settings, name, full_batch=initially or live.full_batch)


def verdict_now(live: RemoteComparison, name: RunName) -> StabilityVerdict:
    """What becomes of run ``name`` as it is set now, said of quadratic losses alone."""
    lr, modes = live.runs[name].lr, modes_of(live, name)
    return verdict_of_modes(_rule(live, name), lr, modes) if modes and lr is not None else UNKNOWN


def q_now(live: RemoteComparison, name: RunName) -> float | None:
    """lr·λ at the present rate, of the sharpest direction where the loss is quadratic."""
    modes, lr = modes_of(live, name), live.lr(name)
    if modes and lr is not None:
        return lr * max(mode.sharpness for mode in modes)
    return live.runs[name].measured.q(lr)


def ranges_now(live: RemoteComparison, name: RunName) -> tuple[tuple[float, float], ...] | None:
    """Where run ``name`` does not grow, in lr·λ as the rate varies; None where no claim says."""
    lr = live.runs[name].lr
    if lr is None:
        return None
    return stable_ranges(_rule(live, name), lr, modes_of(live, name), GAUGE_END)


def least_loss(live: RemoteComparison, name: RunName) -> float | None:
    """The loss that run ``name`` would come to by theory; None where that is not known.

    A run that clears ends at the minimum of the loss that weight decay bends, any other at that of
    the loss itself (claims.md 8).
    """
    rule, lr, modes = _rule(live, name), live.runs[name].lr, modes_of(live, name)
    min_loss = live.started.min_loss if live.started else None
    if rule is None or lr is None or not modes or min_loss is None:
        return None
    if not rule.decay or rule.clearing.period == 0:
        return min_loss
    if rule.clearing.period != 1:
        return None
    decay = rule.decay / lr
    rests = ((mode.sharpness, decay * (mode.weight - mode.error)) for mode in modes)
    return min_loss + sum(
        sharpness * (pull / (sharpness + decay)) ** 2 / 2 for sharpness, pull in rests
    )


def verdict_words(name: RunName, verdict: StabilityVerdict) -> str:
    """What becomes of run ``name``, as the end of a sentence; empty where it is unknown."""
    period = f" with period {verdict.period:.3g} steps" if verdict.period else ""
    growth = "" if verdict.growth is None else f", its loss ×{verdict.growth:.3g} per step"
    return {
        "converges": f"{name} converges",
        "oscillates": f"{name} oscillates{period}",
        "grows linearly": f"{name}'s error grows linearly",
        "diverges": f"{name} diverges{growth}",
        "unstable at any rate": f"{name} is unstable at any learning rate",
        "unknown": "",
    }[verdict.state]


def outlook(live: RemoteComparison) -> str:
    """What becomes of both runs as they are set now; empty where nothing is known.

    In the present tense: it is as true before the first step as after the last.
    """
    verdicts = [verdict_words(name, verdict_now(live, name)) for name in RUNS]
    if not any(verdicts):
        return ""
    q = {name: f"{value:.3g}" for name in RUNS if (value := q_now(live, name)) is not None}
    known = set(q.values())
    numbers = f"lr·λ = {known.pop()}: " if len(known) == 1 else ""
    if len(known) > 1:
        numbers = f"lr·λ = {q['A']} in A, {q['B']} in B: "
    return f"By theory: {numbers}{', '.join(filter(None, verdicts))}."


Guess = Literal["converges", "oscillates", "diverges", "the same"]
CHOICES: dict[RunName, dict[str, str]] = {
    "A": {
        "converges": "its loss falls and stays down",
        "oscillates": "its loss keeps going up and down",
        "diverges": "its loss grows without bound",
    },
}
CHOICES["B"] = {**CHOICES["A"], "the same": "it does what A does"}
OUTCOMES: dict[str, Guess] = {
    "converged": "converges",
    "oscillating": "oscillates",
    "growing": "diverges",
    "diverged": "diverges",
}


@dataclass(frozen=True)
class Behaviour:
    """What became of a run so far: its trend, its first loss and the mean of its newest ones."""

    trend: Trend
    first: float | None = None
    recent: float | None = None

    def reached(self, *, finished: bool) -> Guess | None:
        """What the run did; None while, or where, it did none of these.

        Minibatches never let a loss rest: a finished run converged where its loss fell to half or
        less, and diverged where it stands at twice or more.
        """
        found = OUTCOMES.get(self.trend.state)
        if found is not None or not finished or self.first is None or self.recent is None:
            return found
        if self.recent <= self.first / 2:
            return "converges"
        return "diverges" if self.recent >= 2 * self.first else None


def judged(
    name: RunName, guess: Guess, outcomes: Mapping[str, Behaviour], *, finished: bool
) -> str:
    """How the guess of run ``name`` stands, in a few words."""
    did = outcomes[name].reached(finished=finished)
    meant = outcomes["A"].reached(finished=finished) if guess == "the same" else guess
    words = f"you said: {guess}"
    if finished and guess == "the same":
        return f"{words}, right" if did == meant else f"{words}, wrong"
    if did is None or meant is None:
        return f"{words}, wrong: none of these" if finished else words
    return f"{words}, right" if did == meant else f"{words}, wrong"


def guess_words(live: RemoteComparison, name: RunName, guess: Guess) -> str:
    """How the guess of run ``name`` stands."""
    outcomes = {one.name: Behaviour(one.trend, one.first, one.mean) for one in live.outcome.runs}
    return judged(name, guess, outcomes, finished=live.phase == "finished")
