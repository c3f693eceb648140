"""A batch that is skipped for what it came to, and whose gradient stays all the same."""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import TYPE_CHECKING

from zgtui.check.accumulation_source import tree_of
from zgtui.check.findings import MIN_STEPS
from zgtui.check.telling import finding
from zgtui.plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace
    from zgtui.instrument.sites import Site

TWICE = 2
"""What happens once may be by chance."""
MANY = 8
"""So many backwards without a step are no batch that goes on."""
LOOKS = re.compile(r"loss|norm|nan|inf\b|finite|spike|outlier|explod|skip", re.IGNORECASE)
"""What a condition asks about that leaves a batch out; to accumulate, one counts."""
COUNTS = re.compile(r"%|accum|count|\bstep\b|\bit(?:er)?\b", re.IGNORECASE)
Leaving = ast.Continue | ast.Return


def skipped_but_kept(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: where a batch is skipped, so is its clearing: the next step applies both.

    Or there is no next step, as what stays in the gradient has every other batch skipped, too.
    """
    judged = training.judged
    single = [step for step in judged if len(step.origins) == 1]
    if len(judged) < MIN_STEPS or 2 * len(single) < len(judged):
        return
    both = [step for step in judged if _holds_two_of_a_kind(trace, step)]
    waiting = _waiting(trace, judged[-1])
    if len(both) < TWICE and len(waiting) < MANY:
        return
    last = both[-1] if both else judged[-1]
    backward = trace.origins[max(last.origins)].site
    line = skipping_line(backward, last.site)
    if not line:
        return
    skip = dataclasses.replace(backward, line=line)
    where = f"a step is skipped at {skip.file_line}, and the clearing with it"
    if len(both) >= TWICE:
        message = (
            f"clears only now and then: {len(both)} of {len(judged)} steps also applied the"
            " gradient of a batch that had been skipped"
        )
        held = plural(len(last.origins), "backward pass")
        evidence = f"step {last.number} held {held}; {where}"
    else:
        message = (
            "clears only now and then: what a skipped batch leaves in the gradient has every later"
            " one skipped, too"
        )
        evidence = f"{plural(len(waiting), 'backward pass')} came after the last step; {where}"
    one = finding(trace, training, "ZG103", message, evidence, step=last, backward=backward)
    yield dataclasses.replace(
        one,
        sites={**one.sites, "skip": skip},
        theory="the gradient of a batch that was to be left out stays, and the next ones are added"
        " to it",
        remedy="clear where the step is skipped, too",
    )


def _waiting(trace: ProcessTrace, last: Step) -> list[int]:
    """The backwards of the line of ``last`` that came after it, and that nothing has cleared."""
    stacks = {trace.origins[number].stack for number in last.origins if number in trace.origins}
    return [
        number
        for number, origin in trace.origins.items()
        if trace.arrived[number] > last.at
        and origin.stack in stacks
        and number not in trace.fates.dropped
    ]


def _holds_two_of_a_kind(trace: ProcessTrace, step: Step) -> bool:
    known = [trace.origins[number] for number in step.origins if number in trace.origins]
    several = len(known) >= TWICE and len({origin.stack for origin in known}) == 1
    return several and not any(step.left.values())


def skipping_line(backward: Site, step: Site) -> int:
    """The line between a backward and its step that skips the step by what it looks at; 0 if none.

    Also that of a condition around both the step and its clearing.
    """
    tree = tree_of(backward.file) if backward.file == step.file else None
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.If) or not backward.line <= node.lineno <= step.line:
            continue
        test = ast.unparse(node.test)
        if not LOOKS.search(test) or COUNTS.search(test):
            continue
        last = node.body[-1]
        if (last.end_lineno or last.lineno) < step.line and isinstance(last, Leaving):
            return last.lineno
        if node.body[0].lineno <= step.line <= (last.end_lineno or last.lineno):
            return node.lineno if "zero_grad" in ast.unparse(node) and not node.orelse else 0
    return 0
