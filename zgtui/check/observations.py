"""What was observed of a script's training: plain records, one JSON object a line, without torch.

They follow the contributions: every outermost backward is an origin, numbered from 1, and of each
gradient it is told which origins it is made of when a step applies it or when it goes. Leaves,
the parameters among them, have numbers too. What to conclude is for pure functions over them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Portion = tuple[int, tuple[int, ...]]
"""A backward and the leaves whose share of it is meant."""

OriginWay = Literal["backward", "grad", "hand", "numpy", "unseen"]
"""How a gradient came about: by ``backward()``, by ``autograd.grad()`` or ``torch.func``, written
by hand, written by hand after others had left for NumPy, or in a way that was not seen."""

Reduction = Literal["mean", "targets", "sum", "handed on", "unknown"]


@dataclass(frozen=True)
class OriginSeen:
    """Origin ``number`` of contributions, at ``site``.

    ``stack`` numbers the chain of the user's frames: calls with equal chains have equal numbers.
    ``leaves`` are the leaves that it added to, the nearest to the loss first.
    """

    kind: ClassVar[str] = "origin"
    number: int
    way: OriginWay
    site: Site
    stack: int
    leaves: tuple[int, ...]
    divisor: float = 1.0
    """What the loss was divided by."""
    outputs: tuple[int, ...] = ()
    """The leaves of those layers whose outputs it raises or lowers without end: no target, no
    likelihood stands between. Whoever trains by such a loss stands behind them."""
    copied: tuple[int, ...] = ()
    """The origins that it was added to although they had been copied, and others of them cleared
    once they had been."""
    once_copied: tuple[int, ...] = ()
    """The same, of copies that may be gone by then, as with those of a helper that has returned."""
    hooked: bool = False
    """Whether hooks of the script were handed gradients of intermediate results."""
    drawn: bool = False
    """Whether the targets of its loss were drawn from the predictions that it judges."""
    beside: tuple[int, ...] = ()
    """The origins that it was added to where that is so of one of the two alone."""
    again: tuple[int, ...] = ()
    """The origins whose losses are terms of this one's as well."""
    through: tuple[tuple[int, int], ...] | None = None
    """Pairs of optimizers: it goes through the first's layers to the second's; None if unknown."""
    targets: tuple[int, ...] = ()
    """The optimizers whose parameters it reaches by the target of the loss alone."""
    thread: int = 0
    """The number of the thread that it ran in."""
    failed: bool = False
    """Whether it ended by an exception, having added to some of its leaves."""


@dataclass(frozen=True)
class LossSeen:
    """How the loss of backward ``origin`` was made, as far as the top of its graph tells.

    ``divisors`` and ``factors`` are the plain numbers that the whole of it was divided and
    multiplied by, the last first, without the scale of a GradScaler; ``apart`` are those that its
    terms were divided by each for itself. ``targets`` is a mean over a number of targets that the
    loss itself counted, ``handed on`` no loss at all: the backward was given the gradient to begin
    with. ``count`` tells how many a mean was taken over, 0 where that is not known.
    ``loops`` are turns of the ``for`` loops around the backward, ``whiles`` of the ``while`` loops,
    ``ranks`` the processes that share it.
    """

    kind: ClassVar[str] = "loss"
    origin: int
    reduction: Reduction
    divisors: tuple[float, ...] = ()
    factors: tuple[float, ...] = ()
    count: float = 0.0
    apart: tuple[float, ...] = ()
    loops: tuple[int, ...] = ()
    ranks: int = 1
    whiles: tuple[int, ...] = ()


@dataclass(frozen=True)
class Held:
    """Parameters whose gradients held the same as a step applied them.

    ``fresh`` are origins that had not been applied to them. ``left`` are those that had been, and
    that stayed in the gradient, the newest of them; ``decayed`` says that these were scaled down
    by hand since, ``mixed`` that this was done together with fresh ones.
    """

    params: tuple[int, ...]
    fresh: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    decayed: bool = False
    mixed: bool = False


@dataclass(frozen=True)
class StepSeen:
    """A step of ``optimizer``, and what it applied; optimizer 0 is the script's own hand.

    ``lent`` are the contributions of other leaves' gradients that it applied. ``skipped`` steps
    were left out by a GradScaler. Of a step with a closure, each call of it is one. ``rescaled``
    says that gradients were scaled or replaced by hand before it, other than by clipping;
    ``counted_twice`` that some of them had been added twice to one sum.
    ``summed_on`` says that some were sums that gradients are added to from step to step;
    ``pieces`` of how many steps the copies were that one was put together of, just before.
    ``by_optimizer`` says that a move by hand was made by an optimizer's method, not its step, and
    not taken back before the next backward.
    ``moved_before`` are origins that stand in the gradients, and that had moved the parameters.
    Of a ``frozen`` step no parameter required a gradient.
    ``missed`` steps of the script's own hand asked for gradients that were gone already. Of
    ``refused`` ones nothing was left, and a GradScaler raised an error. ``loops`` and
    ``whiles`` are turns of the loops around the step, ``thread`` is the number of its thread.
    """

    kind: ClassVar[str] = "step"
    optimizer: int
    site: Site
    held: tuple[Held, ...]
    lent: tuple[Portion, ...] = ()
    skipped: bool = False
    rescaled: bool = False
    counted_twice: bool = False
    summed_on: bool = False
    pieces: int = 0
    by_optimizer: bool = False
    moved_before: tuple[int, ...] = ()
    frozen: bool = False
    missed: bool = False
    refused: bool = False
    loops: tuple[int, ...] = ()
    whiles: tuple[int, ...] = ()
    thread: int = 0


