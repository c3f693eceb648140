"""Runs a script once under observation, unaltered, and judges what was seen."""

from __future__ import annotations

import dataclasses
import os
import select
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.findings import Finding, Verdict, verdict_of
from zgtui.check.fixes import ignored
from zgtui.check.observations import FILE, ObservationLost, from_lines
from zgtui.check.rules import judge
from zgtui.check.trace import gather
from zgtui.instrument.sites import Site
from zgtui.instrument.spec import OUTPUT, RunSpec
from zgtui.launch.endings import describe, output_tail
from zgtui.launch.process import RunProcess
from zgtui.runlog.log import LOSS_BYTES, losses_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zgtui.check.observations import Observation
    from zgtui.launch.command import ScriptOptions

STEPS = 60
"""After so many steps, of all optimizers together, the script is ended."""
TAIL_LINES = 12


@dataclass(frozen=True)
class Watched:
    """An optimizer and how many of its steps were judged."""

    label: str
    steps_seen: int


@dataclass(frozen=True)
class Report:
    """What a check came to.

    ``silenced`` are findings that a comment at the line asks not to be told. ``ending`` tells
    how the script ended; ``tail`` is the end of its output where it failed. ``advisory`` marks
    what was read in the source and not seen running.
    """

    subject: str
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...] = ()
    optimizers: tuple[Watched, ...] = ()
    steps: int = 0
    ending: str = ""
    tail: str = ""
    advisory: bool = False

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``fail`` or ``inconclusive``."""
        return verdict_of(list(self.findings))

    def __str__(self) -> str:
        """The report as plain text, as `zgtui check` prints it."""
        from zgtui.check.formats.text import text_of  # noqa: PLC0415 - rich is for those who read it

        return text_of(self)


def report_of(subject: str, recordings: Iterable[Iterable[Observation]]) -> Report:
    """Judge what each process recorded; the same finding of several processes is told once."""
    found: dict[tuple[str, Site], Finding] = {}
    optimizers: dict[str, Watched] = {}
    steps = 0
    for recording in recordings:
        observations = list(recording)
        for finding in judge(observations):
            found.setdefault((finding.code, finding.site), finding)
        for one in observations:
            if isinstance(one, ObservationLost):
                finding = inconclusive(
                    f"the observation was lost: {one.reason}",
                    remedy="report this with the script, which went on unharmed",
                )
                found.setdefault((finding.code, finding.site), finding)
        everyone = [seen for seen in gather(observations) if seen.judged or seen.added]
        steps = max([steps, sum(len(seen.judged) for seen in everyone)])
        for seen in everyone:
            optimizers.setdefault(seen.label, Watched(seen.label, len(seen.judged)))
    if not optimizers and not found:
        finding = inconclusive(
            "no optimizer's training was seen",
            remedy="name the script, with the arguments, that calls backward() and step()",
        )
        found[finding.code, finding.site] = finding
    told = [finding for finding in found.values() if not ignored(finding)]
    silenced = [finding for finding in found.values() if ignored(finding)]
    return Report(subject, tuple(told), tuple(silenced), tuple(optimizers.values()), steps)


def inconclusive(message: str, site: Site | None = None, *, remedy: str) -> Finding:
    """A ZG000 that is about no optimizer."""
    where = site or Site("", 0, "")
    return Finding("ZG000", "", 0, message, "", where, 0, remedy=remedy)


def check_script(
    options: ScriptOptions, environment: Mapping[str, str], *, every_step: bool = False
) -> Report:
    """Run the script and report; raises WorkerError where it cannot be started.

    It ends after ``options.steps`` steps, or `STEPS` without; ``every_step`` lets it finish. What
    it saves by torch, safetensors or TensorBoard goes into a folder that is deleted again.
    """
    with tempfile.TemporaryDirectory(prefix="zgtui-check-") as place:
        folder = Path(place).resolve()
        limit = None if every_step else options.steps or STEPS
        spec = RunSpec(
            name="A",
            policy="as-is",
            log=str(folder),
            folder=str(folder),
            seed=options.seed,
            limit=limit,
            recorder="zgtui.check.recorder:make",
        )
        inner = options.environment(spec, environment)
        inner.setdefault("TORCH_COMPILE_DISABLE", "1")
        code = _run(options.command("A"), inner, folder / OUTPUT)
        recordings = [
            from_lines(path.read_text(encoding="utf-8").splitlines(keepends=True))
            for path in sorted(folder.glob(f"{Path(FILE).stem}*"))
        ]
        report = report_of(options.command_line, recordings)
        losses = losses_path(folder, "A")
        # A process that is killed leaves the newest losses unwritten; its observations stand.
        written = losses.stat().st_size // LOSS_BYTES if losses.exists() else 0
        steps = max(written, report.steps)
        enough = limit is not None and steps >= limit
        ending = describe(folder, code, steps, stopped=enough)
        sentence = ending.sentence
        if enough:
            sentence = f"ended early, after {steps:,} steps: that is enough for a verdict"
        findings = report.findings
        tail = ""
        if ending.failed:
            tail = "\n".join(_tail(folder))
            remedy = "fix what ended the script, then check it again"
            failed = inconclusive(ending.sentence, _failed_at(ending.frames), remedy=remedy)
            findings = (*findings, failed)
        return dataclasses.replace(report, findings=findings, ending=sentence, tail=tail)


def _run(command: list[str], environment: Mapping[str, str], output: Path) -> int:
    process = RunProcess(command, environment, output)
    try:
        poll = select.poll()
        poll.register(process.fileno(), select.POLLIN)
        while not process.news():
            poll.poll()
    finally:
        process.close()
    assert process.code is not None
    return process.code


def _tail(folder: Path) -> list[str]:
    text = output_tail(folder / OUTPUT).decode(errors="replace")
    return [line for line in text.splitlines() if line.strip()][-TAIL_LINES:]


def _failed_at(frames: Iterable[object]) -> Site | None:
    for frame in reversed(list(frames)):
        file, line = getattr(frame, "file", ""), getattr(frame, "line", 0)
        if os.path.exists(file):  # noqa: PTH110 - a plain string from a traceback
            return Site(file, line, getattr(frame, "function", ""))
    return None
