"""How a run was set over its steps: learning rate, clearing policy, and where they changed."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from zgtui.config.settings import SCHEDULES, Clearing, lr_factor
from zgtui.runlog.events import ClearingChanged, Event, LrChanged, change_of, from_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_LR_MARKS = 32
"""A rate that changed more often follows a schedule; its changes are nothing to mark."""
MAX_RATES = 2**18


class SettingsHistory:
    """The learning rate and the clearing policy of a run at each of its steps."""

    def __init__(self, schedule: str = "constant", planned: int = 0) -> None:
        self._schedule, self._planned = schedule, planned
        self._lr_steps: array[float] = array("d")
        self._lrs: array[float] = array("d")
        self.policies: list[tuple[float, Clearing]] = []
        """Each policy with the step from which it holds, ascending."""

    def note_lr(self, step: float, lr: float) -> None:
        """``lr`` holds from ``step`` on; steps ascend."""
        if self._lrs and self._lrs[-1] == lr:
            return
        self._lr_steps.append(step)
        self._lrs.append(lr)
        if len(self._lrs) > MAX_RATES:
            self._lr_steps, self._lrs = self._lr_steps[::2], self._lrs[::2]

    def note_clearing(self, step: float, clearing: Clearing) -> None:
        """``clearing`` holds from ``step`` on; steps ascend."""
        if not self.policies or self.policies[-1][1] != clearing:
            self.policies.append((step, clearing))

    def note(self, event: Event | None) -> None:
        """Note the change that ``event`` of this run is, if it is one."""
        if isinstance(event, LrChanged):
            self.note_lr(event.step, event.lr)
        elif isinstance(event, ClearingChanged) and event.clear is not None:
            self.note_clearing(event.step, event.clear)

    def lr_at(self, step: float) -> float | None:
        """The rate of the step made at ``step``, the schedule's factor in it; None if unknown."""
        at = bisect_right(self._lr_steps, step)
        if not self._lrs:
            return None
        return self._lrs[max(0, at - 1)] * lr_factor(self._schedule, int(step), self._planned)

    def clearing_at(self, step: float) -> Clearing | None:
        """The policy at ``step``; None if unknown."""
        held = [clearing for since, clearing in self.policies if since <= step]
        return held[-1] if held else self.policies[0][1] if self.policies else None

    def changes(self) -> list[tuple[float, str]]:
        """Where something changed and to what, in a word or two, by step."""
        found = [(step, f"zero_grad {clearing}") for step, clearing in self.policies[1:]]
        if len(self._lrs) - 1 <= MAX_LR_MARKS:
            rates = zip(self._lr_steps[1:], self._lrs[1:], strict=True)
            found += [(step, f"lr {lr:.4g}") for step, lr in rates]
        return sorted(found)


def course_of(
    run: str, settings: Mapping[str, Any], events: Iterable[Event]
) -> SettingsHistory | None:
    """What a log's start event, or the file beside a table, says of ``run``; None where nothing.

    ``settings`` come from a file that anyone may have edited: what is not understood is passed
    over.
    """
    start = settings.get(run.lower())
    if not isinstance(start, dict):
        return None
    schedule, planned = settings.get("schedule"), settings.get("steps")
    course = SettingsHistory(
        schedule if isinstance(schedule, str) and schedule in SCHEDULES else "constant",
        planned if isinstance(planned, int) else 0,
    )
    for kind in (LrChanged, ClearingChanged):
        course.note(from_fields({**start, "event": kind.op, "run": run, "step": 1}))
    for event in events:
        course.note(change_of(event, run))
    return course


class ClearingColumn:
    """Finds the clearing policies behind a table's column of true and false, row by row.

    That a row is cleared says nothing about when the next one will be, so the newest policy is a
    guess until its first gap ends, and is put right then.
    """

    def __init__(self, course: SettingsHistory) -> None:
        self._course = course
        self._rows: list[int] = []
        """From which the policies of the course hold, counted from 1."""
        self._row = 0
        self._cleared = 0, 0.0
        """The last row that was cleared, and its step."""

    @property
    def _period(self) -> int | None:
        policies = self._course.policies
        return policies[-1][1].period if policies else None

    @property
    def constant(self) -> bool | None:
        """What the next rows hold if nothing changes; None where rows differ or none is known."""
        period = self._period
        return bool(period) if period in {0, 1} else None

    def repeat(self, rows: int) -> None:
        """Take so many rows that all hold what is ``constant``."""
        self._row += rows
        if self._period == 1:
            self._cleared = self._row, self._cleared[1]

    def add(self, step: float, *, cleared: bool) -> None:
        """Take the next row."""
        self._row += 1
        last, period = self._cleared, self._period
        gap = self._row - last[0]
        here = self._row, step
        if cleared:
            self._cleared = here
        if period is None:
            self._begin(here, int(cleared))
        elif period == 0:
            # A row that was cleared since clearing seemed to stop makes this the second of two.
            if cleared and last[0] >= self._rows[-1]:
                self._begin(last, gap)
            elif cleared:
                self._begin(here, 1)
        elif gap != period if cleared else gap >= period:
            # What began with the last row that was cleared was a wrong guess.
            since = last if self._rows[-1] == last[0] else here
            self._begin(since, gap if cleared else 0)

    def _begin(self, since: tuple[int, float], period: int) -> None:
        """``period`` holds from the row and the step ``since`` on."""
        row, step = since
        policies = self._course.policies
        # To wait for the first row that is cleared once in a while looks like never clearing.
        waited = self._period == 0 and row - self._rows[-1] < period
        if policies and (waited or self._rows[-1] == row):
            self._rows.pop()
            step = policies.pop()[0]
        if period != self._period:
            self._rows.append(row)
            self._course.note_clearing(step, Clearing(period))
