"""What `zgtui check` can find: the codes, what each means, and one finding with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from zgtui.errors import UsageError, suggest
from zgtui.instrument.sites import Site

Severity = Literal["error", "warning", "note", "inconclusive"]
SCALE_FREE = frozenset(
    {
        "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop",
        "SparseAdam", "Adafactor", "Muon",
    }
)  # fmt: skip
"""Optimizers of torch that divide the gradient by its own size."""
Verdict = Literal["pass", "fail", "inconclusive"]
MIN_STEPS = 3
"""Fewer steps of an optimizer than these say nothing about it."""


@dataclass(frozen=True)
class FindingKind:
    """A code: how bad it is, its name, and what to do about it."""

    severity: Severity
    title: str
    advice: str


RULES: dict[str, FindingKind] = {
    "ZG101": FindingKind("error", "never cleared", "clear the gradients once after each step"),
    "ZG102": FindingKind(
        "error",
        "only some parameters are cleared",
        "clear with optimizer.zero_grad(), which covers all of its parameters",
    ),
    "ZG103": FindingKind("error", "cleared only now and then", "clear as often as you step"),
    "ZG105": FindingKind(
        "warning",
        "the same gradients applied again",
        "step once for each backward pass, or clear after the step",
    ),
    "ZG106": FindingKind(
        "warning",
        "parameters moved again by a stale gradient",
        "clear all parameters after each step, also those that the next loss does not use",
    ),
    "ZG107": FindingKind(
        "note",
        "old gradients fade instead of being cleared",
        "if momentum is not intended, clear after each step",
    ),
    "ZG201": FindingKind(
        "error",
        "cleared between backward() and step()",
        "clear after step(), or before backward()",
    ),
    "ZG202": FindingKind(
        "error",
        "cleared inside the accumulation",
        "clear once for each step, not once for each backward pass",
    ),
    "ZG203": FindingKind(
        "error",
        "the same parameters always lose their gradients",
        "clear before the first backward pass of a step, not between two of them",
    ),
    "ZG301": FindingKind(
        "error",
        "gradients meant for something else leak in",
        "clear this optimizer's gradients right before its own backward pass",
    ),
    "ZG401": FindingKind(
        "warning",
        "an optimizer without gradients",
        "give it the parameters of the model being trained, and detach nothing between them and"
        " the loss",
    ),
    "ZG501": FindingKind(
        "note",
        "micro-batches are summed, not averaged",
        "divide each loss by the number of micro-batches that a step applies",
    ),
    "ZG502": FindingKind(
        "warning",
        "micro-batches divided by the wrong number",
        "divide each loss once, by the number of micro-batches that a step applies",
    ),
    "ZG503": FindingKind(
        "warning",
        "means over unequal micro-batches are weighted equally",
        "sum each loss (reduction='sum') and divide by the number of targets of all micro-batches"
        " of the step",
    ),
    "ZG504": FindingKind(
        "warning",
        "the last micro-batches of an epoch are not applied in that epoch",
        "also step on the last batch of each epoch, even if the window is incomplete, or drop it"
        " (drop_last=True)",
    ),
    "ZG001": FindingKind(
        "note",
        "not judged: not clear from the source",
        "run it under zgtui check, which sees what happens",
    ),
    "ZG000": FindingKind("inconclusive", "no verdict", "let it run longer: --steps N or --all"),
}
FOUND: frozenset[Severity] = frozenset({"error", "warning"})
"""What makes the verdict ``fail``; a note alone leaves it as it is."""


def named_codes(ignore: object) -> set[str]:
    """The codes that ``ignore`` names, one or several.

    Raises:
        UsageError: if that is something else than codes of `zgtui check`.
    """
    codes: set[str] = set()
    for code in (
        ignore if isinstance(ignore, Iterable) and not isinstance(ignore, str) else [ignore]
    ):
        if not (isinstance(code, str) and code in RULES):
            near = suggest(str(code), RULES)
            raise UsageError(f"ignore= takes codes such as 'ZG103', not {code!r}.{near}")
        codes.add(code)
    return codes


@dataclass(frozen=True)
class SourceLine:
    """A line to show; ``roles`` say what happens there, empty for one that stands nearby.

    ``place`` is told instead of the number where the file is a notebook: its cell and line.
    """

    file: str
    number: int
    text: str
    roles: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing to say of one optimizer.

    ``sites`` maps ``backward``, ``step``, ``clear`` and ``skip`` to the line of each, where known;
    ``site`` is the one to point at. ``steps_seen`` counts the steps of this optimizer that were
    judged. ``evidence`` is what was observed, ``theory`` what it does to the training, ``remedy``
    what to do about it and ``level`` how bad it is, where that is not what its code says.
    ``micro_batches`` is how many a step applies, where it is about accumulation, and
    ``divided_twice`` says that their losses are. ``applies_too_much`` says that its steps apply
    what was not meant for them, and fewer backwards once it is repaired. A report adds ``fix``,
    a unified diff or nothing, and ``excerpt``, the lines that it is about.
    """

    code: str
    optimizer: str
    number: int
    message: str
    evidence: str
    site: Site
    steps_seen: int
    sites: dict[str, Site] = field(default_factory=dict)
    theory: str = ""
    remedy: str = ""
    level: Severity | None = None
    micro_batches: int = 0
    divided_twice: bool = False
    applies_too_much: bool = False
    fix: str = ""
    excerpt: tuple[SourceLine, ...] = ()

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self.remedy or RULES[self.code].advice

    @property
    def sentence(self) -> str:
        """The message with the optimizer it is about."""
        return f"{self.optimizer}: {self.message}" if self.optimizer else self.message

    @property
    def placed_sentence(self) -> str:
        """The same with the cell, for formats that know of no notebooks."""
        return self.sentence + (self.site.position if self.site.cell else "")

    @property
    def severity(self) -> Severity:
        """That of its code, or its own."""
        return self.level or RULES[self.code].severity


