"""The steps and the learning rates of a script's optimizers, as a run tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.plural import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.launch.launched_run import LaunchedRun

MAX_RATES = 4
"""Learning rates of an optimizer that are listed; of more, the lowest and the highest are told."""


def optimizer_words(run: LaunchedRun, done: int) -> str:
    """The steps and the rates of each, as the summary has it; empty where none has stepped.

    A run that was ended from outside may have had no time to tell of the last of the ``done`` ones.
    """
    stepped = [made for made in run.training.optimizers if made["steps"]] if run.training else []
    counted = sum(made["steps"] + made["skipped"] for made in stepped)
    ended = run.ending is not None and run.ending.code >= 0 and not run.stopped
    exact = ended or counted >= done
    return "; ".join(
        made["optimizer"]
        + (f" {_steps(made['steps'], made['skipped'])}" if exact else "")
        + f", lr {rates(made['lrs'])}"
        for made in stepped
    )


def _steps(steps: int, skipped: int) -> str:
    left_out = f" ({skipped:,} skipped)" if skipped else ""
    return f"{plural(steps, 'step')}{left_out}"


def rates(lrs: Sequence[float]) -> str:
    """The different ones of ``lrs``: ``0.1, 0.01``, or ``0.001 to 0.1``; a dash for none."""
    known = list(dict.fromkeys(lrs))
    if len(known) > MAX_RATES:
        return f"{min(known):.4g} to {max(known):.4g}"
    return ", ".join(f"{lr:.4g}" for lr in known) or "–"


def present_rates(run: LaunchedRun) -> str:
    """The rates of all groups of all optimizers that have stepped; empty while none is known."""
    stepped = [made for made in run.training.optimizers if made["steps"]] if run.training else []
    told = list(dict.fromkeys(rates(made["lrs"]) for made in stepped if made["lrs"]))
    return " · ".join(told)


def steps_by_optimizer(run: LaunchedRun) -> str:
    """``Adam:12 250 · Adam:13 250`` where several optimizers have stepped, else empty."""
    stepped = [made for made in run.training.optimizers if made["steps"]] if run.training else []
    if len(stepped) < 2:
        return ""
    return " · ".join(f"{short_name(made['optimizer'])} {made['steps']:,}" for made in stepped)


def short_name(name: str) -> str:
    """``Adam:12`` for ``Adam (line 12)``."""
    return name.replace(" (line ", ":").replace(")", "").replace(" no. ", "#")
