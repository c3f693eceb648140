"""What theory says of the comparison on the screen: curves to draw, and verdicts in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from zgtui.charts.plot import Curve
from zgtui.config.settings import NEVER, RUNS, RunName, Settings
from zgtui.theory.dynamics import Rule
from zgtui.theory.prediction import Mode, Prediction
from zgtui.theory.stability import UNKNOWN, Verdict, rule_of, verdict_of_modes

if TYPE_CHECKING:
    from zgtui.curves.history import LossHistory
    from zgtui.tui.model.live import LiveComparison

ENDLESS = 2**62


class PredictedCurve:
    """The closed form of a run, as far as the run is planned, or has gone beyond its plan.

    It ends at ``until``, the last step before the run was changed by hand.
    """

    def __init__(
        self, prediction: Prediction, history: LossHistory, planned: int, until: int | None
    ) -> None:
        self._prediction = prediction
        self._history = history
        self._planned = planned
        self._until = ENDLESS if until is None else until

    @property
    def steps(self) -> int:
        """The last step drawn."""
        return min(self._until, max(self._planned, self._history.steps))

    @property
    def revision(self) -> int:
        """Changes with the last step alone."""
        return self.steps

    def points(self, columns: int, start: int, end: int) -> tuple[Sequence[float], Sequence[float]]:
        """See `zgtui.theory.prediction.Prediction.points`."""
        return self._prediction.points(columns, start, min(end, self.steps))


def modes_of(live: LiveComparison, name: RunName) -> list[Mode]:
    """The directions of a loss that is quadratic in the weights; empty where it is not."""
    modes = live.started.modes if live.started else None
    return [Mode(*mode) for mode in modes.get(name, [])] if modes else []


def predicted_curve(live: LiveComparison, name: RunName) -> PredictedCurve | None:
    """The closed form of run ``name`` from step 1 on; None where there is none."""
    run, modes = live.runs[name], modes_of(live, name)
    clear, lr, parts = run.first
    settings = live.settings.with_run(name, clear=clear, lr=lr, accumulate=parts)
    rule = rule_of(settings, name, full_batch=True)
    if not modes or lr is None or rule is None or not rule.has_closed_form:
        return None
    floor = (live.started.floor if live.started else None) or 0.0
    prediction = Prediction(modes, floor, rule, lr, ENDLESS)
    return PredictedCurve(prediction, run.history, live.settings.steps or 0, run.until)


def predicted_curves(live: LiveComparison, name: RunName) -> list[Curve]:
    """What theory draws over the chart of run ``name``: closed form, and the momentum-1 twin."""
    curves: list[Curve] = []
    closed = predicted_curve(live, name)
    if closed is not None:
        curves.append(Curve(closed, "$foreground", "predicted", dotted=True))
    if name == "B" and live.settings.twin:
        curves.append(Curve(live.twin, "$foreground", "momentum 1", dotted=True))
    return curves


def rule_now(live: LiveComparison, name: RunName) -> Rule | None:
    """How run ``name`` updates as it is set now; None where no claim covers it."""
    run = live.runs[name]
    settings = live.settings.with_run(name, clear=run.clear, lr=run.lr, accumulate=run.accumulate)
    full_batch = live.started is not None and live.started.full_batch
    return rule_of(settings, name, full_batch=full_batch)


def verdict_now(live: LiveComparison, name: RunName) -> Verdict:
    """What becomes of run ``name`` as it is set now, told of quadratic losses alone."""
    lr, modes = live.runs[name].lr, modes_of(live, name)
    if lr is None or not modes:
        return UNKNOWN
    return verdict_of_modes(rule_now(live, name), lr, modes)


def twin_settings(settings: Settings) -> Settings | None:
    """``settings`` with the momentum-1 twin of run B; None where the claim does not cover B."""
    covered = (
        settings.optimizer == "SGD"
        and not settings.momentum
        and not settings.weight_decay
        and settings.clip is None
        and settings.b.clear == NEVER
        and settings.b.accumulate == 1
    )
    return replace(settings, twin=True) if covered else None


def verdict_words(name: RunName, verdict: Verdict) -> str:
    """What will become of run ``name``, as the end of a sentence; empty where it is unknown."""
    period = f" with period {verdict.period:.3g} steps" if verdict.period else ""
    growth = "" if verdict.growth is None else f", its loss ×{verdict.growth:.3g} a step"
    return {
        "converges": f"{name} will converge",
        "oscillates": f"{name} will oscillate{period}",
        "grows linearly": f"{name}'s error will grow by as much each step",
        "diverges": f"{name} will diverge{growth}",
        "unstable at any rate": f"{name} is unstable at any learning rate",
        "unknown": "",
    }[verdict.state]


def outlook_words(q: dict[RunName, float | None], verdicts: dict[RunName, Verdict]) -> str:
    """What will become of both runs, in one sentence; empty where nothing is known.

    ``q`` is lr·λ of the sharpest direction.
    """
    told = [words for name in RUNS if (words := verdict_words(name, verdicts[name]))]
    if not told:
        return ""
    known = {f"{value:.3g}" for value in q.values() if value is not None}
    numbers = f"lr·λ = {known.pop()}: " if len(known) == 1 else ""
    if len(known) > 1:
        numbers = f"lr·λ = {q['A']:.3g} in A, {q['B']:.3g} in B: "
    return f"{numbers}{', '.join(told)}."
