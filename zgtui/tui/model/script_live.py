"""Both runs of a script: what their log holds, and what was asked of them."""

from __future__ import annotations

import asyncio
import contextlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from zgtui.charts.overlay import Mark
from zgtui.charts.words import ALARMING
from zgtui.config.settings import RUNS, Curves, Policy, RunName, scaled_lr
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend
from zgtui.errors import ZgtuiError
from zgtui.explain.outcome import Difference
from zgtui.instrument import protocol
from zgtui.launch.command import ScriptOptions
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.reproducibility import reproducibility_words
from zgtui.launch.script_comparison import RunEnded
from zgtui.launch.script_curves import (
    RunSeries,
    SeriesCurve,
    found_by_both,
    is_split,
    series_labels,
)
from zgtui.launch.words.clearing_words import seen_clearing, verdict
from zgtui.launch.words.equality import equality_words
from zgtui.launch.words.first_losses import threads_words
from zgtui.launch.words.no_losses import no_losses
from zgtui.launch.words.ranks_words import SEVERAL_NODES, ranks_words
from zgtui.launch.words.script_verdict import CurveSoFar, script_verdicts
from zgtui.runlog import events
from zgtui.runlog.events import ClearingChanged, LrScaled, Place
from zgtui.runlog.log import EventReader, LossReader
from zgtui.tui.model.base import READ_LIMIT, Listener, LossCurve, Phase, RunCurve, StepRate

END_SECONDS = 5.0
"""How long the runs may take to end in order; the supervisor of each kills it long before."""


class LaunchedScripts(Protocol):
    """Two processes of a script, as `zgtui.launch.script_comparison` starts them."""

    options: ScriptOptions
    log: Path
    runs: dict[RunName, LaunchedRun]

    @property
    def finished(self) -> bool:
        """Whether both runs are over."""

    def fileno(self) -> int:
        """Readable when ``poll()`` has news."""

    def start(self) -> None:
        """Start both. Raises WorkerError if that fails."""

    def poll(self) -> Sequence[protocol.Notice | RunEnded]:
        """What has happened, in order."""

    def same_first_loss(self) -> bool | None:
        """Whether both runs saw the same first loss; None while that is open."""

    def set_running(self, *, running: bool) -> None:
        """Pause both runs after the step under way, or let them go on."""

    def step(self) -> None:
        """One step of each run, then pause."""

    def set_policy(self, name: RunName, policy: Policy) -> None:
        """Another clearing policy for a run from its next step on."""

    def scale_lr(self, name: RunName, factor: float) -> None:
        """Multiply the script's learning rates by ``factor`` from the next step on."""

    def stop(self) -> None:
        """End both runs; ``poll()`` tells when they have ended."""

    def restart(self) -> None:
        """End both runs and start them again, in a new log."""


@dataclass(kw_only=True)
class ScriptRun(RunCurve):
    """One run: the losses of all its steps, and those of each line that calls ``backward()``."""

    series: RunSeries = field(default_factory=RunSeries)
    connected: bool = False
    """Whether PyTorch is imported there and its steps are heard of."""
    paused: bool = False
    rate: StepRate = field(default_factory=StepRate)
    taken: Callable[[array[float]], None] = lambda _: None
    """Handed all losses of its steps as they come."""

    def extend(self, losses: array[float]) -> None:
        """Take in the losses of the next steps."""
        super().extend(losses)
        self.taken(losses)

    def read(self, limit: int = READ_LIMIT) -> bool:
        """Take in some of what is new in the log; whether there was any."""
        news = LossCurve.read(self, limit) | self.series.read(limit)
        self.rate.note(self.history.steps)
        return news


