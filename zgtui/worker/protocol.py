"""The border between the process that draws and the process that trains.

Commands go to the worker's stdin and notices come from its stdout, one JSON object a line.
Commands are absolute, so that repeating one is harmless. Every command is answered by an Ack
with the step from which it holds. Losses never travel here: see `zgtui.runlog.log`.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from zgtui.config.settings import Clearing, RunName, Settings
from zgtui.errors import UsageError


@dataclass(frozen=True)
class Start:
    """Begin a comparison from step 0, in a new log; whatever ran before ends."""

    op: ClassVar[str] = "start"
    settings: Settings
    running: bool = True


@dataclass(frozen=True)
class SetRunning:
    """Train, or pause."""

    op: ClassVar[str] = "set_running"
    running: bool


@dataclass(frozen=True)
class StepTo:
    """Train up to and including ``step``, then pause."""

    op: ClassVar[str] = "step_to"
    step: int


@dataclass(frozen=True)
class SetClearing:
    """Give ``run`` another clearing policy from its next step on, and backwards a step."""

    op: ClassVar[str] = "set_clearing"
    run: RunName
    clear: Clearing
    accumulate: int = 1


@dataclass(frozen=True)
class SetLr:
    """Give ``run`` another learning rate from its next step on."""

    op: ClassVar[str] = "set_lr"
    run: RunName
    lr: float


@dataclass(frozen=True)
class SetSpeed:
    """Train at most this many steps a second; 0 is without limit."""

    op: ClassVar[str] = "set_speed"
    steps_per_second: float


@dataclass(frozen=True)
class SetLimit:
    """Finish after ``steps`` steps; 0 goes on without end."""

    op: ClassVar[str] = "set_limit"
    steps: int


@dataclass(frozen=True)
class StepBack:
    """Go back to where both runs stood after step ``to``, and pause.

    Weights, optimizers, gradients, rates, policies and random state are as they were. It goes on
    in a new log that begins with the first ``to`` steps of the old one: a Started tells of it.
    """

    op: ClassVar[str] = "step_back"
    to: int


@dataclass(frozen=True)
class Sync:
    """Write every loss so far to the log; the Ack's step says how far it then reaches."""

    op: ClassVar[str] = "sync"


Command = Start | SetRunning | StepTo | StepBack | SetClearing | SetLr | SetSpeed | SetLimit | Sync
COMMANDS: dict[str, type[Command]] = {
    kind.op: kind
    for kind in (
        Start,
        SetRunning,
        StepTo,
        StepBack,
        SetClearing,
        SetLr,
        SetSpeed,
        SetLimit,
        Sync,
    )
}


@dataclass(frozen=True)
class Ready:
    """PyTorch is imported; ``devices`` maps the usable device names to their descriptions."""

    kind: ClassVar[str] = "ready"
    torch: str
    devices: dict[str, str]


@dataclass(frozen=True)
class Started:
    """A comparison stands at step 0, or at ``step`` after it was stepped back.

    ``settings`` has every default filled in. What follows is of the weights at step 0, by run, and
    missing where it cannot be told or diagnostics are off: ``modes`` are [λ, e, w] for each
    direction of a loss quadratic in the weights (see `zgtui.theory.prediction.Mode`), the sharpest
    first, ``floor`` is that loss's least value, ``sharpness`` the largest eigenvalue of the
    Hessian on the samples of one batch.
    """

    kind: ClassVar[str] = "started"
    log: str
    settings: Settings
    optimizer: str
    steps_per_epoch: int
    full_batch: bool
    twins: bool
    """Whether both runs hold the same initial weights."""
    step: int = 0
    weights: dict[RunName, str] = field(default_factory=dict)
    """A short hash of each run's initial weights, and one of the batches that both see."""
    batches: str = ""
    modes: dict[RunName, list[list[float]]] | None = None
    floor: float | None = None
    sharpness: dict[RunName, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far training and its log are; also the sign of life while nothing moves."""

    kind: ClassVar[str] = "progress"
    step: int
    running: bool
    finished: bool
    accuracy: dict[RunName, float] = field(default_factory=dict)
    """The last measured share of held-out samples that each run gets right, from 0 to 1."""


@dataclass(frozen=True)
class AtLine:
    """In slow motion: where inside of ``step`` training is.

    ``line`` is what ``run`` executes next, counted from 0 at the first line of the training step.
    """

    kind: ClassVar[str] = "at_line"
    run: RunName
    step: int
    line: int


@dataclass(frozen=True)
class Ack:
    """Command ``ack`` was applied and holds from ``step`` on, or was refused with ``error``."""

    kind: ClassVar[str] = "ack"
    ack: int
    step: int
    error: str | None = None


@dataclass(frozen=True)
class Failed:
    """Training cannot go on; the worker ends after this."""

    kind: ClassVar[str] = "failed"
    message: str


Notice = Ready | Started | Progress | AtLine | Ack | Failed
NOTICES: dict[str, type[Notice]] = {
    kind.kind: kind for kind in (Ready, Started, Progress, AtLine, Ack, Failed)
}


def _plain(message: Command | Notice) -> dict[str, Any]:
    values = {item.name: getattr(message, item.name) for item in dataclasses.fields(message)}
    if isinstance(values.get("settings"), Settings):
        values["settings"] = values["settings"].to_dict()
    if isinstance(values.get("clear"), Clearing):
        values["clear"] = str(values["clear"])
    return values


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    if "settings" in values:
        values["settings"] = Settings.from_dict(values["settings"])
    if "clear" in values:
        values["clear"] = Clearing.parse(values["clear"])
    return values


def encode_command(command: Command, number: int) -> bytes:
    """One line for the worker's stdin; ``number`` comes back in the Ack."""
    return json.dumps({"id": number, "op": command.op, **_plain(command)}).encode() + b"\n"


def decode_command(line: bytes) -> tuple[int, Command]:
    """The inverse of ``encode_command``; raises ValueError on anything else."""
    try:
        values = json.loads(line)
        number, kind = int(values.pop("id")), COMMANDS[values.pop("op")]
        return number, kind(**_typed(values))
    except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        raise ValueError(f"not a command: {line!r}") from error


def encode_notice(notice: Notice) -> bytes:
    """One line for the worker's stdout."""
    return json.dumps({"notice": notice.kind, **_plain(notice)}).encode() + b"\n"


def decode_notice(line: bytes) -> Notice:
    """The inverse of ``encode_notice``; raises ValueError on anything else."""
    try:
        values = json.loads(line)
        return NOTICES[values.pop("notice")](**_typed(values))
    except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        raise ValueError(f"not a notice: {line!r}") from error