def verdict_of(findings: list[Finding]) -> Verdict:
    """``fail`` with any error or warning, else ``inconclusive`` with any ZG000, else ``pass``."""
    severities = {finding.severity for finding in findings}
    if severities & FOUND:
        return "fail"
    return "inconclusive" if "inconclusive" in severities else "pass"


EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "inconclusive": 3}
"""2 is a usage error, as everywhere."""


def theory_of(code: str, optimizer: str) -> str:
    """What the mistake does to the training, as far as it is known; empty where it is not."""
    if code in {"ZG101", "ZG102"}:
        return _NEVER.get(
            optimizer, f"{optimizer}: every step applies the sum of all gradients so far"
        )
    return _SCALE.get((code, _family(optimizer)), "") or _THEORY.get(code, "")


def _family(optimizer: str) -> str:
    return "scale-free" if optimizer in SCALE_FREE else optimizer


_ADAM = (
    "the sum of all gradients so far takes the place of the gradient, so steps keep the size"
    " of old gradients and overshoot the minimum"
)
_NEVER = {
    "SGD": "SGD: acts as momentum 1, which never decays: the loss oscillates or grows instead"
    " of settling; with a momentum of its own it is unstable at every learning rate",
    "Adam": f"Adam: {_ADAM}",
    "AdamW": f"AdamW: {_ADAM}",
    "NAdam": f"NAdam: {_ADAM}",
    "LBFGS": "LBFGS: its line search compares gradients of different sums, not of the loss",
}
_SCALE = {
    ("ZG501", "SGD"): "SGD: the same as a learning rate N times as large, and clipping by norm cuts"
    " N times as early",
    ("ZG501", "scale-free"): "the optimizer divides by the size of the gradient, which hides it;"
    " clipping by norm cuts N times as early",
    ("ZG502", "SGD"): "SGD: the same as a learning rate other than the one that was set",
    ("ZG502", "scale-free"): "the optimizer divides by the size of the gradient, which hides a"
    " constant factor; clipping by norm and factors that change from step to step stay visible",
}
_THEORY = {
    "ZG103": "between two clearings every step applies the sum of the gradients so far; stepping"
    " N times per clearing can diverge faster than never clearing at all",
    "ZG105": "the parameters move twice along one gradient: a learning rate that changes from"
    " step to step",
    "ZG106": "parameters that had no part in the loss are moved along a stale gradient",
    "ZG201": "the steps apply no gradient: only momentum and weight decay, if any,"
    " move the parameters",
    "ZG202": "the effective batch is a fraction of the intended one: most of the computing is"
    " thrown away",
    "ZG107": "acts like momentum; the factor is the fraction of .grad you keep",
    "ZG203": "these parameters keep their initial values, whatever the loss says",
    "ZG301": "this step follows a loss that was meant for another optimizer's parameters",
    "ZG401": "its steps change nothing",
    "ZG503": "targets in short micro-batches weigh more than those in long ones: the gradient is"
    " not that of the whole batch, and changes with how it is split",
    "ZG504": "every epoch misses its last samples, or takes a first step that is too large",
}