class LiveScripts:
    """A comparison of a script under way."""

    def __init__(self, comparison: LaunchedScripts, listener: Listener) -> None:
        self.comparison = comparison
        self.running = not comparison.options.paused
        self.ending = False
        """Whether both runs are being ended."""
        self.failure = ""
        self.place: Place | None = None
        """The call of ``backward()`` whose losses alone are shown; None shows those of all."""
        self.curves_wanted: Curves = comparison.options.curves
        """How those of all are shown: each call's apart, or summed."""
        self.runs: dict[RunName, ScriptRun] = {}
        self._listener = listener
        self._same_first_loss: bool | None = None
        self._difference = Difference()
        self._events: EventReader | None = None
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._restarting: asyncio.Task[None] | None = None

    # What the screen reads

    @property
    def log(self) -> Path | None:
        """The run log; None before the scripts are started."""
        return self.comparison.log if self.runs else None

    @property
    def phase(self) -> Phase:
        """What both runs are doing."""
        if self.failure:
            return "failed"
        if self.finished:
            return "finished"
        if not any(run.connected for run in self.runs.values()):
            return "loading"
        return "training" if self.running else "paused"

    @property
    def finished(self) -> bool:
        """Whether both runs have ended."""
        return self.comparison.finished

    @property
    def exit_code(self) -> int:
        """The worse of both scripts'; 0 where none has ended."""
        endings = [run.ending for run in self.comparison.runs.values() if run.ending is not None]
        return max((ending.exit_code for ending in endings), default=0)

    @property
    def same_first_loss(self) -> bool | None:
        """Whether both runs saw the same first loss; None while that is open."""
        if self._same_first_loss is None:
            self._same_first_loss = self.comparison.same_first_loss()
        return self._same_first_loss

    @property
    def sentences(self) -> Iterator[str]:
        """What is to be said of both runs, a line each, what matters most first."""
        launched, steps = self.comparison.runs, min(map(self.steps, RUNS), default=0)
        options = self.comparison.options
        if not any(map(self.steps, self.runs)):
            yield from filter(None, [no_losses(launched.values(), options.subject)])
        elif steps and self._difference.at is None:
            yield equality_words(launched, steps)
        else:
            if self._difference.at is not None:
                yield from filter(None, [reproducibility_words(launched, self._difference.at)])
            yield from self._verdicts()
            same, log = self.same_first_loss, self.comparison.log
            yield from filter(None, [threads_words(launched, log, same=same)])
        how = verdict(seen_clearing(launched), options.subject)
        yield from filter(None, [how, ranks_words(launched.values()), options.lesson])

    def _verdicts(self) -> Iterator[str]:
        """What became of the curves that are shown."""
        curves = {
            label: {name: self._measured(name, place) for name in RUNS}
            for place, label in self.labels.items()
        }
        start = self.same_first_loss is True
        yield from script_verdicts(self.comparison.runs, curves, same_start=start)

    def _measured(self, name: RunName, place: Place | None) -> CurveSoFar:
        curve = self.curve(name, place)
        if curve is None:
            return CurveSoFar(LossHistory(), Trend("training"))
        return CurveSoFar(curve.history, curve.trend(full_batch=False))

    @property
    def is_split(self) -> bool:
        """Whether each call of ``backward()`` has a curve of its own."""
        series = [run.series for run in self.runs.values()]
        return self.place is None and is_split(self.curves_wanted, series)

    @property
    def labels(self) -> dict[Place | None, str]:
        """What tells the curves shown apart: by their lines, or one without a name for all."""
        if self.place is not None:
            return {self.place: self.names[self.place]}
        return dict[Place | None, str](self.names.items()) if self.is_split else {None: ""}

    @property
    def names(self) -> dict[Place, str]:
        """A short name for each line that calls ``backward()``, in the order they were met."""
        series = {name: run.series for name, run in self.comparison.runs.items()}
        return series_labels(found_by_both(series))

    def curve(self, name: RunName, place: Place | None) -> LossCurve | SeriesCurve | None:
        """The curve of run ``name`` and one line; None where it was not met there yet."""
        run = self.runs[name]
        return run if place is None else run.series.curves.get(place)

    def trend(self, name: RunName) -> Trend:
        """What its losses do. A script's batches differ: no oscillation proves anything.

        Of several curves it is the first that alarms.
        """
        curves = [self.curve(name, place) for place in self.labels]
        trends = [curve.trend(full_batch=False) for curve in curves if curve is not None]
        alarming = [trend for trend in trends if trend.state in ALARMING]
        return next(iter(alarming or trends), Trend("training"))

    def steps(self, name: RunName) -> int:
        """Steps of run ``name`` that were read."""
        return self.runs[name].history.steps

    def total(self, name: RunName) -> int | None:
        """Steps that run ``name`` is expected to take: as many as the other, or as allowed."""
        known = [self.comparison.options.steps] if self.comparison.options.steps else []
        for other, run in self.comparison.runs.items():
            whole = run.ending is not None and not run.stopped and not run.ending.failed
            if other != name and whole and self.steps(other):
                known.append(self.steps(other))
        return min(known) if known else None

    @property
    def seconds_left(self) -> float | None:
        """The longest that a run still needs; None while that cannot be told."""
        left = []
        for name, run in self.runs.items():
            if self.comparison.runs[name].ending is not None:
                continue
            total = self.total(name)
            if total is None or not run.rate.value:
                return None
            left.append(max(0, total - self.steps(name)) / run.rate.value)
        return max(left, default=None)

    def read(self, limit: int = READ_LIMIT) -> bool:
        """Take in what is new in the log, so many losses a run at most; whether there was any."""
        if any(run.waits_for for run in self.comparison.runs.values()):
            self._take_news()  # that nodes do not meet makes nothing readable
        return sum(run.read(limit) for run in self.runs.values()) > 0

    # What the screen asks for

    def start(self) -> None:
        """Start both runs. Raises ZgtuiError if that cannot be."""
        self.comparison.start()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.comparison.fileno(), self._take_news)
        self._begin()

    def restart(self) -> None:
        """End both runs in order, then start them again."""
        if not self.ending:
            self._restarting = asyncio.create_task(self._restart())

    async def _restart(self) -> None:
        await self._end()
        try:
            self.comparison.restart()
        except ZgtuiError as error:
            self.ending = False
            self._listener.say(str(error), error=True)
        else:
            self._begin()

    async def settle(self) -> Mapping[str, int]:
        """The steps of each run that its log holds now: they are written as they are made."""
        return {
            name: run.reader.available()
            for name, run in self.runs.items()
            if run.reader is not None
        }

    async def stop(self) -> None:
        """End both runs in order, what they started included."""
        if self._restarting is not None:
            self._restarting.cancel()
        await self._end()
        self._hear_no_more()

    async def _end(self) -> None:
        self.ending = True
        self._over.clear()
        self.comparison.stop()
        if not self.finished:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._over.wait(), END_SECONDS)

    def kill(self) -> None:
        """Have both runs end, without waiting for it."""
        if not self.ending:
            self.comparison.stop()
        self._hear_no_more()

    def _hear_no_more(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self.comparison.fileno())

    def toggle_running(self) -> None:
        """Pause both runs between two steps, or resume."""
        if self.finished:
            self._listener.say("Both scripts have ended: press {key:restart} to restart.")
            return
        self.running = not self.running
        self.comparison.set_running(running=self.running)

    def single_step(self) -> None:
        """Pause running scripts; let paused ones take one step."""
        if self.running or self.finished:
            self.toggle_running()
        else:
            self.comparison.step()

    def toggle_clearing(self, names: tuple[RunName, ...]) -> None:
        """Switch each run between never clearing and what it began with, or every step."""
        for name in filter(self._can_change, names):
            own: Policy = self.comparison.options.policies[name]
            back: Policy = "every" if own == "never" else own
            present = self.comparison.runs[name].policy
            self.comparison.set_policy(name, back if present == "never" else "never")

    def scale_lr(self, names: tuple[RunName, ...], presses: int) -> None:
        """Move the learning rates of each run by even ratio steps."""
        for name in filter(self._can_change, names):
            factor = scaled_lr(self.comparison.runs[name].lr_scale, presses)
            self.comparison.scale_lr(name, factor)

    def next_curve(self) -> None:
        """Show all curves apart, their sum, then each call's alone."""
        places = list(self.names)
        if len(places) < 2:
            self._listener.say("There is only one curve: one line of the script calls backward().")
            return
        ways: dict[Curves | Place, tuple[Curves, Place | None]] = {
            "split": ("split", None),
            "sum": ("sum", None),
            **{place: (self.curves_wanted, place) for place in places},
        }
        shown: Curves | Place = self.place or ("split" if self.is_split else "sum")
        following = (list(ways).index(shown) + 1) % len(ways)
        self.curves_wanted, self.place = list(ways.values())[following]

    # What the scripts say

    def _take_news(self) -> None:
        """Take in what has happened; never waits."""
        try:
            for notice in self.comparison.poll():
                self._take(notice)
        except ZgtuiError as error:
            self.failure = str(error)
            self._listener.say(self.failure, error=True)
        if self.finished:
            self._over.set()

    def _take(self, notice: protocol.Notice | RunEnded) -> None:
        run = self.runs[notice.run]  # type: ignore[index]  # the child was told its name
        if isinstance(notice, events.Hello):
            run.connected = True
        elif isinstance(notice, protocol.Paused | protocol.Resumed):
            run.paused = isinstance(notice, protocol.Paused)
            self._listener.refresh_soon()
        elif isinstance(notice, events.SeriesFound):
            run.series.add(self.comparison.log, notice)
        elif isinstance(notice, protocol.Ack):
            self._read_changes()
            self._listener.refresh_soon()
        elif isinstance(notice, events.ObservationOff):
            self._listener.say(f"{notice.run}: {notice.reason}", error=True)
        elif isinstance(notice, RunEnded) and not self.ending:
            ending = notice.ending
            how = ending.sentence.removeprefix("the script ")
            self._listener.say(f"{notice.run}: {how}", error=ending.failed)

    def _read_changes(self) -> None:
        for event in self._events.read() if self._events else ():
            if isinstance(event, ClearingChanged):
                label = f"zero_grad {event.policy}"
            elif isinstance(event, LrScaled):
                label = f"lr ×{event.factor:.4g}"
            else:
                continue
            self.runs[event.run].changes.append(Mark(event.step, label))  # type: ignore[index]  # as it was written

    def _can_change(self, name: RunName) -> bool:
        run = self.comparison.runs[name]
        if run.ending is not None:
            self._listener.say(f"Run {name} has ended: press {{key:restart}} to restart both.")
            return False
        if run.local_world < run.world or run.meeting:
            self._listener.say(SEVERAL_NODES)
            return False
        return True

    def _begin(self) -> None:
        log = self.comparison.log
        self.ending, self.failure, self.place = False, "", None
        self._same_first_loss, self._difference = None, Difference()
        self.running = not self.comparison.options.paused
        self.runs = {
            name: ScriptRun(
                reader=LossReader(log, name), taken=partial(self._difference.extend, name)
            )
            for name in RUNS
        }
        self._events = EventReader(log)
