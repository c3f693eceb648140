"""What a check came to: findings with the lines they are about, read once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from statistics import median_low
from typing import TYPE_CHECKING, Any

from zgtui.check.findings import Finding, SourceLine, Verdict, verdict_of
from zgtui.check.gathering import gather
from zgtui.check.judging.leaks import leaking
from zgtui.check.judging.rules import judge_trace
from zgtui.check.observations import ObservationLost
from zgtui.check.repairing.fixes import ignored, line_of
from zgtui.check.running.notebook import place_of
from zgtui.check.timeline import HAND
from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from zgtui.check.observations import Observation
    from zgtui.check.repairing.accumulation_proof import AccumulationProof
    from zgtui.check.repairing.card import RepairCard
    from zgtui.check.timeline import ProcessTrace, TrainingTrace

AROUND = 1
"""Lines shown before and after one that matters."""
NAME_THE_SCRIPT = "name the script, with the arguments, that calls backward() and step()"
"""What to do where nothing was seen."""


@dataclass(frozen=True)
class JudgedOptimizer:
    """An optimizer, what was found of it and how many of its steps were judged.

    ``label`` names it with where it was made and its first parameter, as far as they are known.
    """

    label: str
    steps_seen: int
    verdict: Verdict
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a check came to.

    ``silenced`` are findings that a comment at the line asks not to be told. ``ending`` tells
    how the script ended; ``tail`` is the end of its output where it failed. ``unchecked`` are
    sentences about what was out of reach. ``advisory`` marks
    what was read in the source and not seen running. ``card`` compares it with its repair,
    ``accumulation`` what it accumulates with the whole batch, where that was asked for.
    """

    subject: str
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...] = ()
    optimizers: tuple[JudgedOptimizer, ...] = ()
    unchecked: tuple[str, ...] = ()
    steps: int = 0
    ending: str = ""
    tail: str = ""
    advisory: bool = False
    card: RepairCard | None = None
    accumulation: AccumulationProof | None = None

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
    told = [replace(_placed(one), excerpt=tuple(_excerpt(one))) for one in findings]
    return Report(
        subject,
        tuple(one for one in told if not ignored(one)),
        tuple(one for one in told if ignored(one)),
        **facts,
    )


def report_of(subject: str, recordings: Iterable[Iterable[Observation]]) -> Report:
    """Judge what each process recorded; the same of several processes is told once.

    So is what was found of several optimizers at one line: the first of them stands for all.
    """
    found: dict[tuple[str, Site], Finding] = {}
    optimizers: dict[tuple[str, int], JudgedOptimizer] = {}
    unchecked: dict[str, None] = {}
    steps = 0
    for recording in recordings:
        observations = list(recording)
        trace = gather(observations)
        findings = [*judge_trace(trace), *_lost(observations)]
        for finding in findings:
            found.setdefault((finding.code, finding.site), finding)
        steps = max(steps, trace.steps_judged)
        told = {one.number for one in findings if one.optimizer}
        places: Counter[str] = Counter()
        for one in _judged(trace, told):
            places[one.place] += 1
            optimizers.setdefault((one.place, places[one.place]), _optimizer(one, findings))
        unchecked |= dict.fromkeys(_unchecked(trace, told))
    if not optimizers and not found:
        finding = inconclusive(
            "no optimizer's training was seen",
            remedy=NAME_THE_SCRIPT,
        )
        found[finding.code, finding.site] = finding
    return reported(
        subject,
        found.values(),
        optimizers=tuple(optimizers.values()),
        unchecked=tuple(unchecked),
        steps=steps,
    )


def _judged(trace: ProcessTrace, told: Container[int]) -> list[TrainingTrace]:
    """Those of which there is something to say; of those with the numbers ``told`` it was found.

    What is moved by hand beside optimizers, an attack on the inputs as a rule, is none.
    """
    everyone = [
        one
        for one in trace.trainings
        if one.judged or (one.reached and (one.steps or one.number in told))
    ]
    return [one for one in everyone if one.name != HAND] or everyone


def _optimizer(training: TrainingTrace, findings: list[Finding]) -> JudgedOptimizer:
    own = [one for one in findings if one.number == training.number and one.optimizer]
    told = [one for one in own if not ignored(one)]
    codes = tuple(dict.fromkeys(one.code for one in told))
    return JudgedOptimizer(training.place, len(training.judged), verdict_of(told), codes)


def _unchecked(trace: ProcessTrace, told: Container[int]) -> Iterator[str]:
    """What was there and could not be judged; of those with the numbers ``told`` something is."""
    for one in trace.trainings:
        if not one.steps and one.number not in told:
            yield f"{one.place}: not checked: it never stepped"
        elif one.steps and not (one.judged or one.reached):
            yield f"{one.place}: not checked: its steps had nothing to apply"


def _lost(observations: Iterable[Observation]) -> Iterator[Finding]:
    for one in observations:
        if isinstance(one, ObservationLost):
            yield inconclusive(
                f"recording failed: {one.reason}",
                remedy="please report this with the script; the script itself was not affected",
            )


def contributions(
    recordings: Iterable[Iterable[Observation]], *, leaks: bool = True
) -> dict[int, int]:
    """How many new backward passes a step of each optimizer, by its number, applies.

    Without ``leaks``, those do not count that another had stepped with before its own came.
    """
    applied: dict[int, list[int]] = {}
    for recording in recordings:
        trace = gather(recording)
        for training in trace.trainings:
            leaked = set() if leaks else _leaked(trace, training)
            for step in training.judged:
                applied.setdefault(training.number, []).append(len(step.origins - leaked))
    return {number: median_low(counts) for number, counts in applied.items()}


def _leaked(trace: ProcessTrace, training: TrainingTrace) -> set[int]:
    others = (one for one in trace.trainings if one is not training)
    return {n for one in others for _, foreign in leaking(trace, training, one) for n in foreign}


def inconclusive(message: str, site: Site | None = None, *, remedy: str) -> Finding:
    """A ZG000 that is about no optimizer."""
    where = site or Site("", 0, "")
    return Finding("ZG000", "", 0, message, "", where, 0, remedy=remedy)


def _placed(finding: Finding) -> Finding:
    """The finding with the cell of each line that stands in a notebook."""
    sites = {role: _in_cell(site) for role, site in finding.sites.items()}
    return replace(finding, site=_in_cell(finding.site), sites=sites)


def _in_cell(site: Site) -> Site:
    return site if site.cell else replace(site, cell=place_of(site.file, site.line))


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
