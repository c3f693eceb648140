"""Gathers from the live comparison what its panes and sentences are about."""

from __future__ import annotations

import math
from statistics import fmean

from zgtui.config.settings import RUNS, RunName
from zgtui.tui.model.guessing import Guess, Outcome, judged
from zgtui.tui.model.live import LiveComparison
from zgtui.tui.model.predicting import modes_of, outlook_words, verdict_now
from zgtui.tui.model.why import Facts, RunFacts
from zgtui.tui.widgets.code_pane import CodeView, Place
from zgtui.tui.widgets.gradient_pane import GradientView

RECENT = 20
STALE, STALE_STEPS = 1.1, 20
"""A λ measured a tenth of the steps ago, or more, is told with the step that it is of."""
SLOW = 20.0
"""Up to so many steps a second the last step done is told beside the code."""


def gather(live: LiveComparison, *, theory: bool = False, secret: bool = False) -> Facts:
    """What holds of the comparison now.

    ``theory``: its verdict was asked for; ``secret``: it is not to be told yet.
    """
    settings, started = live.settings, live.started
    runs = {name: _of_run(live, name) for name in RUNS}
    return Facts(
        a=runs["A"],
        b=runs["B"],
        step=live.step,
        optimizer=settings.optimizer or "",
        momentum=settings.momentum or 0.0,
        weight_decay=settings.weight_decay or 0.0,
        clip=settings.clip,
        full_batch=started is not None and started.full_batch,
        twins=started is not None and started.twins,
        constant=settings.schedule == "constant",
        theory=theory,
        outlook="" if secret else outlook(live),
    )


def outlook(live: LiveComparison) -> str:
    """What theory says will become of both runs, as they are set now."""
    return outlook_words(
        {name: _q(live, name) for name in RUNS}, {name: verdict_now(live, name) for name in RUNS}
    )


def _q(live: LiveComparison, name: RunName) -> float | None:
    """lr·λ at the present rate, of the sharpest direction where the loss is quadratic."""
    modes, lr = modes_of(live, name), live.lr(name)
    if modes and lr is not None:
        return lr * max(mode.sharpness for mode in modes)
    return live.runs[name].measured.q(lr)


def _of_run(live: LiveComparison, name: RunName) -> RunFacts:
    run = live.runs[name]
    recent = [loss for loss in run.history.tail(RECENT) if math.isfinite(loss)]
    return RunFacts(
        name=name,
        clear=run.clear,
        lr=run.lr,
        trend=live.trend(name),
        recent=fmean(recent) if recent else None,
        last=run.history.last,
        ratio=run.measured.ratio,
        cosine=run.measured.cosine,
        uphill=run.measured.uphill,
        sampled=run.measured.sampled,
        q=_q(live, name),
        modes=len(modes_of(live, name)),
        verdict=verdict_now(live, name),
    )


def code_view(live: LiveComparison, *, dark: bool, whole: bool) -> CodeView:
    """What the code pane shows; ``whole``: there is room for a line of each run."""
    runs = live.runs
    slow = live.phase in {"paused", "finished"} or 0 < (live.settings.speed or 0) <= SLOW
    return CodeView(
        clearing=(runs["A"].clear, runs["B"].clear),
        in_parts=live.settings.clip is not None or any(run.accumulate > 1 for run in runs.values()),
        dark=dark,
        done=live.step if slow and live.step else None,
        at=Place(live.at.run, live.at.step, live.at.line) if live.at else None,
        whole=whole,
    )


def gradient_views(live: LiveComparison) -> dict[RunName, GradientView]:
    """What was last measured of both runs."""
    return {name: _gradient_view(live, name) for name in RUNS}


def _gradient_view(live: LiveComparison, name: RunName) -> GradientView:
    run = live.runs[name]
    found = run.measured
    # λ of a quadratic loss is the same everywhere; any other is that of where it was measured.
    measured = found.sharpness is not None and not modes_of(live, name)
    stale = measured and live.step > STALE * max(found.sharpness_step, STALE_STEPS)
    return GradientView(
        grad=found.grad_norm,
        fresh=found.fresh_norm,
        carried=found.carried,
        ratio=found.ratio,
        cosine=found.cosine,
        q=_q(live, name),
        q_step=found.sharpness_step if stale else None,
        energy=found.energy if run.clear.period == 0 else None,
        first_loss=run.history.first,
    )


def guess_words(live: LiveComparison, name: RunName, guess: Guess) -> str:
    """How the guess of run ``name`` stands."""
    seen = {one: _seen(live, one) for one in RUNS}
    return judged(name, guess, seen, finished=live.phase == "finished")


def _seen(live: LiveComparison, name: RunName) -> Outcome:
    run = live.runs[name]
    recent = [loss for loss in run.history.tail(RECENT) if math.isfinite(loss)]
    return Outcome(live.trend(name), run.history.first, fmean(recent) if recent else None)
