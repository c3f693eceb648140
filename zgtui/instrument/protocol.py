"""What the parent and a running script tell each other: JSON lines over a Unix socket.

Commands are absolute, so that repeating one is harmless; each is answered by an Ack with the
step from which it holds. They are read between steps. Losses never travel here.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from zgtui.config.settings import Policy


@dataclass(frozen=True)
class SetRunning:
    """Train on, or pause after the step that is running."""

    op: ClassVar[str] = "run"
    running: bool


@dataclass(frozen=True)
class StepTo:
    """Train up to and including ``step``, then pause."""

    op: ClassVar[str] = "step_to"
    step: int


@dataclass(frozen=True)
class SetPolicy:
    """Another clearing policy from the next step on."""

    op: ClassVar[str] = "set_policy"
    policy: Policy


@dataclass(frozen=True)
class ScaleLr:
    """Multiply the learning rates of all parameter groups by ``factor`` (1: the script's own)."""

    op: ClassVar[str] = "scale_lr"
    factor: float


Command = SetRunning | StepTo | SetPolicy | ScaleLr


@dataclass(frozen=True)
class Hello:
    """The process that trains is connected; ``world`` counts the processes that train together."""

    op: ClassVar[str] = "hello"
    run: str
    pid: int
    torch: str
    world: int


@dataclass(frozen=True)
class Series:
    """A line that calls ``backward()`` was met: its losses go to the log under ``name``.

    The log of a series has one loss for each step in which its line ran; the first of them is
    step ``first_step`` of the run.
    """

    op: ClassVar[str] = "series"
    run: str
    name: str
    file: str
    line: int
    function: str
    first_step: int


@dataclass(frozen=True)
class OptimizerSeen:
    """A kind of optimizer stepped for the first time; ``lrs`` are those of its groups."""

    op: ClassVar[str] = "optimizer"
    run: str
    name: str
    lrs: list[float]


@dataclass(frozen=True)
class Intervened:
    """The policy had to change what the script does, for the first time, at ``step``.

    A run that never says so trained as the script itself does.
    """

    op: ClassVar[str] = "intervened"
    run: str
    step: int


@dataclass(frozen=True)
class Ack:
    """Command ``ack`` was applied and holds from ``step`` on."""

    op: ClassVar[str] = "ack"
    run: str
    ack: int
    step: int


@dataclass(frozen=True)
class Paused:
    """The run waits after ``step``; every loss up to it is in the log."""

    op: ClassVar[str] = "paused"
    run: str
    step: int


@dataclass(frozen=True)
class Resumed:
    """The run goes on after ``step``."""

    op: ClassVar[str] = "resumed"
    run: str
    step: int


@dataclass(frozen=True)
class ObservationOff:
    """Something went wrong in the observation, or it could not do what the policy promises."""

    op: ClassVar[str] = "observation_off"
    run: str
    reason: str


@dataclass(frozen=True)
class Done:
    """The script's process is about to end after ``steps`` steps."""

    op: ClassVar[str] = "done"
    run: str
    steps: int
    interventions: int


Notice = (
    Hello | Series | OptimizerSeen | Intervened | Ack | Paused | Resumed | ObservationOff | Done
)
COMMANDS: dict[str, type[Command]] = {
    kind.op: kind for kind in (SetRunning, StepTo, SetPolicy, ScaleLr)
}
NOTICES: dict[str, type[Notice]] = {
    kind.op: kind
    for kind in (
        Hello,
        Series,
        OptimizerSeen,
        Intervened,
        Ack,
        Paused,
        Resumed,
        ObservationOff,
        Done,
    )
}


def encode(message: Command | Notice, number: int = 0) -> bytes:
    """One line; ``number`` identifies a command and comes back in its Ack."""
    fields: dict[str, Any] = {"op": message.op, **dataclasses.asdict(message)}
    if number:
        fields["id"] = number
    return json.dumps(fields).encode() + b"\n"


def decode_command(line: bytes) -> tuple[int, Command]:
    """The inverse of ``encode`` for a command; raises ValueError on anything else."""
    try:
        fields = json.loads(line)
        number, kind = int(fields.pop("id")), COMMANDS[fields.pop("op")]
        return number, kind(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a command: {line!r}") from error


def decode_notice(line: bytes) -> Notice:
    """The inverse of ``encode`` for a notice; raises ValueError on anything else."""
    try:
        fields = json.loads(line)
        return NOTICES[fields.pop("op")](**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a notice: {line!r}") from error
