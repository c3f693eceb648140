"""What was observed of a script's training: plain records, one JSON object a line, without torch.

They follow the contributions, not the calls: every outermost backward is numbered from 1, and of
each gradient it is known which backwards it holds. What to conclude is for pure functions over a
sequence of these records.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class BackwardSeen:
    """Outermost backward ``number`` was called at ``site``.

    ``stack`` numbers the chain of the user's frames: calls with equal chains have equal numbers.
    ``added`` are the optimizers, by number, to whose gradients it added.
    """

    kind: ClassVar[str] = "backward"
    number: int
    site: Site
    stack: int
    added: tuple[int, ...]


@dataclass(frozen=True)
class GradientContents:
    """Parameters of one optimizer whose gradients hold the same, by their place in its groups.

    ``fresh`` are the backwards in the gradient that the optimizer has not applied yet. ``applied``
    counts those that it has already applied and that are still in it; ``oldest`` is the first of
    them, 0 without. ``discarded`` were added since the last step and cleared again. ``by_hand``
    says that the gradient was set in a way that cannot be followed.
    """

    params: tuple[int, ...]
    present: bool
    fresh: tuple[int, ...] = ()
    applied: int = 0
    oldest: int = 0
    discarded: tuple[int, ...] = ()
    by_hand: bool = False


@dataclass(frozen=True)
class StepSeen:
    """Step ``number`` of ``optimizer``, counted from 1 for each, and what it applied.

    ``skipped`` steps were left out by a GradScaler. ``wraps`` says that a step of another
    optimizer ran inside it, which is the one that counts. ``backwards`` were seen before it.
    """

    kind: ClassVar[str] = "step"
    optimizer: int
    number: int
    site: Site
    backwards: int
    holdings: tuple[GradientContents, ...]
    skipped: bool = False
    wraps: bool = False


@dataclass(frozen=True)
class ClearSeen:
    """Gradients of ``optimizer`` were cleared after ``backwards`` backwards, ``step`` steps.

    ``how`` is ``optimizer`` or ``module`` for a ``zero_grad()``, ``tensor`` for zeros written by
    hand, ``none`` for a gradient found gone; only of the last is ``site`` not known.
    """

    kind: ClassVar[str] = "clear"
    optimizer: int
    how: str
    site: Site | None
    params: tuple[int, ...]
    backwards: int
    step: int
    discarded: tuple[int, ...]
    """Backwards whose contributions were thrown away before any step applied them."""


@dataclass(frozen=True)
class OptimizerMade:
    """Optimizer ``number``: its class, how many parameters, and their names where known.

    Comes again with names before its first step, and when parameters are added. ``shared`` are
    the optimizers, by number, that hold some of the same parameters.
    """

    kind: ClassVar[str] = "optimizer"
    number: int
    name: str
    params: int
    names: tuple[str, ...] = ()
    shared: tuple[int, ...] = ()


@dataclass(frozen=True)
class ObservationLost:
    """From here on nothing was observed."""

    kind: ClassVar[str] = "lost"
    reason: str


Observation = BackwardSeen | StepSeen | ClearSeen | OptimizerMade | ObservationLost
KINDS: dict[str, type[Observation]] = {
    kind.kind: kind for kind in (BackwardSeen, StepSeen, ClearSeen, OptimizerMade, ObservationLost)
}
FILE = "observations.jsonl"
_encode = json.JSONEncoder(default=vars).encode
"""As dataclasses.asdict would give them, without its copies: they are written at every step."""


def to_line(observation: Observation) -> str:
    """One line of JSON."""
    return _encode({"kind": observation.kind, **vars(observation)}) + "\n"


def from_lines(lines: Iterable[str]) -> Iterator[Observation]:
    """The inverse of ``to_line``; a last line without its end is left out."""
    for line in lines:
        if line.endswith("\n"):
            fields = json.loads(line)
            kind = KINDS[fields.pop("kind")]
            yield kind(**{name: _typed(name, value) for name, value in fields.items()})


def _typed(name: str, value: Any) -> Any:
    if name == "site":
        return None if value is None else Site(**value)
    if name == "holdings":
        return tuple(
            GradientContents(**{key: _typed(key, inner) for key, inner in one.items()})
            for one in value
        )
    return tuple(value) if isinstance(value, list) else value
