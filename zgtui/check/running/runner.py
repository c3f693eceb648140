"""Runs a script under observation, unaltered, judges what was seen, and tries fixes on copies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.observations import StepSeen
from zgtui.check.repairing.accumulation_proof import proof_in
from zgtui.check.repairing.card import CLEARING, FIX, RepairCard, side_of
from zgtui.check.repairing.repair import Repair, linked, proposals, variant, with_fixes
from zgtui.check.repairing.scale_fixes import CODES
from zgtui.check.repairing.scale_proof import is_averaged
from zgtui.check.report import Report, contributions, inconclusive, report_of, reported
from zgtui.check.running.execution import (
    PROVING,
    RECORDER,
    WEIGHT_HASHES,
    Execution,
    Observed,
    execute,
)
from zgtui.check.running.failures import asked_in_vain
from zgtui.check.running.notebook import SUFFIX, NotebookError, write_script
from zgtui.config.settings import RUNS
from zgtui.errors import UsageError
from zgtui.instrument.sites import Site
from zgtui.launch.command import Variant
from zgtui.temporary import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.launch.command import ScriptOptions
    from zgtui.launch.process import Frame

STEPS = 60
"""After so many steps, of all optimizers together, the script is ended."""
SEED = 42
"""Of both runs of a repair card, unless another one is asked for."""


@dataclass(frozen=True)
class Checked:
    """What a check came to; ``repair`` is a change that was tried and leads to ``pass``."""

    report: Report
    repair: Repair | None = None


def check_script(options: ScriptOptions, how: Observed, *, compare: bool = False) -> Checked:
    """Run the script and report; with ``compare`` a repair card comes with the report.

    Raises:
        WorkerError: if it cannot be started.
    """
    if not options.module and options.script.endswith(SUFFIX):
        return _check_notebook(options, how, compare=compare)
    how.heartbeat.begin(f"checking {options.script}")
    return _checked(options, how, compare=compare)


def _check_notebook(options: ScriptOptions, how: Observed, *, compare: bool) -> Checked:
    """Run a notebook's cells as a script that lies where the notebook does, as far as it can tell.

    Raises:
        UsageError: if it is no notebook.
    """
    notebook = Path(options.script).resolve()
    with TemporaryFolder("notebook") as place:
        folder = linked(notebook, place / "cells").parent
        try:
            script = str(write_script(str(notebook), folder))
        except NotebookError as error:
            raise UsageError(f"cannot read {options.script}: {error}") from error
        words = (script, *options.arguments)
        cells = replace(options, variants=dict.fromkeys(RUNS, Variant(words=words, replaced={})))
        how.heartbeat.begin(f"checking {options.script}")
        return _checked(cells, replace(how, names={script: str(notebook)}), compare=compare)


def _checked(options: ScriptOptions, how: Observed, *, compare: bool) -> Checked:
    execution = execute(options, "A", how)
    report = _report(options.command_line, execution)
    if how.recorder == PROVING:
        report = replace(report, accumulation=proof_in(execution.recordings))
        how = replace(how, recorder=RECORDER)
    checked = _with_repair(options, how, execution, report)
    if compare and not how.interruption.number:
        card = _card(options, how, checked.repair)
        return replace(checked, report=replace(checked.report, card=card))
    return checked


def _report(subject: str, execution: Execution) -> Report:
    report = report_of(subject, execution.recordings)
    ending = execution.ending
    findings = report.findings
    if ending.failed:
        remedy = "fix the error, then rerun the check"
        place = _failed_at(ending.frames)
        failed = inconclusive(ending.sentence, place, remedy=remedy)
        # What is missing of a script that came down is missing because of that.
        kept = tuple(one for one in findings if one.severity != "inconclusive")
        vain = [asked_in_vain(one, place) for one in execution.recordings] if place else []
        kept = kept or reported(subject, filter(None, vain)).findings
        is_why = _is_explained(execution) or any(vain)
        findings = kept if is_why and kept else (*kept, failed)
    return replace(report, findings=findings, ending=ending.sentence, tail=execution.tail)


def _is_explained(execution: Execution) -> bool:
    """Whether the script failed because a step found no gradients, which is a finding itself."""
    return any(
        isinstance(one, StepSeen) and one.refused
        for recording in execution.recordings
        for one in recording
    )


def _failed_at(frames: Iterable[Frame]) -> Site | None:
    """The innermost of the user's lines that can be shown."""
    for frame in reversed(list(frames)):
        if Path(frame.file).exists():
            return Site(frame.file, frame.line, frame.function)
    return None


def _with_repair(
    options: ScriptOptions, how: Observed, execution: Execution, report: Report
) -> Checked:
    """Try what may repair the script on a copy; only what leads to ``pass`` is kept."""
    for repair, diffs in proposals(report):
        if how.interruption.number:
            break
        how.heartbeat.begin("checking the fix")
        with TemporaryFolder("fix") as place:
            changed = variant(options, repair, place)
            tried = execute(replace(options, variants={"A": changed}), "A", how)
            is_right = _is_right(report, execution, tried)  # the rules read the changed copy, too
        if is_right:
            return Checked(with_fixes(report, diffs), repair)
    return Checked(report)


def _is_right(report: Report, before: Execution, after: Execution) -> bool:
    """Whether a change leads to ``pass`` and takes no backward away from any step.

    A right accumulation keeps the number of backwards that each of its steps applies.
    """
    repaired = _report(report.subject, after)
    scaled = {finding.code for finding in report.findings} & CODES
    if repaired.verdict != "pass" or scaled & {
        one.code for one in repaired.findings if not one.level
    }:
        return False
    if "ZG504" in scaled:
        return True  # what was left over has windows of its own now
    misdivided = {
        finding.number for finding in report.findings if finding.code in CODES and not finding.level
    }
    if misdivided and not is_averaged(after.recordings, misdivided):
        return False
    faulty = {finding.number for finding in report.findings}
    too_much = {finding.number for finding in report.findings if finding.applies_too_much}
    old, new = contributions(before.recordings), contributions(after.recordings)
    meant = contributions(before.recordings, leaks=False)
    return all(
        optimizer in new
        and (
            0 < new[optimizer] < applied
            if optimizer in too_much
            else new[optimizer] >= meant[optimizer]
            if optimizer in faulty
            else new[optimizer] == applied
        )
        for optimizer, applied in old.items()
    )


def _card(options: ScriptOptions, how: Observed, repair: Repair | None) -> RepairCard:
    """Train both from one seed, as far as the check goes."""
    options = replace(options, seed=SEED if options.seed is None else options.seed)
    assert options.seed is not None
    how = replace(how, recorder=WEIGHT_HASHES)
    how.heartbeat.begin("training as it is")
    as_it_is = execute(options, "A", how)
    how.heartbeat.begin("training repaired")
    if repair is None:
        repaired = execute(options, "B", replace(how, policy="every"))
        return RepairCard(options.seed, CLEARING, side_of(as_it_is), side_of(repaired))
    with TemporaryFolder("fix") as place:
        changed = variant(options, repair, place)
        repaired = execute(replace(options, variants={"B": changed}), "B", how)
    return RepairCard(options.seed, FIX, side_of(as_it_is), side_of(repaired))
