"""``zgtui.watch(optimizer)``: the rules of `zgtui check` in a notebook or a program of your own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from torch.optim import Optimizer

from zgtui.check.findings import FOUND, Finding
from zgtui.check.observations import StepSeen
from zgtui.check.recording.autograd_calls import Grads, watch_engine, watch_grads
from zgtui.check.recording.fast_paths import keep_fast_paths
from zgtui.check.recording.followed_threads import follow_threads
from zgtui.check.recording.recorder import Recorder
from zgtui.check.report import NAME_THE_SCRIPT, Report, report_of
from zgtui.errors import UsageError
from zgtui.instrument import patches
from zgtui.instrument.instrument import Instrument

if TYPE_CHECKING:
    from types import TracebackType

    from zgtui.check.observations import Observation

_instruments: list[Instrument] = []
"""The one of this process, once anything was watched: torch is wrapped once and for good."""
_recorders: list[Recorder] = []
"""That of the watch under way."""
_under_way: list[Watch] = []


def _instrument() -> Instrument:
    if not _instruments:
        instrument = Instrument()
        _instruments.append(instrument)
        patches.install(instrument)
        watch_engine(lambda: _recorders[0].follower if _recorders else None)
        keep_fast_paths(lambda: _recorders[0].follower if _recorders else None)
        follow_threads(lambda: _recorders[0] if _recorders else None)
        watch_grads(_grads_made, lambda: bool(_recorders), instrument.switch_off)
    return _instruments[0]


def _grads_made(made: Grads) -> None:
    for recorder in _recorders:
        recorder.grads_made(made)


class Watch:
    """Watches the training that runs inside its ``with`` block.

    Afterwards, and at any time inside, ``report()`` judges what was seen so far. The training
    itself is not changed by a bit.
    """

    def __init__(self, optimizers: tuple[Optimizer, ...], *, gives_way: bool = False) -> None:
        """``gives_way``: another that begins ends this one, and it does not begin beside others."""
        self._counted = self._steps = 0
        self._optimizers, self.gives_way = optimizers, gives_way
        self._seen: list[Observation] = []
        self._recorder = Recorder(self._seen.append, failed=_instrument().switch_off)

    def __enter__(self) -> Watch:  # noqa: PYI034 - Self came with Python 3.11
        """Begin to watch; UsageError where another watch is under way."""
        instrument = _instrument()
        if self.gives_way and _under_way and not _under_way[0].gives_way:
            return self
        if _under_way and _under_way[0].gives_way:
            _under_way[0].end()
        if instrument.observers:
            raise UsageError("another zgtui.watch() is under way: end its with block first")
        _under_way.append(self)
        instrument.on = True
        instrument.registry.forget_all()
        for optimizer in self._optimizers:
            instrument.registry.add(optimizer)
            self._recorder.adopt(optimizer)
        instrument.observe([self._recorder])
        _recorders.append(self._recorder)
        self._recorder.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End to watch."""
        self.end()

    def end(self) -> None:
        """End to watch; nothing where that has ended."""
        if self in _under_way:
            _under_way.clear()
            _recorders.clear()
            self._recorder.end()
            _instrument().observe([])
            _instrument().on = False  # what is wrapped for good then passes on at once

    @property
    def steps(self) -> int:
        """Steps seen so far, of all optimizers."""
        fresh = self._seen[self._counted :]
        self._counted += len(fresh)
        self._steps += sum(isinstance(one, StepSeen) for one in fresh)
        return self._steps

    def report(self) -> Report:
        """What was seen so far, judged: ``verdict``, ``findings``; ``print()`` it to read it."""
        report = report_of("watched training", [self._seen])
        findings = tuple(_more_seen(one) for one in report.findings)
        return replace(report, findings=findings)


WATCH_MORE = "watch what calls backward() and step(), for three steps or more"
"""The advice where too little was seen: no command line is there to give more steps on."""


def _more_seen(finding: Finding) -> Finding:
    """``finding``, with the advice of a watch in place of that of the command line."""
    if finding.code != "ZG000" or finding.remedy not in {"", NAME_THE_SCRIPT}:
        return finding
    return replace(finding, remedy=WATCH_MORE)


MISTAKEN = "gradients are not cleared as they should be:"
"""What is said before a report that fails."""


def mistakes(report: Report, ignored: Collection[str] = ()) -> bool:
    """Whether ``report`` has an error or a warning whose code is not ``ignored``."""
    return any(one.severity in FOUND and one.code not in ignored for one in report.findings)


def watch(*optimizers: Optimizer) -> Watch:
    """Watch whether the gradients of ``optimizers`` are cleared when they should be.

    Others that are made or step inside the block are watched as well. At least 3 steps are
    needed for a verdict::

        with zgtui.watch(optimizer) as watch:
            train_one_epoch()
        print(watch.report())

    Raises:
        UsageError: something else than a ``torch.optim.Optimizer`` was given.
    """
    for optimizer in optimizers:
        if not isinstance(optimizer, Optimizer):
            raise UsageError(
                f"watch() takes optimizers of torch.optim, not {type(optimizer).__name__}"
            )
    return Watch(optimizers)
