"""The bookkeeping of the recorder: the optimizers, and the steps that are under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zgtui.check.contributions import Contributions

if TYPE_CHECKING:
    import weakref

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.sites import Site


@dataclass(eq=False)
class TrackedOptimizer:
    """One optimizer, its number, and where it was made."""

    number: int
    optimizer: weakref.ref[Optimizer]
    site: Site | None
    steps: int = 0

    def params(self) -> list[Tensor]:
        """Its parameters, in the order of their groups."""
        optimizer = self.optimizer()
        groups = [] if optimizer is None else optimizer.param_groups
        return [param for group in groups for param in group["params"]]


@dataclass(eq=False)
class RunningStep:
    """A step under way, and what it is going to apply.

    ``suspended`` says that torch's own code runs and need not be seen. ``is_wrapper`` says that
    another optimizer's step ran inside it, which is the one that counts.
    """

    tracked: TrackedOptimizer
    site: Site
    held: list[tuple[int, Contributions]]
    suspended: bool = False
    is_wrapper: bool = False
    origins: int = 0
    """Origins seen before the last call of the closure."""
    evaluated: bool = False
    """Whether the closure has left gradients that are not told of yet."""


@dataclass(eq=False)
class RunningBackward:
    """A backward under way: what the gradients that it may add to held before."""

    origin: int
    leaves: list[tuple[int, Tensor]]
    before: dict[int, Contributions] = field(default_factory=dict)
    divisor: float = 1.0
    states: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    arrived: set[int] = field(default_factory=set)
    """Leaves whose share has been noted already, by a step inside the backward."""
    cleared: set[int] = field(default_factory=set)
    """Leaves whose gradients were cleared inside it."""
