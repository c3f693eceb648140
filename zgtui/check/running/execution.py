"""One run of a script under observation, which always ends: by itself, or because it was enough."""

from __future__ import annotations

import json
import select
import signal
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.gathering import gather
from zgtui.check.observations import ASIDE, FILE, OptimizerMade, StepSeen, from_lines
from zgtui.instrument.protocol import ERROR, OUTPUT, WEIGHTS, RunSpec
from zgtui.launch.interruption import Interruption
from zgtui.launch.process import Ending, RunProcess, describe, output_tail
from zgtui.plural import plural
from zgtui.runlog.log import LossReader
from zgtui.temporary import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.check.observations import Observation
    from zgtui.check.running.heartbeat import Heartbeat
    from zgtui.config.settings import Policy, RunName
    from zgtui.launch.command import ScriptOptions

POLL_SECONDS = 0.1
GRACE_SECONDS = 3.0
"""How long a script and its helpers may go on after the last step that is looked at."""
TAIL_LINES = 12
MAX_LOSSES = 100_000
PROVING = "zgtui.check.recording.proving:make"
"""Of `--accumulation`."""
RECORDER, WEIGHT_HASHES = (
    "zgtui.check.recording.script_recording:make",
    "zgtui.check.recording.weights:make",
)
_STEP, _MADE = (f'{{"kind": "{kind.kind}"'.encode() for kind in (StepSeen, OptimizerMade))
_MANUAL = _STEP + b', "optimizer": 0,'


@dataclass(frozen=True, kw_only=True)
class CheckLimits:
    """When a run is ended: after ``steps`` in any of its processes, or after ``seconds``."""

    steps: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Execution:
    """What was observed in each process, how the script ended, the end of its output.

    ``losses`` are those of its steps; ``weights`` maps ``before`` and ``after`` to their hashes,
    if that was asked for.
    """

    recordings: list[list[Observation]]
    ending: Ending
    tail: str = ""
    losses: list[float] = field(default_factory=list)
    weights: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StepCounter:
    """Counts the steps in the recordings and the log of a run as they grow."""

    folder: Path
    run: RunName
    counts: dict[Path, int] = field(default_factory=dict)
    _read: dict[Path, int] = field(default_factory=dict)
    _seen: dict[Path, Counter[bytes]] = field(default_factory=lambda: defaultdict(Counter))

    def update(self) -> int:
        """The steps of the process that has made the most of them."""
        for path in recordings_in(self.folder):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._read[path] = self._read.get(path, 0) + len(whole)
            seen = self._seen[path]
            seen.update({kind: whole.count(kind) for kind in (_STEP, _MANUAL, _MADE)})
            manual = seen[_MANUAL]
            told = manual // ASIDE if seen[_MADE] else manual
            self.counts[path] = seen[_STEP] - manual + told
        return max([*self.counts.values(), LossReader(self.folder, self.run).available()])


def recordings_in(folder: Path) -> list[Path]:
    """The observations of each process."""
    return sorted(folder.glob(f"{Path(FILE).stem}*"))


@dataclass(frozen=True)
class Observed:
    """How a script is run: what records it, and what tells of it and ends it meanwhile."""

    environment: Mapping[str, str]
    limits: CheckLimits
    heartbeat: Heartbeat
    interruption: Interruption
    recorder: str = RECORDER
    policy: Policy = "as-is"
    names: Mapping[str, str] = field(default_factory=dict)
    """Files that stand for others, with the files by which they are told."""


def execute(options: ScriptOptions, run: RunName, how: Observed) -> Execution:
    """Run the script once and record it, with all its processes ended when this returns.

    What it saves by torch, safetensors or TensorBoard goes into a folder that is deleted again.

    Raises:
        WorkerError: if it cannot be started.
    """
    with TemporaryFolder("check") as folder:
        limits = how.limits
        spec = RunSpec(
            name=run,
            policy=how.policy,
            log=str(folder),
            folder=str(folder),
            seed=options.seed,
            limit=limits.steps,
            recorder=how.recorder,
            replaced=options.variants[run].replaced if run in options.variants else {},
        )
        inner = options.environment(spec, how.environment)
        inner.setdefault("TORCH_COMPILE_DISABLE", "1")
        process = RunProcess(options.command(run), inner, folder / OUTPUT)
        counter = StepCounter(folder, run)
        try:
            why = _wait(process, counter, how)
        finally:
            process.close()
            how.heartbeat.end()
        for path in (folder / ERROR, folder / OUTPUT):
            _rename(path, how.names)
        recordings = [_recording(path, how.names) for path in recordings_in(folder)]
        counted = counter.update()
        steps = max((gather(one).steps_judged for one in recordings), default=0) or counted
        if not why and limits.steps is not None and counted >= limits.steps:
            why = ENOUGH
        ending = describe(folder, process.code or 0, steps, stopped=bool(why))
        if why:
            ending = replace(ending, sentence=why.format(steps=plural(steps, "step")))
        return Execution(
            recordings,
            ending,
            _tail(folder) if ending.failed else "",
            LossReader(folder, run).read(MAX_LOSSES).tolist(),
            _weights(folder),
        )


ENOUGH = "ended early, after {steps}: that is enough for a verdict"
SO_FAR = "after {steps}: the verdict is about what was seen so far"


def _recording(path: Path, names: Mapping[str, str]) -> list[Observation]:
    """What one process has told; it may write on, if it could not be ended in time."""
    text = _renamed(path.read_bytes(), names).decode()
    return list(from_lines(text.splitlines(keepends=True)))


def _rename(path: Path, names: Mapping[str, str]) -> None:
    if names and path.exists():
        path.write_bytes(_renamed(path.read_bytes(), names))


def _renamed(data: bytes, names: Mapping[str, str]) -> bytes:
    """Each file by the name that the user knows."""
    for file, told in names.items():
        data = data.replace(json.dumps(file)[1:-1].encode(), json.dumps(told)[1:-1].encode())
    return data


def _weights(folder: Path) -> Mapping[str, str]:
    try:
        values: Mapping[str, str] = json.loads((folder / WEIGHTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values


def _wait(process: RunProcess, counter: StepCounter, how: Observed) -> str:
    """Wait until the script has ended or has to; why it had to, with a place for its steps."""
    poll = select.poll()
    poll.register(process.fileno(), select.POLLIN)
    began, limits = time.monotonic(), how.limits
    enough: float | None = None
    while not process.read():
        poll.poll(POLL_SECONDS * 1000)
        now = time.monotonic()
        steps = counter.update()
        how.heartbeat.beat(steps, limits.steps, process.pid, len(counter.counts))
        if enough is None and limits.steps is not None and steps >= limits.steps:
            enough = now + GRACE_SECONDS
        if how.interruption.number:
            return f"ended by {signal.Signals(how.interruption.number).name} {SO_FAR}"
        if enough is not None and now >= enough:
            return ENOUGH
        if limits.seconds is not None and now >= began + limits.seconds:
            return f"ended by --timeout {limits.seconds:g} {SO_FAR}"
    return ""


def _tail(folder: Path) -> str:
    text = output_tail(folder / OUTPUT).decode(errors="replace")
    return "\n".join([line for line in text.splitlines() if line.strip()][-TAIL_LINES:])
