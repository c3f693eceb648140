"""Runs a script once under observation, unaltered, and judges what was seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.execution import Execution, Interruption, Limits, execute
from zgtui.check.heartbeat import Heartbeat
from zgtui.check.report import Report, inconclusive, report_of
from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zgtui.launch.command import ScriptOptions
    from zgtui.launch.process import Frame

STEPS = 60
"""After so many steps, of all optimizers together, the script is ended."""


def check_script(
    options: ScriptOptions,
    environment: Mapping[str, str],
    limits: Limits,
    *,
    heartbeat: Heartbeat | None = None,
    interruption: Interruption | None = None,
) -> Report:
    """Run the script and report.

    Raises:
        WorkerError: if it cannot be started.
    """
    heartbeat = heartbeat or Heartbeat(quiet=True)
    interruption = interruption or Interruption()
    heartbeat.begin(f"checking {options.script}")
    execution = execute(options, environment, limits, heartbeat, interruption)
    return _report(options.command_line, execution)


def _report(subject: str, execution: Execution) -> Report:
    report = report_of(subject, execution.recordings)
    ending = execution.ending
    findings = report.findings
    if ending.failed:
        remedy = "fix what ended the script, then check it again"
        failed = inconclusive(ending.sentence, _failed_at(ending.frames), remedy=remedy)
        # A script that came down before it trained says nothing else.
        findings = (*(findings if report.optimizers else ()), failed)
    return replace(report, findings=findings, ending=ending.sentence, tail=execution.tail)


def _failed_at(frames: Iterable[Frame]) -> Site | None:
    """The innermost of the user's lines that can be shown."""
    for frame in reversed(list(frames)):
        if Path(frame.file).exists():
            return Site(frame.file, frame.line, frame.function)
    return None
