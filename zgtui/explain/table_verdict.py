"""Which of the curves of some tables is better, from which step, and by how much."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from zgtui.config.settings import EVERY, RUNS, RunSettings, Settings
from zgtui.curves.arrange import Chart, ShownCurve, TrackUpTo, recording_labels
from zgtui.curves.trace import Trace, run_of
from zgtui.curves.trend import TRAINING
from zgtui.explain.outcome import RANGE, Outcome, RunOutcome
from zgtui.explain.verdict import ALIKE, number, verdict

BINS = 50
"""Parts of what both curves have in common, by whose means the lead is followed."""
SLICE = 2**14
MAX_SENTENCES, MAX_RANKED = 3, 6
"""Losses of which a verdict is given, where a table has several."""
_SEED = re.compile(r"[-_ /.]?seed[-_=]?\d+", re.IGNORECASE)


@dataclass(frozen=True)
class _Entry:
    """A loss of one run, under the name that the sentence gives it."""

    name: str
    measure: str
    curve: ShownCurve

    @property
    def trace(self) -> Trace:
        return self.curve.track.trace


def table_verdicts(
    charts: Sequence[Chart], limit: float = math.inf, *, finished: bool = True
) -> list[str]:
    """A verdict for each loss that several of the curves in ``charts`` are of; often one, or none.

    True of the points up to the step ``limit``. ``finished``: nothing more is to come.
    """
    entries = _entries(charts)
    measures = list(dict.fromkeys(entry.measure for entry in entries))
    groups = [[one for one in entries if one.measure == measure] for measure in measures]
    several = [group for group in groups if len(group) > 1]
    told = []
    for group in several[:MAX_SENTENCES]:
        prefix = f"{group[0].measure}: " if len(several) > 1 else ""
        apart = len(several) > 1 and ":" in group[0].measure
        said = (
            _pair(group, limit, finished=finished, apart=apart)
            if len(group) == 2
            else _many(group, limit)
        )
        if said:
            told.append(f"{prefix}{said}")
    return told


def _entries(charts: Sequence[Chart]) -> list[_Entry]:
    curves = [curve for chart in charts for curve in chart.curves if curve.track.trace.count]
    recordings = list({id(curve.recording): curve.recording for curve in curves}.values())
    labels = {
        id(one): label for one, label in zip(recordings, recording_labels(recordings), strict=True)
    }
    entries = []
    for curve in curves:
        name = curve.track.name
        run = curve.track.run or (run_of(name) if run_of(name) in RUNS else "")
        measure = (name.removeprefix(run).strip() if run else name) or "loss"
        label = labels[id(curve.recording)]
        of = run if len(recordings) == 1 else f"{label}: {run}" if run else label
        if "loss" in measure.lower() or (run and ":" in measure):
            entries.append(_Entry(of, measure, curve))
    return entries


# Two


def _pair(group: Sequence[_Entry], limit: float, *, finished: bool, apart: bool) -> str:
    a, b = group
    if a.curve.recording.axis != b.curve.recording.axis:
        return ""
    ends = [_end(one, limit) for one in group]
    last = min(ends)
    runs = [_run(one, last) for one in group]
    if not all(run.steps for run in runs):
        return ""
    recordings = {id(one.curve.recording) for one in group}
    outcome = Outcome(
        a=runs[0],
        b=runs[1],
        step=max(run.steps for run in runs),
        settings=Settings(),
        finished=finished,
        differ_at=_differ_at(a.trace, b.trace, last),
        same_init=len(recordings) == 1 and a.curve.recording.same_init,
        apart=apart,
        ours=len(recordings) == 1 and a.curve.recording.knows(a.curve.track.name),
        axis=a.curve.recording.axis,
        unit=a.curve.recording.axis if _is_dense(a.trace) and _is_dense(b.trace) else "value",
    )
    parts = [
        _lengths(group, ends, outcome.axis),
        verdict(outcome),
        _lead(outcome, group, last),
        _seeds(group),
    ]
    return " ".join(part for part in parts if part)


def _end(entry: _Entry, limit: float) -> float:
    """The last step shown."""
    until = entry.trace.points_until(limit)
    return entry.trace.point(until - 1)[0] if until else -math.inf


def _run(entry: _Entry, last: float) -> RunOutcome:
    """What became of it up to the step ``last``."""
    shown = TrackUpTo(entry.curve.recording, entry.curve.track)
    shown.limit = last
    trace, count = entry.trace, entry.trace.points_until(last)
    return RunOutcome(
        name=entry.name,
        settings=RunSettings(clear=shown.clearing or EVERY, lr=shown.lr),
        trend=shown.trend() or TRAINING,
        first=trace.point(0)[1] if count else None,
        newest=trace.losses(max(0, count - RANGE), count).tolist(),
        steps=count,
        changed=bool(shown.changes),
    )


def _differ_at(a: Trace, b: Trace, last: float) -> int | None:
    """A step up to which they differ; None where all points up to ``last`` are equal."""
    counts = a.points_until(last), b.points_until(last)
    for at in range(0, min(counts), SLICE):
        ours, theirs = (one.losses(at, min(at + SLICE, *counts)) for one in (a, b))
        if ours.tobytes() != theirs.tobytes():
            return math.ceil(a.point(at)[0])
    return None if counts[0] == counts[1] else 1


def _is_dense(trace: Trace) -> bool:
    """Whether each step has a loss."""
    first, last = trace.first_step, trace.last_step
    return first is not None and last is not None and last - first == trace.count - 1


def _lead(outcome: Outcome, group: Sequence[_Entry], last: float) -> str:
    """From which step on the lower loss is the lower one, and by how much in the end."""
    low, high = sorted(outcome.runs, key=lambda run: run.mean)
    if outcome.differ_at is None or any(run.failed for run in outcome.runs):
        return ""
    if not high.mean - low.mean > ALIKE * abs(high.mean):
        return ""
    trace_of = {one.name: one.trace for one in group}
    since = _lead_since(trace_of[low.name], trace_of[high.name], last, outcome.axis)
    if not since:
        return ""
    share = f", in the end by {100 * (1 - low.mean / high.mean):.3g} %" if low.mean > 0 else ""
    return since.format(low.name) + f"{share}."


def _lead_since(low: Trace, high: Trace, last: float, axis: str) -> str:
    """From where on ``low``, whose name goes into the braces, is lower all the time up to ``last``.

    Empty where it is not at the end.

    Exact where both have few points at the same steps, else to one of BINS parts.
    """
    edges, exact = _edges(low, high, last)
    since: int | None = None
    for at in reversed(range(len(edges))):
        end = math.nextafter(edges[at + 1], -math.inf) if at + 1 < len(edges) else last
        means = [_mean(one, edges[at], end) for one in (low, high)]
        if any(map(math.isnan, means)):
            continue  # one of them has no point there
        if not means[0] < means[1]:
            break
        since = at
    if since is None:
        return ""
    if exact:
        place = f"from {axis} {edges[since]:,.10g} on" if since else "from the start"
        return f"{{}}'s loss is lower at every {axis} {place}"
    place = f"from about {axis} {round(edges[since]):,} on" if since else "from the start"
    over = math.ceil((last - edges[0]) / len(edges))
    return f"Averaged over {over:,} {axis}s at a time, {{}}'s loss is lower {place}"


def _edges(low: Trace, high: Trace, last: float) -> tuple[list[float], bool]:
    """Where the parts begin that the lead is looked for in, and whether each is one point."""
    counts = [one.points_until(last) for one in (low, high)]
    if max(counts) <= BINS:
        steps = [
            [one.point(at)[0] for at in range(n)]
            for one, n in zip((low, high), counts, strict=True)
        ]
        if steps[0] == steps[1]:
            return steps[0], True
    first = max(low.first_step or 0.0, high.first_step or 0.0)
    parts = max(1, min(BINS, *counts))
    return [first + at * (last - first) / parts for at in range(parts)], False


def _mean(trace: Trace, start: float, end: float) -> float:
    """The mean of the losses at the steps ``start`` to ``end``; nan where there is none."""
    losses = trace.losses(
        trace.points_until(math.nextafter(start, -math.inf)), trace.points_until(end)
    )
    return sum(losses) / len(losses) if losses else math.nan


def _lengths(group: Sequence[_Entry], ends: Sequence[float], axis: str) -> str:
    """Up to where they are compared, where one goes on."""
    if ends[0] == ends[1]:
        return ""
    short, long = sorted(zip(ends, (one.name for one in group), strict=True))
    return (
        f"Compared up to {axis} {short[0]:,.10g}, where {short[1]} ends"
        f" ({long[1]} goes on to {long[0]:,.10g})."
    )


def _seeds(group: Sequence[_Entry]) -> str:
    seeds = [one.curve.recording.seed for one in group]
    if None in seeds or seeds[0] == seeds[1]:
        return ""
    return (
        f"Their seeds differ ({seeds[0]} and {seeds[1]}): one run of each cannot separate the"
        " effect of the seed from that of the settings."
    )


# Several


def _many(group: Sequence[_Entry], limit: float) -> str:
    """Who ended lowest; runs that differ by their seed alone are told as one."""
    ends = [_end(one, limit) for one in group]
    if len({one.curve.recording.axis for one in group}) > 1 or not all(map(math.isfinite, ends)):
        return ""
    last = min(ends)
    means: dict[str, list[float]] = {}
    for one in group:
        means.setdefault(_SEED.sub("", one.name) or one.name, []).append(_run(one, last).mean)
    ranked = sorted(means.items(), key=lambda item: _middle(item[1]))
    words = [_ended(name, found) for name, found in ranked[:MAX_RANKED]]
    left = len(ranked) - MAX_RANKED
    words += [f"{left} more"] if left > 0 else []
    axis = group[0].curve.recording.axis
    up_to = f" up to {axis} {last:,.10g}, which all have" if len(set(ends)) > 1 else ""
    told = f"Lowest loss{up_to}, by the mean of the newest values: {', then '.join(words)}."
    if len(ranked) < 2:
        return told
    (first, best), (second, others) = ranked[:2]
    several = len(best) > 1 and len(others) > 1 and all(map(math.isfinite, [*best, *others]))
    if several and not max(best) < min(others):
        told += f" The seeds of {first} and {second} overlap: they may do equally well."
    return told


def _middle(means: Sequence[float]) -> float:
    return fmean(means) if all(map(math.isfinite, means)) else math.inf


def _ended(name: str, means: Sequence[float]) -> str:
    if not all(map(math.isfinite, means)):
        return f"{name} (diverged)" if len(means) == 1 else f"{name} ({len(means)} seeds, diverged)"
    if len(means) == 1:
        return f"{name} ({number(means[0])})"
    spread = f"{number(min(means))} to {number(max(means))}"
    return f"{name} ({number(fmean(means))}, {len(means)} seeds: {spread})"
