"""The border between the process that draws and the process that trains.

Commands go to the worker's stdin and notices come from its stdout, one JSON object a line.
Commands are absolute, so that repeating one is harmless. Every command is answered by an Ack
with the step from which it holds. Neither losses nor what a change came to travel here: these are
in the run's log, see `zgtui.runlog`.
"""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar, get_args

from zgtui.config.settings import NEVER, Clearing, MapAxis, RunName, Settings
from zgtui.ipc import Ack, Codec, MessageRegistry, SetRunning, StepTo
from zgtui.lazy_dataclass import dataclass
from zgtui.theory.prediction import Mode
from zgtui.theory.stability_map import MapGrid, StabilityMap, decode

SLOW = 20.0
"""Up to so many steps a second every step is sampled and can be gone back to, and the last one done
stands beside the code."""


@dataclass(frozen=True)
class Start:
    """Begin a comparison from step 0, in a new log; whatever ran before ends."""

    op: ClassVar[str] = "start"
    settings: Settings
    running: bool = True


@dataclass(frozen=True)
class SetClearing:
    """Give ``run`` another clearing policy and number of backward passes from its next step on."""

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
    in a new log that begins with the first ``to`` steps of the old one, which a
    ComparisonStarted names.
    """

    op: ClassVar[str] = "step_back"
    to: int


@dataclass(frozen=True)
class Sync:
    """Write every loss so far to the log; the Ack's step says how far it then reaches."""

    op: ClassVar[str] = "sync"


@dataclass(frozen=True)
class MapStability:
    """Make a map of where each loop is stable, beside the training; ends the one before.

    ``clear`` is the policy of all cells, except where the rows differ in it.
    """

    op: ClassVar[str] = "map_stability"
    axis: MapAxis
    columns: int
    rows: int
    clear: Clearing = NEVER


Command = (
    Start | SetRunning | StepTo | StepBack | SetClearing | SetLr | SetSpeed | SetLimit | Sync
    | MapStability
)  # fmt: skip


@dataclass(frozen=True)
class Ready:
    """PyTorch is imported; ``devices`` maps the usable device names to their descriptions."""

    op: ClassVar[str] = "ready"
    torch: str
    devices: dict[str, str]


@dataclass(frozen=True)
class ComparisonStarted:
    """A comparison stands at step 0, or at ``step`` after it was stepped back.

    ``settings`` has every default filled in. What follows is of the weights at step 0, by run, and
    missing where it is not known or diagnostics are off: ``modes`` are [λ, e, w] for each
    direction of a loss quadratic in the weights (see `zgtui.theory.prediction.Mode`), the sharpest
    first, ``min_loss`` is that loss's least value, ``sharpness`` the largest eigenvalue of the
    Hessian on the samples of one batch, ``chance`` the accuracy of always saying the commonest
    class, None where accuracy is not measured.
    """

    op: ClassVar[str] = "started"
    log: str
    settings: Settings
    optimizer: str
    steps_per_epoch: int
    full_batch: bool
    same_init: bool
    """Whether both runs hold the same initial weights."""
    step: int = 0
    weights: dict[RunName, str] = field(default_factory=dict)
    """A short hash of each run's initial weights, and one of the batches that both see."""
    batches: str = ""
    modes: dict[RunName, list[list[float]]] | None = None
    min_loss: float | None = None
    sharpness: dict[RunName, float] = field(default_factory=dict)
    chance: float | None = None
    samples_per_step: int = 0
    """0 where that is not known."""
    device_note: str = ""
    """Why ``auto`` did not take the best device, as one sentence; empty where it did."""


@dataclass(frozen=True)
class Progress:
    """How far training and its log are; also the sign of life while nothing moves."""

    op: ClassVar[str] = "progress"
    step: int
    running: bool
    finished: bool
    accuracy: dict[RunName, float] = field(default_factory=dict)
    """The last measured share of held-out samples that each run gets right, from 0 to 1."""
    together: int = 0
    """At how many of the steps both runs were trained together; the others were step by step."""


@dataclass(frozen=True)
class AtLine:
    """In slow motion: where inside of ``step`` training is.

    ``line`` is what ``run`` executes next, counted from 0 at the first line of the training step.
    """

    op: ClassVar[str] = "at_line"
    run: RunName
    step: int
    line: int


@dataclass(frozen=True)
class MapMade:
    """How far the last map that was asked for is.

    Rows are from the lowest up, as `zgtui.theory.stability_map.encode` has them. ``predicted`` is
    complete; ``measured`` is empty until each cell was trained for ``steps``, of which ``step``
    are done. ``modes`` are as in `ComparisonStarted`.
    """

    op: ClassVar[str] = "map"
    axis: MapAxis
    clear: Clearing
    modes: list[list[float]]
    predicted: list[str]
    measured: list[str]
    step: int
    steps: int

    def map(self) -> StabilityMap:
        """As everything else has it."""
        grid = MapGrid(self.axis, len(self.predicted[0]), len(self.predicted), self.clear)
        return StabilityMap(
            grid=grid,
            modes=tuple(Mode(*values) for values in self.modes),
            predicted=decode(self.predicted),
            measured=decode(self.measured),
            step=self.step,
            steps=self.steps,
        )


@dataclass(frozen=True)
class Remark:
    """Something that is worth to be known of the training, which goes on."""

    op: ClassVar[str] = "remark"
    text: str


@dataclass(frozen=True)
class Failed:
    """Training cannot go on; the worker ends after this."""

    op: ClassVar[str] = "failed"
    message: str


Notice = Ready | ComparisonStarted | Progress | AtLine | MapMade | Ack | Remark | Failed

_CODECS: dict[str, Codec] = {
    "settings": (Settings.to_dict, Settings.from_dict),
    "clear": (str, Clearing.parse),
}
COMMANDS: MessageRegistry[Command] = MessageRegistry("command", get_args(Command), codecs=_CODECS)
NOTICES: MessageRegistry[Notice] = MessageRegistry("notice", get_args(Notice), codecs=_CODECS)
