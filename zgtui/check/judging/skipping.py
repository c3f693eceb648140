"""A batch that is skipped for what it came to, and whose gradient stays all the same."""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.telling import finding
from zgtui.check.repairing.accumulation_source import tree_of
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
    stale = [step for step in judged if any(step.left.values())]
    if not judged or 2 * len(stale) > len(judged):
        return  # what is hardly ever cleared is not cleared where a step is skipped, either
    single = [step for step in judged if len(step.origins) == 1]
    both = [step for step in judged if _holds_two_of_a_kind(trace, step)]
    waiting = _waiting(trace, training, judged[-1])
    often = len(both) >= TWICE and len(judged) >= MIN_STEPS and 2 * len(single) >= len(judged)
    if len(waiting) < MANY and not often:
        return
    last = both[-1] if both else judged[-1]
    backward = trace.origins[max(last.origins)].site
    line = skipping_line(backward, last.site)
    if not line:
        return
    skip = dataclasses.replace(backward, line=line)
    where = f"a step is skipped at {skip.file_line}, and the clearing with it"
    if often:
        message = (
            f"clears only now and then: {len(both)} of {len(judged)} steps also applied the"
            " gradient of a batch that had been skipped"
        )
        held = plural(len(last.origins), "backward pass")
        evidence = f"step {last.number} held {held}; {where}"
    else:
        message = (
            "clears only now and then: once a batch is skipped, its gradient causes every later one"
            " to be skipped too"
        )
        evidence = f"{plural(len(waiting), 'backward pass')} came after the last step; {where}"
    one = finding(trace, training, "ZG103", message, evidence, step=last, backward=backward)
    yield dataclasses.replace(
        one,
        sites={**one.sites, "skip": skip},
        theory="the gradient of a batch that should be skipped stays, and the next ones are added"
        " to it",
        remedy="also clear where the step is skipped",
    )


def _waiting(trace: ProcessTrace, training: TrainingTrace, last: Step) -> list[int]:
    """The backwards of the line of ``last`` that came after it, and that nothing has cleared."""
    stacks = {trace.origins[number].stack for number in last.origins if number in trace.origins}
    return [
        number
        for number, origin in trace.origins.items()
        if number in training.reached
        and trace.arrived[number] > last.at
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
    if tree is None:
        return 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.If) or not backward.line <= node.lineno <= step.line:
            continue
        if not _looks(tree, node.test):
            continue
        last = node.body[-1]
        if (last.end_lineno or last.lineno) < step.line and isinstance(last, Leaving):
            return last.lineno
        if node.body[0].lineno <= step.line <= (last.end_lineno or last.lineno):
            return node.lineno if "zero_grad" in ast.unparse(node) and not node.orelse else 0
    return 0


def leaves_out(backward: Site, step: Site, clear: Site) -> bool:
    """Whether a clearing drops, on purpose, what a batch came to that no step is to apply.

    It does where it is followed by ``continue`` or ``return`` under a condition that counts
    nothing, or where the step alone is under a condition that asks what the batch came to.
    """
    tree = tree_of(backward.file) if backward.file == step.file == clear.file else None
    if tree is None:
        return False
    for node in ast.walk(tree):
        if not isinstance(node, ast.If):
            continue
        inside = _has(node, clear.line), _has(node, step.line)
        if inside == (True, False) and isinstance(node.body[-1], Leaving):
            return not COUNTS.search(ast.unparse(node.test))
        if inside == (False, True) and _looks(tree, node.test):
            return True
    return False


def _has(node: ast.If, line: int) -> bool:
    return node.body[0].lineno <= line <= (node.body[-1].end_lineno or node.body[-1].lineno)


def _looks(tree: ast.Module, test: ast.expr) -> bool:
    """Whether a condition asks what a batch came to, by the names in it or what these stand for."""
    text = ast.unparse(test)
    if COUNTS.search(text):
        return False
    if LOOKS.search(text):
        return True
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    made = [
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(one, ast.Name) and one.id in names for one in node.targets)
    ]
    return any(map(LOOKS.search, made)) and not any(map(COUNTS.search, made))
