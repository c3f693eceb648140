"""What a comparison is made of: the settings that travel from the command line to the worker.

Nothing here imports torch or textual, so that both processes and the file formats share it.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from zgtui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

RunName = Literal["A", "B"]
RUNS: tuple[RunName, ...] = get_args(RunName)


@dataclass(frozen=True)
class Clearing:
    """When a run calls ``optimizer.zero_grad()``: before every step, never, or every N steps.

    ``period`` is the number of steps from one clearing to the next; 0 means never.
    """

    period: int

    def due(self, step: int) -> bool:
        """Whether gradients are cleared before the backward of ``step`` (counted from 1)."""
        return self.period > 0 and (step - 1) % self.period == 0

    @classmethod
    def parse(cls, text: str) -> Clearing:
        """Read ``every``, ``never`` or a whole number N ≥ 1; raise UsageError otherwise."""
        word = text.strip().lower()
        if word in {"every", "never"}:
            return EVERY if word == "every" else NEVER
        if word.isascii() and word.isdigit() and int(word) >= 1:
            return cls(int(word))
        raise UsageError(
            f"a clearing policy is 'every', 'never' or a number of steps N ≥ 1, not {text!r}"
        )

    def __str__(self) -> str:
        return {0: "never", 1: "every"}.get(self.period, str(self.period))

    @property
    def title(self) -> str:
        """The policy as a pane's title tells it."""
        when = {0: "never", 1: "every step"}.get(self.period, f"every {self.period} steps")
        return f"zero_grad() {when}"

    @property
    def toggled(self) -> Clearing:
        """The other policy: never for a run that clears, every step for one that does not."""
        return NEVER if self.period else EVERY


EVERY = Clearing(1)
NEVER = Clearing(0)


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """One run: its clearing policy and its learning rate (None: the experiment's own)."""

    clear: Clearing
    lr: float | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One comparison: the experiment, where, how long and how fast it trains, and its two runs.

    ``steps`` counts optimizer steps; None takes the experiment's own length, 0 has no end.
    ``speed`` is in steps a second; None takes the experiment's own, 0 is without limit.
    """

    experiment: str = "article"
    seed: int = 42
    device: str = "auto"
    steps: int | None = None
    speed: float | None = None
    a: RunSettings = RunSettings(clear=EVERY)
    b: RunSettings = RunSettings(clear=NEVER)

    def run(self, name: RunName) -> RunSettings:
        """The settings of run ``name``."""
        return self.a if name == "A" else self.b

    def with_run(self, name: RunName, **changes: Any) -> Settings:
        """A copy in which run ``name`` has ``changes`` applied."""
        changed = dataclasses.replace(self.run(name), **changes)
        if name == "A":
            return dataclasses.replace(self, a=changed)
        return dataclasses.replace(self, b=changed)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; ``from_dict`` reads them back."""
        plain = dataclasses.asdict(self)
        for name in RUNS:
            plain[name.lower()]["clear"] = str(self.run(name).clear)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Settings:
        """The inverse of ``to_dict``; raises TypeError or KeyError on anything else."""
        fields = dict(plain)
        for name in RUNS:
            run = dict(fields[name.lower()])
            run["clear"] = Clearing.parse(run["clear"])
            fields[name.lower()] = RunSettings(**run)
        return cls(**fields)


def parse_lr(text: str) -> float:
    """A learning rate as a user types it: a positive, finite number; UsageError otherwise."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"a learning rate is a positive, finite number such as 0.1, not {text!r}")
    return value


LR_RATIO = 10 ** (1 / 10)
"""Ten presses of a learning-rate key make a factor of ten."""


def scaled_lr(lr: float, presses: int) -> float:
    """``lr`` moved by ``presses`` even ratio steps, kept on round values of four digits.

    A rate that already lies on the ladder 10^(k/10) stays on it, so that up and down cancel.
    """
    position = 10 * math.log10(lr)
    if abs(position - round(position)) < 0.005:
        position = round(position)
    moved: float = 10 ** ((position + presses) / 10)
    return float(f"{moved:.4g}") if moved > 0 and math.isfinite(moved) else lr
