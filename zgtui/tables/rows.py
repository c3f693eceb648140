"""The rows of a loss table, made from a run's log while it grows.

Tidy: one row per run and step. Wide: one row per step with a loss column for each run.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zgtui.config.settings import SCHEDULES, Clearing, lr_factor
from zgtui.errors import LogError, UsageError
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.events import ClearingChanged, Event, LrChanged, Place, Sampled, Started
from zgtui.runlog.log import read_events
from zgtui.tables.series import SeriesCells, line_names, series_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zgtui.tables.formats import Cell, Row

Pull = Callable[[], Event | None]
"""Hands out the next event of a stream each time, or None while there is none."""

TIDY_COLUMNS = ("run", "step", "epoch", "loss", "lr", "zero_grad")
FIRST_DIAGNOSTIC = "grad_norm"


@dataclass(frozen=True)
class LogFacts:
    """What a log says about its training, apart from the losses.

    ``start`` holds the start event, ``changes`` are all later events but the samples, oldest first,
    ``diagnostics`` the names of what was sampled, in the order in which they appeared, and
    ``steps_per_epoch`` the steps in one pass over the data (None where the log does not say).
    """

    runs: tuple[str, ...]
    start: dict[str, Any]
    changes: tuple[Event, ...]
    diagnostics: tuple[str, ...]
    steps_per_epoch: int | None

    def epoch(self, step: int) -> int | None:
        """The epoch of ``step``, counted from 1; None where the log does not say."""
        per_epoch = self.steps_per_epoch
        return None if per_epoch is None else (step - 1) // per_epoch + 1


class FactsCollector:
    """Gathers the facts from the events of a log, one by one."""

    def __init__(self) -> None:
        self._start: dict[str, Any] | None = None
        self._changes: list[Event] = []
        self._names: dict[str, None] = {}

    def add(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, Started):
            self._start = self._start or event.fields
        elif isinstance(event, Sampled):
            self._names.update(dict.fromkeys(event.values))
        else:
            self._changes.append(event)

    def facts(self, folder: Path) -> LogFacts:
        """What was gathered of the log in ``folder``; LogError where it has no start."""
        start = self._start
        if start is None:
            raise LogError(f"the log {folder} has no start event: training has not started")
        diagnostics = sorted(self._names, key=lambda name: name != FIRST_DIAGNOSTIC)
        per_epoch = start.get("steps_per_epoch")
        if not (isinstance(per_epoch, int) and per_epoch > 0):
            per_epoch = None
        changes = tuple(self._changes)
        return LogFacts(logged_runs(folder), start, changes, tuple(diagnostics), per_epoch)


def read_facts(folder: Path) -> LogFacts:
    """Read the log in ``folder`` up to now; raises LogError where there is none."""
    collector = FactsCollector()
    for event in read_events(folder):
        collector.add(event)
    return collector.facts(folder)


def logged_runs(folder: Path) -> tuple[str, ...]:
    """The names of the runs that the log in ``folder`` holds; ``A.1`` is a part of one."""
    return tuple(sorted(path.stem for path in folder.glob("*.f64") if "." not in path.stem))


class Timeline:
    """Learning rate, clearing and diagnostics of one run, followed step by step.

    ``changes`` and ``samples`` hand out this run's events; each stream is in the order of its
    steps, as a worker writes it, but one may be behind the other. Unknown events are passed over.
    """

    def __init__(self, facts: LogFacts, run: str, changes: Pull, samples: Pull) -> None:
        everything = facts.start.get("settings", {})
        settings = everything.get(run.lower()) or {}
        self.lr = _number(settings.get("lr"))
        self._schedule = str(everything.get("schedule") or "constant")
        self._planned = int(everything.get("steps") or 0)
        self.clearing = _clearing(settings.get("clear"))
        self._changes = changes
        self._samples = samples
        self._change: Event | None = None
        self._sample: Event | None = None

    def scheduled_lr(self, step: int) -> float | None:
        """The learning rate that ``step``, the one gone to last, trained with."""
        if self.lr is None or self._schedule not in SCHEDULES:
            return self.lr
        return self.lr * lr_factor(self._schedule, step, self._planned)

    def advance(self, step: int) -> Mapping[str, Cell]:
        """Go on to ``step`` (ascending); return what was sampled at it."""
        while (change := self._change or self._changes()) and _step_of(change) <= step:
            if isinstance(change, LrChanged):
                self.lr = float(change.lr)
            elif isinstance(change, ClearingChanged):
                self.clearing = change.clear
            self._change = None
        self._change = change
        found: dict[str, Cell] = {}
        while (sample := self._sample or self._samples()) and _step_of(sample) <= step:
            if isinstance(sample, Sampled) and sample.step == step:
                found.update({name: _cell(value) for name, value in sample.values.items()})
            self._sample = None
        self._sample = sample
        return found


class TidyRows:
    """Makes the tidy rows of one run; steps ascending. ``series``: what its lines add to them."""

    def __init__(
        self,
        facts: LogFacts,
        run: str,
        diagnostics: Sequence[str],
        timeline: Timeline,
        series: SeriesCells,
    ) -> None:
        self.run = run
        self._series = series
        self._facts = facts
        self._diagnostics = diagnostics
        self._timeline = timeline

    def rows(self, first_step: int, losses: array[float]) -> list[Row]:
        """One row for each of ``losses``, which begin at ``first_step``."""
        made: list[Row] = []
        timeline, epoch = self._timeline, self._facts.epoch
        for step, loss in enumerate(losses, first_step):
            sampled = timeline.advance(step)
            clearing = timeline.clearing
            cleared = None if clearing is None else clearing.due(step)
            row: Row = [self.run, step, epoch(step), loss, timeline.scheduled_lr(step), cleared]
            row.extend(self._series.of(step))
            row.extend(map(sampled.get, self._diagnostics))
            made.append(row)
        return made


def tidy_columns(series: Mapping[Place, object], diagnostics: Sequence[str]) -> tuple[str, ...]:
    """The columns of a tidy table."""
    return (*TIDY_COLUMNS, *series_columns(series), *diagnostics)


def wide_columns(runs: tuple[str, ...], series: Mapping[Place, object]) -> tuple[str, ...]:
    """The columns of a wide table."""
    names = [f"loss_{run.lower()}" for run in runs]
    lines = [f"{name} {line}" for name in names for line in line_names(series).values()]
    return ("step", "epoch", *names, *lines)


def wide_rows(
    facts: LogFacts,
    first_step: int,
    losses: list[array[float]],
    series: Sequence[SeriesCells],
) -> list[Row]:
    """One row per step from ``first_step`` on; a run that is behind leaves its cell empty.

    ``series`` are those of each run.
    """
    made: list[Row] = []
    for at in range(max(map(len, losses), default=0)):
        step = first_step + at
        cells: Row = [run[at] if at < len(run) else None for run in losses]
        lines = [cell for one in series for cell in one.of(step)]
        made.append([step, facts.epoch(step), *cells, *lines])
    return made


def belongs(event: Event, run: str) -> bool:
    """Whether ``event`` is about one step of ``run``."""
    return getattr(event, "run", None) == run and hasattr(event, "step")


def changes_of(facts: LogFacts, run: str) -> Pull:
    """The changes of ``run``."""
    stream = (event for event in facts.changes if belongs(event, run))
    return lambda: next(stream, None)


def samples_of(folder: Path, run: str) -> Pull:
    """The samples of ``run``, read from the log as they are asked for."""
    stream = (
        event for event in read_events(folder) if isinstance(event, Sampled) and event.run == run
    )
    return lambda: next(stream, None)


def _step_of(event: Event) -> int:
    step: int = getattr(event, "step", 0)
    return step


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _clearing(text: Any) -> Clearing | None:
    try:
        return None if text is None else Clearing.parse(str(text))
    except UsageError as error:
        raise LogError(f"the log holds an unknown clearing policy: {error}") from error


def _cell(value: Any) -> Cell:
    plain = value is None or isinstance(value, (str, int, float))
    return value if plain else json.dumps(value)
