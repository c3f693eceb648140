"""What a run's log holds beside the losses: events, one JSON object a line of ``events.jsonl``.

This is where they are decoded and encoded, and nowhere else. Reading is tolerant: a log may come
from another version of zgtui, or have been edited by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from typing import Any, ClassVar, get_args

from zgtui.config.settings import Clearing, Policy
from zgtui.errors import UsageError, ZgtuiError
from zgtui.ipc import MessageRegistry, parse_json
from zgtui.lazy_dataclass import dataclass


@dataclass(frozen=True)
class Started:
    """The first event; ``fields`` is all that it holds, as plain JSON types."""

    op: ClassVar[str] = "start"
    rest: ClassVar[str] = "fields"
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Mapping[str, Any]:
        """All settings, see `zgtui.config.settings.Settings`; empty where there are none."""
        settings = self.fields.get("settings")
        return settings if isinstance(settings, dict) else {}


@dataclass(frozen=True)
class LrChanged:
    """``lr``, before the schedule, holds for ``run`` from ``step`` on."""

    op: ClassVar[str] = "set_lr"
    run: str
    lr: float
    step: int


@dataclass(frozen=True)
class ClearingChanged:
    """``clear`` holds for ``run`` from ``step`` on; None where it is not known when it clears.

    ``accumulate`` is the number of micro-batches a step, ``policy`` that of a user's script.
    """

    op: ClassVar[str] = "set_clearing"
    run: str
    clear: Clearing | None
    accumulate: int = 1
    step: int = field(kw_only=True)
    policy: Policy | None = None


@dataclass(frozen=True)
class LrScaled:
    """The learning rates of a user's script are multiplied by ``factor`` from ``step`` on."""

    op: ClassVar[str] = "scale_lr"
    run: str
    step: int
    factor: float


@dataclass(frozen=True)
class LimitChanged:
    """Training finishes after ``steps`` steps; 0: it goes on without end."""

    op: ClassVar[str] = "set_limit"
    steps: int
    step: int


@dataclass(frozen=True)
class RunsPaused:
    """Both runs wait before ``step``."""

    op: ClassVar[str] = "pause"
    step: int


@dataclass(frozen=True)
class RunsResumed:
    """Both runs train on with ``step``."""

    op: ClassVar[str] = "resume"
    step: int


@dataclass(frozen=True)
class SteppedBack:
    """What comes from ``step`` on was trained anew; ``log`` is the one that was left."""

    op: ClassVar[str] = "step_back"
    step: int
    log: str


@dataclass(frozen=True)
class Sampled:
    """What was measured of ``run`` at ``step``, by name."""

    op: ClassVar[str] = "sample"
    rest: ClassVar[str] = "values"
    run: str
    step: int
    values: dict[str, Any] = field(default_factory=dict)


FIRST_STEPS = 20


def is_milestone(step: int) -> bool:
    """Whether every log has samples of ``step``: 1 to FIRST_STEPS, 50, 100, 200, 500 and so on.

    Others depend on the time that there was for them, and so on the machine.
    """
    return step <= FIRST_STEPS or str(step).rstrip("0") in {"1", "2", "5"}


def next_milestone(step: int) -> int:
    """The first of these that is ``step`` or comes after it."""
    if step <= FIRST_STEPS:
        return max(step, 1)
    unit = int("1".ljust(len(str(step)), "0"))
    return next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= step)


@dataclass(frozen=True)
class Ended:
    """After ``step`` steps it is over: all, for ``reason``, or one ``run`` of a user's script.

    ``together`` of the steps trained both runs of a comparison at once.
    """

    op: ClassVar[str] = "end"
    step: int = 0
    reason: str | None = None
    run: str | None = None
    code: int | None = None
    sentence: str | None = None
    written: list[str] | None = None
    together: int | None = None


# What a user's script says of itself: these travel to the parent, who puts them into the log.


@dataclass(frozen=True)
class Hello:
    """The process that trains is connected.

    ``world`` counts the ranks of the training, ``local_world`` those of them on this
    machine, where it is known; ``rank`` is the number of the one whose losses are logged.
    """

    op: ClassVar[str] = "hello"
    run: str
    pid: int
    torch: str
    world: int
    rank: int = 0
    local_world: int | None = None