@dataclass(frozen=True)
class ClearSeen:
    """The gradients of ``leaves`` were cleared at ``site``.

    ``how`` is ``optimizer`` or ``module`` for a ``zero_grad()``, ``hand`` for zeros or None,
    ``overwritten`` for other contributions in their place. ``held`` says that there was something
    in them. ``dropped`` had been applied by no step. Of their origins, ``not_finite`` held NaN or
    infinity, ``looked_at`` were only read, for their norms as a rule. ``thread`` is the number of
    the thread that cleared. ``meant`` are the leaves of a ``zero_grad()`` that found nothing.
    """

    kind: ClassVar[str] = "clear"
    how: Literal["optimizer", "module", "hand", "overwritten"]
    site: Site
    leaves: tuple[int, ...]
    held: bool
    dropped: tuple[Portion, ...] = ()
    not_finite: tuple[int, ...] = ()
    looked_at: tuple[int, ...] = ()
    thread: int = 0
    meant: tuple[int, ...] = ()


@dataclass(frozen=True)
class UsedSeen:
    """Contributions served a purpose other than a step.

    They entered a graph, moved a parameter by hand, or stood in another tensor when their
    gradient was cleared. ``made_input`` says that what a model is given was made of them.
    """

    kind: ClassVar[str] = "used"
    portions: tuple[Portion, ...]
    made_input: bool = False


@dataclass(frozen=True)
class CutSeen:
    """What ``leaves`` had made was cut from its graph, so that nothing trains them through it."""

    kind: ClassVar[str] = "cut"
    leaves: tuple[int, ...]


@dataclass(frozen=True)
class ProofSeen:
    """The micro-batches of one step, with their backward at ``site``, were run again.

    Their gradients add up to ``ratio`` times that of the whole batch, but for ``rest``, relative
    to their sum. ``reason`` tells why that could not be done; then both are 0.
    """

    kind: ClassVar[str] = "proof"
    site: Site
    micro_batches: int
    ratio: float
    rest: float
    reason: str = ""


@dataclass(frozen=True)
class OptimizerMade:
    """Optimizer ``number``: its class, the leaves it has, and where it was made, if that was seen.

    Comes again when parameters are added.
    """

    kind: ClassVar[str] = "optimizer"
    number: int
    name: str
    leaves: tuple[int, ...]
    site: Site | None


@dataclass(frozen=True)
class LeavesNamed:
    """Names of leaves, where modules know them."""

    kind: ClassVar[str] = "names"
    leaves: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class ObservationLost:
    """From here on nothing was observed."""

    kind: ClassVar[str] = "lost"
    reason: str


Observation = (
    OriginSeen
    | LossSeen
    | StepSeen
    | ClearSeen
    | UsedSeen
    | CutSeen
    | ProofSeen
    | OptimizerMade
    | LeavesNamed
    | ObservationLost
)
KINDS: dict[str, type[Observation]] = {
    kind.kind: kind
    for kind in (
        OriginSeen, LossSeen, StepSeen, ClearSeen, UsedSeen, CutSeen, OptimizerMade, LeavesNamed,
        ProofSeen, ObservationLost,
    )
}  # fmt: skip
FILE = "observations.jsonl"
DAMAGED = "a line of what was written down is damaged"
ASIDE = 20
"""Beside an optimizer so many moves by hand count as one step: an input is moved, as a rule."""
_encode = json.JSONEncoder(default=vars).encode
"""As dataclasses.asdict would give them, without its copies: they are written at every step."""


def to_line(observation: Observation) -> str:
    """One line of JSON."""
    return _encode({"kind": observation.kind, **vars(observation)}) + "\n"


def from_lines(lines: Iterable[str]) -> Iterator[Observation]:
    """The inverse of ``to_line``; a last line without its end is left out.

    What comes after a damaged line belongs to what cannot be read, and is lost with it.
    """
    for line in lines:
        if line.endswith("\n"):
            try:
                one = _observation(json.loads(line))
            except (ValueError, LookupError, TypeError, AttributeError):
                yield ObservationLost(DAMAGED)
                return
            yield one


def _observation(fields: Any) -> Observation:
    kind = KINDS[fields.pop("kind")]
    return kind(**{name: _typed(name, value) for name, value in fields.items()})


def _typed(name: str, value: Any) -> Any:
    if name == "site":
        return None if value is None else Site(**value)
    if name == "held" and isinstance(value, list):
        return tuple(
            Held(**{key: _typed(key, inner) for key, inner in one.items()}) for one in value
        )
    if isinstance(value, list):
        return tuple(_typed("", inner) for inner in value)
    return value
