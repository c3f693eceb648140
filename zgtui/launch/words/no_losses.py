"""What to say of a script that trains in a way of which there is no loss to chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.launch.launched_run import LaunchedRun
    from zgtui.runlog.events import TrainingSeen

NOTHING = (
    "{subject} called neither backward() nor the step() of an optimizer:"
    " there is no loss to chart and no gradient to clear"
)
NOTHING_YET = "no call of backward() and no optimizer step so far: there is no loss to chart yet"
MANY = 20
"""Backwards without a step of any optimizer that are worth a word while the script runs."""


def no_losses(runs: Iterable[LaunchedRun], subject: str = "your script") -> str:
    """Why no run of ``subject`` has a loss, as one sentence; empty while that may only take longer.

    To be asked only where there is none.
    """
    known = [run for run in runs if run.process is not None]
    over = bool(known) and all(run.ending is not None for run in known)
    if any(run.ending is not None and run.ending.failed for run in known):
        return ""
    waiting = [run.waits_for for run in known if run.waits_for]
    if waiting:
        return f"waiting for {waiting[0]}"
    others = [run.other_rank for run in known if run.other_rank]
    trained = [run.training for run in known if run.training is not None]
    if others and not trained:
        return f"rank {others[0]} trains here, and only the first rank of each node is charted"
    if trained:
        return _uncharted(trained[0], subject, over=over)
    if known and any(run.imported for run in known):
        return NOTHING.format(subject=subject) if over else NOTHING_YET
    return ""


def _uncharted(seen: TrainingSeen, subject: str, *, over: bool) -> str:
    so_far = "" if over else " so far"
    steps = sum(made["steps"] for made in seen.optimizers)
    if seen.backwards:
        waits = seen.backwards < MANY and not over
        return "" if waits else _unstepped(seen, subject, so_far)
    grads = f"it called torch.autograd.grad() {_times(seen.grads)}" if seen.grads else ""
    if steps:
        how = f" ({grads})" if grads else ""
        return (
            f"{subject} never called backward(){so_far}: its {steps:,} optimizer"
            f" step{'s' if steps > 1 else ''} applied gradients that it set itself{how}."
            " There is no loss to chart, so A and B cannot be compared"
        )
    return (
        f"{subject} called neither backward() nor the step() of an optimizer{so_far}: {grads}."
        " There is no loss to chart and no gradient to clear"
    )


def _unstepped(seen: TrainingSeen, subject: str, so_far: str) -> str:
    names = " and ".join(made["optimizer"] for made in seen.optimizers) or "no optimizer"
    verb = "have" if len(seen.optimizers) > 1 else "has"
    return (
        f"{subject} called backward() {_times(seen.backwards)}, but {names} {verb} never"
        f" stepped{so_far}: there is no step to chart"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
