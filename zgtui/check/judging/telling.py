"""How the rules put what they found into a finding."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from zgtui.check.findings import Finding, theory_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.check.timeline import ProcessTrace, Step, TimedClear, TrainingTrace
    from zgtui.instrument.sites import Site

NAMES = 4
"""Parameters listed by name in a message."""
SUMS_CARRY_OVER = "its sums of gradients carry over from step to step"


def finding(  # noqa: PLR0913 - all that a finding tells
    trace: ProcessTrace,
    training: TrainingTrace,
    code: str,
    message: str,
    evidence: str,
    *,
    step: Step,
    clear: Site | None = None,
    backward: Site | None = None,
    at_clear: bool = False,
) -> Finding:
    """A finding about ``training``, at the line of ``step`` or of the clearing."""
    if backward is None:
        numbers = [n for n in (*step.origins, *step.shares) if n in trace.origins]
        backward = trace.origins[max(numbers)].site if numbers else None
    roles = {"backward": backward, "step": step.site, "clear": clear}
    return Finding(
        code,
        training.label,
        training.number,
        message,
        evidence,
        clear if at_clear and clear is not None else step.site,
        len(training.judged),
        {role: site for role, site in roles.items() if site is not None},
        theory_of(code, training.name),
    )


def named(trace: ProcessTrace, training: TrainingTrace, leaves: Iterable[int]) -> str:
    """The parameters by name, or by place where names are not known; a few of many."""
    places = {leaf: place for place, leaf in enumerate(training.leaves, 1)}
    names = [
        trace.names.get(leaf) or f"number {places.get(leaf, leaf)}"
        for leaf in sorted(leaves, key=lambda leaf: places.get(leaf, leaf))
    ]
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


def line_of(clears: Iterable[TimedClear]) -> Site | None:
    """The line that cleared most often."""
    sites = Counter(clear.seen.site for clear in clears)
    return sites.most_common(1)[0][0] if sites else None


def earlier_applied(what: str, count: int, of: int) -> str:
    """The message that ``what`` brought gradients of earlier steps into ``count`` of so many."""
    return f"{what}: {count} of {of} steps also applied gradients that earlier steps had applied"
