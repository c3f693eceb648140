"""What was seen of how a script clears its gradients, in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zgtui.config.settings import RunName
from zgtui.launch.launched_run import LaunchedRun
from zgtui.runlog.events import ClearingSeen

OptimizerFacts = Mapping[str, Any]
"""What was seen of one optimizer, see `TrainingSeen` and `ClearingSeen`."""
SENTENCES = {
    "kept": "does not clear its gradients: they add up",
    "late": "clears its gradients between backward() and step(): nothing is left to apply",
    "partly": "clears the gradients of only some of its parameters",
    "mixed": "clears its gradients before some steps and not before others",
    "replaced": "replaces its gradients instead of adding to them: there is nothing to clear",
}


def seen_clearing(runs: Mapping[RunName, LaunchedRun]) -> ClearingSeen | None:
    """What was seen by the run that changes the script least; None while too little was."""
    told = sorted(
        (run for run in runs.values() if run.seen is not None and verdict(run.seen)),
        key=lambda run: run.policy != "as-is",
    )
    return told[0].seen if told else None


def verdict(seen: ClearingSeen | None, subject: str = "your script") -> str:
    """The sentence for ``seen`` of ``subject``; empty while too little was seen."""
    known = [told for told in seen.habits if told["outcome"]] if seen is not None else []
    if seen is None or not known:
        return ""
    groups: dict[str, list[OptimizerFacts]] = {}
    for told in known:
        groups.setdefault(_sentence(told, alone=len(seen.habits) == 1), []).append(told)
    if len(groups) == 1 and len(known) == len(seen.habits):
        sentence = f"{subject} {next(iter(groups))}"
    else:
        sentence = "; ".join(f"{_names(told)} {subject} {does}" for does, told in groups.items())
    return f"{sentence} (seen in {seen.looked} steps)"


def _names(group: list[OptimizerFacts]) -> str:
    names = dict.fromkeys(told["optimizer"] for told in group)
    return f"with {' and '.join(names)}"


def _sentence(told: OptimizerFacts, *, alone: bool) -> str:
    """What the script does with one optimizer, as it goes on after ``your script``."""
    outcome = told["outcome"]
    if outcome == "replaced" and told["zero_grad"]:
        return "replaces its gradients: zero_grad() does nothing here"
    if outcome != "cleared":
        return SENTENCES[outcome]
    if told["period"] > 1:
        every = f"every {told['period']} steps: in between they add up"
    elif not told["optimizer"]:
        every = "before every backward()"
    elif alone and told["backwards"] > 1:
        every = f"at every step, after {told['backwards']} backward() calls"
    else:
        every = "at every step"
    return f"clears its gradients {every}"
