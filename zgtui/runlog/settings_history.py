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
        self._row = 0
        self._cleared_row: int | None = None
        self._since_row = 1
        self._period: int | None = None

    @property
    def constant(self) -> bool | None:
        """What the next rows hold if nothing changes; None where rows differ or none is known."""
        if self._period == 1 and self._cleared_row == self._row:
            return True
        return False if self._period == 0 else None

    def repeat(self, rows: int) -> None:
        """Take so many rows that all hold what is ``constant``."""
        if self._period == 1:
            self._cleared_row = self._row + rows
        self._row += rows

    def add(self, step: float, *, cleared: bool) -> None:
        """Take the next row."""
        self._row += 1
        row, last, period = self._row, self._cleared_row, self._period
        if not cleared:
            if period is None or (period and last is not None and row - last >= period):
                self._change(step, 0, again=row - self._since_row <= 1)
            return
        self._cleared_row = row
        if not period:
            # A row that was cleared since clearing seemed to stop makes this the second of two.
            second = period == 0 and last is not None and last >= self._since_row
            gap = row - last if second and last is not None else 1
            again = second and last is not None and last - self._since_row < gap
            self._change(step, gap, again=again)
        elif last is not None and row - last != period:
            self._change(step, row - last, again=row - self._since_row <= 1)

    def _change(self, step: float, period: int, *, again: bool) -> None:
        """``period`` holds from here on; ``again``: the last change was a wrong guess of this."""
        policies = self._course.policies
        if again and policies:
            step = policies.pop()[0]
        else:
            self._since_row = self._row
        self._period = period
        self._course.note_clearing(step, Clearing(period))