@dataclass(frozen=True)
class SeriesFound:
    """A line that calls ``backward()`` was met: its losses go to the log under ``name``.

    That log has one loss for each step in which the line ran, the first of them at ``first_step``
    of the run; there is none while it is the only line. ``loss`` is what the line calls its loss,
    None where it has no name.
    """

    op: ClassVar[str] = "series"
    run: str
    name: str
    file: str
    line: int
    function: str
    first_step: int
    loss: str | None = None


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

    A run without this trained as the script itself does.
    """

    op: ClassVar[str] = "intervened"
    run: str
    step: int


@dataclass(frozen=True)
class ClearingSeen:
    """How the script was seen to clear its gradients, told anew whenever that changes.

    ``step`` steps were done before, ``looked`` were looked at. ``habits`` has an entry for each
    optimizer, or one with an empty name where the script has none: its ``optimizer``, the
    ``outcome`` of every ``period``-th step (None where too few were seen), its ``backwards`` per
    step (0 where they differ) and whether ``zero_grad`` was called; whether any backward
    ``reached`` its parameters, and whether all gradients of every step were ``zero``. A GradScaler
    multiplied the first loss by ``scale``; None where there was none. Under the ``policy`` never it
    is what became of the gradients in spite of that, and not how the script clears.
    """

    op: ClassVar[str] = "clearing_seen"
    run: str
    step: int
    habits: list[dict[str, Any]]
    scale: float | None = None
    looked: int = 0
    policy: Policy | None = None


@dataclass(frozen=True)
class TrainingSeen:
    """What a script's training has done so far; told now and then, and logged at its end.

    ``step`` steps are in the log. ``backwards`` and ``grads`` count the calls of ``backward()`` and
    of ``torch.autograd.grad``. ``optimizers`` has an entry for each place where optimizers are
    made: the name of the ``optimizer``, how many were ``made`` there, their ``steps``, how many of
    these a GradScaler ``skipped``, the ``lrs`` of all groups of those in use, and whether any
    step had a rate that ``moves`` something, other than 0. While a GradScaler has skipped every
    step, ``scale`` is what it last multiplied a loss by. So many ``threads`` train
    side by side; ``shared_draws``: random numbers were drawn from a generator that they share.
    """

    op: ClassVar[str] = "training_seen"
    run: str
    step: int
    backwards: int
    grads: int
    optimizers: list[dict[str, Any]]
    scale: float | None = None
    threads: int = 1
    shared_draws: bool = False


@dataclass(frozen=True)
class RunsCompared:
    """Both runs of a script are over: how their first ``step`` losses compare.

    ``differ_at`` is the first step whose losses differ; None where all are equal, bit for bit.
    ``reasons`` then tells why, in words; it is empty where no reason was seen.
    """

    op: ClassVar[str] = "compared"
    step: int
    reasons: list[str]
    differ_at: int | None = None


@dataclass(frozen=True)
class ObservationOff:
    """Something went wrong in the observation, or it could not do what the policy promises."""

    op: ClassVar[str] = "observation_off"
    run: str
    reason: str
    unwritten: bool | None = None
    """True where losses could not be written."""


@dataclass(frozen=True)
class Done:
    """The script's process is about to end after ``steps`` steps."""

    op: ClassVar[str] = "done"
    run: str
    steps: int
    interventions: int


RunChange = LrChanged | ClearingChanged
"""What changes how a run of the comparison trains."""
ScriptEvent = (
    Hello | SeriesFound | OptimizerSeen | ClearingSeen | Intervened | ObservationOff | Done
)
WorkerEvent = Started | RunChange | LimitChanged | RunsPaused | RunsResumed | SteppedBack | Sampled
Event = WorkerEvent | ScriptEvent | TrainingSeen | RunsCompared | LrScaled | Ended
Place = tuple[str, int]
"""File and line of a call of ``backward()``, as `SeriesFound` tells them."""


def _to_clearing(text: Any) -> Clearing | None:
    """None also for what is no policy here, which a later version may know."""
    with suppress(UsageError):
        return None if text is None else Clearing.parse(str(text))
    return None


_REGISTRY: MessageRegistry[Event] = MessageRegistry(
    "event",
    get_args(Event),
    tag="event",
    codecs={"clear": (lambda clear: None if clear is None else str(clear), _to_clearing)},
    tolerant=True,
)
encode = _REGISTRY.encode
"""One line of a log."""
to_fields = _REGISTRY.to_fields
"""An event as plain JSON types, as a log and the file beside a table hold it."""


def from_fields(fields: Any) -> Event | None:
    """The inverse of ``to_fields``; None for anything else, whatever it is."""
    try:
        return _REGISTRY.from_fields(fields)
    except (ValueError, TypeError, KeyError, AttributeError, ZgtuiError):
        return None


def decode(line: bytes) -> Event | None:
    """The event in one line of a log; None where it holds none that is known here."""
    try:
        return from_fields(parse_json(line))
    except ValueError:
        return None


def change_of(event: Event, run: str) -> RunChange | None:
    """``event`` where it changes how ``run`` trains, else None."""
    return event if isinstance(event, RunChange) and event.run == run else None
