"""A backward pass that fails half-way, out of memory for instance, and whose gradients stay."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.telling import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace


def failed_but_kept(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: a step also applies what a backward had added before it failed.

    Where most steps apply one backward alone: a part of what is accumulated may be meant to go on.
    """
    judged = training.judged
    single = [step for step in judged if len(step.origins) == 1]
    found = [step for step in judged if _holds_a_failed_one(trace, step)]
    if not found or len(judged) < MIN_STEPS or 2 * len(single) <= len(judged):
        return
    last = found[-1]
    backward = trace.origins[max(last.origins)].site
    message = (
        f"clears only now and then: {len(found)} of {len(judged)} steps also applied what a"
        " backward pass had added before it failed"
    )
    evidence = (
        f"step {last.number} held two calls of backward() at {backward.file_line}, the first of"
        " which raised an exception"
    )
    one = finding(trace, training, "ZG103", message, evidence, step=last, backward=backward)
    yield dataclasses.replace(
        one,
        theory="some parameters still hold gradients of the batch that failed, and the next"
        " batch's are added to them",
        remedy="also clear where the exception is caught",
    )


def _holds_a_failed_one(trace: ProcessTrace, step: Step) -> bool:
    """And one of the same line that came after it, and was complete."""
    known = [trace.origins[number] for number in sorted(step.origins & set(trace.origins))]
    if len(known) != len(step.origins) or any(step.left.values()) or step.seen.rescaled:
        return False
    failed = [one.failed for one in known]
    return failed == [True, False] and len({one.stack for one in known}) == 1
