"""Trains a case, collects everything that is said at any step, and has it checked."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch

from tests.sentences import reference
from tests.sentences.checkers import fault, state_fault
from tests.sentences.driver import Case, trained
from tests.sentences.gauges import gauge_fault
from tests.sentences.seen import Seen
from zgtui.config.settings import RUNS, RunName
from zgtui.tui.model import texts
from zgtui.tui.model.gradients import gradient_view
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.widgets.gradient_pane import gradient_text

GAUGE_WIDTH = 60
RECHECKED = 25
GAUGE_STEPS = 7
"""The gauges are looked at at every such step: they say much the same from one to the next."""


@dataclass
class Inspected:
    """What was said, and what of it is false."""

    settings: int = 0
    sentences: int = 0
    """Sentences, states and gauges on all screens, each counted as often as it was shown."""
    distinct: set[str] = field(default_factory=set)
    faults: list[tuple[str, int, str, str]] = field(default_factory=list)
    """Case, step, sentence and what is wrong."""

    def add(self, other: Inspected) -> None:
        self.settings += other.settings
        self.sentences += other.sentences
        self.distinct |= other.distinct
        self.faults += other.faults


@dataclass(frozen=True)
class _Screen:
    step: int
    lines: list[str]
    states: dict[RunName, str]
    gauges: dict[RunName, str]
    measured: dict[RunName, int]


def inspect(case: Case) -> Inspected:
    """Train ``case`` and check all that is said of it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            screens: list[_Screen] = []
            live: RemoteComparison | None = None
            for live in trained(case, Path(folder), sample=True):
                screens += _screens(live, case)
            assert live is not None
            runs = reference.train(case, live.settings)
            for name in RUNS:
                ours = live.runs[name].history.tail(case.steps)
                assert list(map(repr, ours)) == list(map(repr, runs[name].losses)), (
                    "another training"
                )
            last = Seen(case, live.settings, case.steps, runs, live.full_batch)
            return _checked(case, screens, last)
    finally:
        torch.set_num_threads(before)


def _screens(live: RemoteComparison, case: Case) -> Iterable[_Screen]:
    """Without theory, and with it at every other step and at the end."""
    gauges: dict[RunName, str] = {}
    if live.step % GAUGE_STEPS == 1:
        gauges = {
            name: gradient_text(
                name, gradient_view(live, name), GAUGE_WIDTH, ascii_only=False
            ).plain
            for name in RUNS
        }
    states = {name: texts.state(live, name, None) for name in RUNS}
    measured = {name: run.measured.step for name, run in live.runs.items()}
    for theory in (False, True):
        if theory and live.step % 2 and live.step != case.steps:
            continue
        lines = texts.notes(live, theory=theory, secret=False)
        yield _Screen(live.step, lines, states, gauges if not theory else {}, measured)


def _checked(case: Case, screens: Iterable[_Screen], last: Seen) -> Inspected:
    found = Inspected(settings=1)
    checked: dict[str, int] = {}
    for screen in screens:
        seen = last.at(screen.step)
        waiting: dict[str, Callable[[], str]] = {
            line: partial(fault, line, seen) for line in screen.lines
        }
        for name in RUNS:
            state, gauge = screen.states[name], screen.gauges.get(name)
            waiting[f"{name}: {state}"] = partial(state_fault, state, name, seen)
            if gauge is not None:
                measured = screen.measured[name]
                waiting[f"{name}: {gauge}"] = partial(gauge_fault, gauge, name, measured, seen)
        said = []
        for text, check in waiting.items():
            # What stands there unchanged is checked again now and then.
            if screen.step - checked.get(text, -RECHECKED) >= min(RECHECKED, screen.step // 3):
                said.append((text, check()))
                checked[text] = screen.step
        found.sentences += len(waiting)
        found.distinct |= {text for text, _ in said}
        found.faults += [(case.name, screen.step, text, wrong) for text, wrong in said if wrong]
    return found


def summary(found: Inspected, most: int = 40) -> str:
    """Figures, and the first fault of each kind."""
    shown = f"{found.settings} settings, {found.sentences:,} sentences, states and gauges shown"
    lines = [f"{shown} ({len(found.distinct):,} distinct), {len(found.faults):,} false"]
    cases = Counter(case for case, *_ in found.faults)
    first: dict[tuple[str, str], tuple[str, int, str, str]] = {}
    for one in found.faults:
        first.setdefault((one[0], one[3][:20]), one)
    for case, step, text, wrong in list(first.values())[:most]:
        lines.append(f"  {case} ({cases[case]}), step {step}: {text!r}\n      {wrong}")
    return "\n".join(lines)
