"""Runs a script once under observation, unaltered, and judges what was seen."""

from __future__ import annotations

import dataclasses
import os
import select
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.observations import FILE, from_lines
from zgtui.check.report import Report, inconclusive, report_of
from zgtui.instrument.sites import Site
from zgtui.instrument.spec import OUTPUT, RunSpec
from zgtui.launch.endings import describe, output_tail
from zgtui.launch.process import RunProcess
from zgtui.runlog.log import LOSS_BYTES, losses_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zgtui.launch.command import ScriptOptions

STEPS = 60
"""After so many steps, of all optimizers together, the script is ended."""
TAIL_LINES = 12


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
