"""What the screen says of a script's two runs, in words."""

from __future__ import annotations

from pathlib import Path

from zgtui.config.settings import RUNS, RunName
from zgtui.curves.trend import Trend
from zgtui.tui.model.live import Phase
from zgtui.tui.model.script_live import LiveScripts
from zgtui.worker.protocol import ComparisonStarted


def state_words(phase: Phase, trend: Trend) -> str:
    """The state line of a run's pane."""
    words = trend.words
    if phase == "failed":
        return f"stopped · {words}" if words else "stopped"
    if phase == "loading":
        return "starting"
    if not words:
        return phase
    return words if phase == "training" else f"{phase} · {words}"


def badge(started: ComparisonStarted | None, name: RunName) -> str:
    """Where and from what run ``name`` started, as short hashes; empty before it did."""
    if started is None or not started.weights:
        return ""
    differ = "" if started.twins else " differ"
    weights = f"weights{differ} {started.weights[name]}"
    return f"{weights} batches {started.batches} {started.settings.device}"


def settings(live: LiveScripts) -> tuple[str, ...]:
    """What runs, what matters most first."""
    options = live.comparison.options
    start = {None: "", True: "same first loss", False: "different first losses"}[live.twins]
    seed = "" if options.seed is None else f"seed {options.seed}"
    name = options.script if options.module else Path(options.script).name
    return tuple(part for part in (name, start, seed, " ".join(options.arguments)) if part)


def progress(live: LiveScripts) -> str:
    """How far both runs are."""
    if live.failure:
        return live.failure
    steps = " · ".join(_steps(live, name) for name in RUNS)
    if live.finished:
        return f"finished · {steps}"
    if live.ending:
        return "ending both scripts …"
    if not any(run.connected for run in live.runs.values()):
        return "importing PyTorch …"
    if not live.running:
        return f"paused · {steps}"
    left = live.seconds_left
    return f"● {steps}" + ("" if left is None else f" · {duration(left)} left")


def duration(seconds: float) -> str:
    """``40 s``, ``3 min`` or ``2 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _steps(live: LiveScripts, name: RunName) -> str:
    total = live.total(name)
    over = live.comparison.runs[name].ending is not None
    of = f" of {total:,}" if total and not over else ""
    return f"{name} step {live.steps(name):,}{of}"


def state(live: LiveScripts, name: RunName) -> str:
    """The state line of a run's pane."""
    run, known, shown = live.comparison.runs[name], live.runs[name], live.shown(name)
    words = shown.trend.words if shown is not None else ""
    if run.ending is not None:
        if run.ending.failed or not live.steps(name):
            return run.ending.sentence.removeprefix("the script ")
        state = "stopped" if run.stopped else "ended"
    elif run.process is None:
        return "waits for the other run to end"
    elif not known.connected:
        return "starting"
    else:
        state = "paused" if known.paused else "training"
        if words and not known.paused:
            return words
    return f"{state} · {words}" if words else state
