"""What a check came to: findings with the lines they are about, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median_low
from typing import TYPE_CHECKING, Any

from zgtui.check.findings import Finding, SourceLine, Verdict, verdict_of
from zgtui.check.fixes import ignored, line_of
from zgtui.check.notebook import place_of
from zgtui.check.observations import ObservationLost
from zgtui.check.rules import judge_trace
from zgtui.check.trace import HAND, gather
from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zgtui.check.card import RepairCard
    from zgtui.check.observations import Observation

AROUND = 1
"""Lines shown before and after one that matters."""


@dataclass(frozen=True)
class JudgedOptimizer:
    """An optimizer and how many of its steps were judged."""

    label: str
    steps_seen: int


@dataclass(frozen=True)
class Report:
    """What a check came to.

    ``silenced`` are findings that a comment at the line asks not to be told. ``ending`` tells
    how the script ended; ``tail`` is the end of its output where it failed. ``advisory`` marks
    what was read in the source and not seen running. ``card`` compares it with its repair.
    """

    subject: str
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...] = ()
    optimizers: tuple[JudgedOptimizer, ...] = ()
    steps: int = 0
    ending: str = ""
    tail: str = ""
    advisory: bool = False
    card: RepairCard | None = None

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``fail`` or ``inconclusive``."""
        return verdict_of(list(self.findings))

    def __str__(self) -> str:
        """The report as plain text, as `zgtui check` prints it."""
        from zgtui.check.formats.text_report import render  # noqa: PLC0415 - it is above this

        return render(self)


def reported(subject: str, findings: Iterable[Finding], **facts: Any) -> Report:
    """The report of ``findings``, each with the lines it is about."""
    told = [replace(one, excerpt=tuple(_excerpt(one))) for one in findings]
    return Report(
        subject,
        tuple(one for one in told if not ignored(one)),
        tuple(one for one in told if ignored(one)),
        **facts,
    )


def report_of(subject: str, recordings: Iterable[Iterable[Observation]]) -> Report:
    """Judge what each process recorded; the same finding of several processes is told once."""
    found: dict[tuple[str, Site], Finding] = {}
    optimizers: dict[str, JudgedOptimizer] = {}
    steps = 0
    for recording in recordings:
        observations = list(recording)
        trace = gather(observations)
        for finding in judge_trace(trace):
            found.setdefault((finding.code, finding.site), finding)
        for seen in observations:
            if isinstance(seen, ObservationLost):
                finding = inconclusive(
                    f"the observation was lost: {seen.reason}",
                    remedy="report this with the script, which went on unharmed",
                )
                found.setdefault((finding.code, finding.site), finding)
        everyone = [one for one in trace.trainings if one.judged or one.reached]
        steps = max([steps, sum(len(one.judged) for one in everyone)])
        # What is moved by hand beside optimizers, an attack on the inputs as a rule, is no news.
        for one in [one for one in everyone if one.name != HAND] or everyone:
            optimizers.setdefault(one.label, JudgedOptimizer(one.label, len(one.judged)))
    if not optimizers and not found:
        finding = inconclusive(
            "no optimizer's training was seen",
            remedy="name the script, with the arguments, that calls backward() and step()",
        )
        found[finding.code, finding.site] = finding
    return reported(subject, found.values(), optimizers=tuple(optimizers.values()), steps=steps)


def contributions(recordings: Iterable[Iterable[Observation]]) -> dict[str, int]:
    """The backwards that a step of each optimizer applies for the first time, as a rule."""
    applied: dict[str, list[int]] = {}
    for recording in recordings:
        for training in gather(recording).trainings:
            for step in training.judged:
                applied.setdefault(training.label, []).append(len(step.origins))
    return {label: median_low(counts) for label, counts in applied.items()}


def inconclusive(message: str, site: Site | None = None, *, remedy: str) -> Finding:
    """A ZG000 that is about no optimizer."""
    where = site or Site("", 0, "")
    return Finding("ZG000", "", 0, message, "", where, 0, remedy=remedy)


def _excerpt(finding: Finding) -> Iterator[SourceLine]:
    """Few lines of the source around each place, those that matter with their roles."""
    roles: dict[str, dict[int, set[str]]] = {}
    places = finding.sites or ({"here": finding.site} if finding.site.file else {})
    for role, site in places.items():
        if line_of(site):
            roles.setdefault(site.file, {}).setdefault(site.line, set()).add(role)
    for file, marked in roles.items():
        near = {line + by for line in marked for by in range(-AROUND, AROUND + 1)}
        for number in sorted(near):
            text = line_of(Site(file, number, "")) if number > 0 else ""
            if text or number in marked:
                cell = place_of(file, number)
                place = f"{cell[0]}:{cell[1]}" if cell else ""
                roles_here = tuple(sorted(marked.get(number, ())))
                yield SourceLine(file, number, text, roles_here, place)
