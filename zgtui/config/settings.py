"""What a comparison is made of: the settings that travel from the command line to the worker.

Nothing here imports torch or textual, so that both processes and the file formats share it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from zgtui.errors import UsageError
from zgtui.lazy_dataclass import dataclass
from zgtui.plural import any_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DIGITS = 19
"""Digits of the largest whole number taken, 2⁶³ − 1; Python refuses to read thousands of them."""

RunName = Literal["A", "B"]
RUNS: tuple[RunName, ...] = get_args(RunName)
Switch = Literal["on", "off"]
MapAxis = Literal["clearing", "momentum", "weight-decay"]
"""What the rows of a stability map differ in."""
MAP_AXES: tuple[MapAxis, ...] = get_args(MapAxis)


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
        """Read ``every``, ``never`` or a whole number N ≥ 1.

        Raises:
            UsageError: if it is none of these.
        """
        word = text.strip().lower()
        if word in {"every", "never"}:
            return EVERY if word == "every" else NEVER
        digits = word.isascii() and word.isdigit() and len(word) <= MAX_DIGITS
        if digits and int(word) >= 1:
            return cls(int(word))
        raise UsageError(
            f"a clearing policy is 'every', 'never' or a number of steps N ≥ 1, not {text!r}"
        )

    def __str__(self) -> str:
        return {0: "never", 1: "every"}.get(self.period, str(self.period))

    @property
    def title(self) -> str:
        """The policy for the title of a pane."""
        when = {0: "never", 1: "every step"}.get(self.period, f"every {self.period} steps")
        return f"zero_grad() {when}"

    @property
    def toggled(self) -> Clearing:
        """The other policy: never for a run that clears, every step for one that does not."""
        return NEVER if self.period else EVERY


EVERY = Clearing(1)
NEVER = Clearing(0)


POLICY_FORMS = {
    "every": "",
    "never": "",
    "N": "clear only every N steps",
    "accumulate N": "N micro-batches, one step, then clear",
    "never, accumulate N": "the same without clearing",
    "M, accumulate N": "the same, but clear only every M steps",
}
"""What `parse_policy` reads, and what it means."""


def parse_policy(text: str) -> tuple[Clearing, int]:
    """A clearing policy and the micro-batches per step: ``never``, ``4`` or ``accumulate 4``.

    ``accumulate N`` is gradient accumulation (claims.md 11): N micro-batches, one step, then
    clearing. What does not clear says so: ``never, accumulate N``, and ``N`` alone steps at every
    batch and clears at every Nth.

    Raises:
        UsageError: if it is none of these.
    """
    words = text.replace(",", " ").lower().split()
    micro_batches = 1
    if "accumulate" in words:
        at = words.index("accumulate")
        number = words[at + 1] if at + 1 < len(words) else ""
        if not (number.isascii() and number.isdigit() and int(number) >= 1):
            raise UsageError(f"'accumulate' needs a number of micro-batches, not {number!r}")
        micro_batches = int(number)
        del words[at : at + 2]
        if not words:
            return EVERY, micro_batches
    try:
        return Clearing.parse(" ".join(words)), micro_batches
    except UsageError:
        forms = any_of(f"'{form}'" for form in POLICY_FORMS)
        raise UsageError(f"a clearing policy is {forms}, not {text!r}") from None


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """One run: its clearing policy and its learning rate (None: the experiment's own).

    ``accumulate`` is the number of micro-batches per step: the batch is split into so many, and
    each loss divided by their number.
    """

    clear: Clearing
    lr: float | None = None
    accumulate: int = 1

    @property
    def title(self) -> str:
        """The run for the title of a pane.

        Gradient accumulation ends with clearing; what does not has another name.
        """
        n, period = self.accumulate, self.clear.period
        if n == 1:
            return self.clear.title
        if period == 1:
            return f"accumulates {n} micro-batches, then clears"
        cleared = f"clears every {period} steps" if period else "never clears"
        return f"{n} micro-batches per step, {cleared}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One comparison: the experiment, where, how long and how fast it trains, and its two runs.

    ``steps`` counts optimizer steps; None takes the experiment's own length, 0 has no end.
    ``speed`` is in steps a second; None takes the experiment's own, 0 is without limit.
    ``optimizer`` is a class of torch.optim; it, ``momentum`` and ``weight_decay`` are the
    experiment's own where None. ``batch_size`` counts samples; None is the experiment's own, 0 all
    of them. ``clip`` bounds the norm of the gradient that is applied; None leaves it alone.
    ``size`` is for experiments that come in several. ``diagnostics``: whether gradients and
    sharpness are measured beside the losses. ``twin``: train the momentum-1 twin of run B
    as well (claims.md 1).
    """

    experiment: str = "article"
    seed: int = 42
    device: str = "auto"
    steps: int | None = None
    speed: float | None = None
    optimizer: str | None = None
    momentum: float | None = None
    nesterov: bool = False
    weight_decay: float | None = None
    clip: float | None = None
    schedule: str = "constant"
    batch_size: int | None = None
    size: str | None = None
    diagnostics: Switch = "on"
    twin: bool = False
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

    def lr_factor(self, step: int) -> float:
        """The schedule's factor on the learning rates at ``step``; of filled-in settings."""
        return lr_factor(self.schedule, step, self.steps or 0)

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
    """A learning rate as a user types it.

    Raises:
        UsageError: if it is not a positive, finite number.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"a learning rate is a positive, finite number such as 0.1, not {text!r}")
    return value


def scaled_lr(lr: float, presses: int) -> float:
    """``lr`` moved by ``presses`` even ratio steps, kept on round values of four digits.

    A rate that already lies on the ladder 10^(k/10) stays on it, so that up and down cancel.
    """
    position = 10 * math.log10(lr)
    if abs(position - round(position)) < 0.005:
        position = round(position)
    exponent = (position + presses) / 10
    if abs(exponent) > 307:  # at the ends of what a float holds
        return lr
    return float(f"{10**exponent:.4g}")


SPEEDS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 0)
"""Steps per second, slowest first; the last is without limit."""


def next_speed(speed: float, direction: int) -> float:
    """The speed above ``speed`` in SPEEDS, or with a ``direction`` of -1 the one below it."""
    if direction < 0:
        slower = [one for one in SPEEDS if one and (not speed or one < speed)]
        return slower[-1] if slower else SPEEDS[0]
    return next((one for one in SPEEDS if speed and one > speed), 0)


def _constant(_step: int, _steps: int) -> float:
    return 1.0


def _step(step: int, steps: int) -> float:
    return 0.1 ** (3 * (min(step, steps) - 1) // steps)


def _cosine(step: int, steps: int) -> float:
    return (1 + math.cos(math.pi * min(step - 1, steps - 1) / steps)) / 2


SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": _constant,
    "step": _step,
    "cosine": _cosine,
}
"""``step``: a tenth after each third of the planned steps; ``cosine``: half a cosine from the full
rate to nearly nothing, as torch's CosineAnnealingLR. Each maps (step counted from 1, planned steps)
to the factor on the learning rate; beyond the plan the last factor holds."""


def lr_factor(schedule: str, step: int, steps: int) -> float:
    """The factor on the learning rate at ``step`` of a run planned for ``steps`` steps."""
    return SCHEDULES[schedule](max(step, 1), steps) if steps else 1.0


Policy = Literal["as-is", "every", "never"]
"""``as-is`` leaves the script's clearing alone; ``every`` clears, before the first backward of a
step, what an optimizer has already applied; ``never`` undoes every clearing."""
POLICIES: tuple[Policy, ...] = get_args(Policy)


Curves = Literal["auto", "split", "sum"]
"""The losses of a script's lines that call ``backward()``: each line's apart, or those of all
summed; ``auto`` draws them apart where the lines take turns, so that their sum means nothing."""
CURVES: tuple[Curves, ...] = get_args(Curves)


def parse_script_policy(text: str) -> Policy:
    """Read ``as-is``, ``every`` or ``never``.

    Raises:
        UsageError: if it is none of these.
    """
    for policy in POLICIES:
        if text.strip().lower() == policy:
            return policy
    raise UsageError(f"a script's clearing is 'as-is', 'every' or 'never', not {text!r}")
