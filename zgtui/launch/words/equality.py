"""Why both runs of a script have the same losses, bit for bit: from what was seen of them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS, RunName
from zgtui.runlog.log import LOSSES_AT_ONCE, losses_path, read_losses

if TYPE_CHECKING:
    from zgtui.launch.launched_run import LaunchedRun
    from zgtui.launch.words.clearing_words import OptimizerFacts
    from zgtui.runlog.events import ClearingSeen

FIRST_STALE = 2
"""The step that is the first to apply a stale gradient: losses 1 and 2 are the same in any two
runs (claims.md 18)."""
NO_REASON = "no reason for that was seen"


def first_difference(log: Path) -> tuple[int, int | None]:
    """How many steps both runs have in the log, and the first whose losses differ, or None."""
    done = 0
    while True:
        a, b = (read_losses(losses_path(log, name), done, LOSSES_AT_ONCE) for name in RUNS)
        count = min(len(a), len(b))
        # Bytes, so that a nan equals itself.
        if a[:count].tobytes() != b[:count].tobytes():
            return done + count, done + 1 + next(
                at for at in range(count) if a[at : at + 1].tobytes() != b[at : at + 1].tobytes()
            )
        done += count
        if not count:
            return done, None


def equality_words(runs: Mapping[RunName, LaunchedRun], steps: int) -> str:
    """The sentence for runs whose first ``steps`` losses are equal; empty for none."""
    if not steps:
        return ""
    over = all(run.ending is not None for run in runs.values())
    count = f"all {steps:,} steps" if over else f"the first {steps:,} steps"
    if steps == 1:
        count = "the only step" if over else "the first step"
    why = "; ".join(equality_reasons(runs, steps)) or NO_REASON
    return f"A and B are bit-equal in {count}: {why}"


def equality_reasons(runs: Mapping[RunName, LaunchedRun], steps: int) -> list[str]:
    """Why the first ``steps`` losses are equal, a clause each; empty where nothing was seen."""
    a, b = runs["A"], runs["B"]
    if a.policy == b.policy and not (a.intervened ^ b.intervened):
        return [f"both runs have the clearing policy {a.policy!r}"]
    if steps <= FIRST_STALE:
        return ["the first update that can apply a stale gradient is that of step 2"]
    own = _of_optimizers(b if b.policy == "never" else a)
    return own or _of_policies(a, b)


def _of_policies(a: LaunchedRun, b: LaunchedRun) -> list[str]:
    """That a policy found nothing to do, where that makes both runs the script itself."""
    idle = [run for run in (a, b) if run.policy == "as-is" or not run.intervened]
    if len(idle) < len(RUNS):
        return []
    deeds = {"every": "had nothing to clear", "never": "had nothing to preserve"}
    said = [
        f"run {run.name} ({run.policy}) {deeds[run.policy]}" for run in idle if run.policy in deeds
    ]
    return [" and ".join(said)] if said else []


def _of_optimizers(run: LaunchedRun) -> list[str]:
    """A reason for each optimizer that has stepped; none at all where one has none."""
    seen = run.training
    if seen is None:
        return []
    stepped = [made for made in seen.optimizers if made["steps"]]
    if not stepped:  # the script trains by hand: what it trains has no name
        found = [_of_gradients(habit, "", run) for habit in _habits(run)]
        return list(filter(None, found)) if all(found) else []
    reasons = [(made["optimizer"], _reason(made, run, seen.scale)) for made in stepped]
    if not all(reason for _, reason in reasons):
        return []
    return [reason(" and ".join(name for name, _ in group)) for reason, group in _grouped(reasons)]


def _grouped(
    reasons: Iterable[tuple[str, str]],
) -> Iterable[tuple[Callable[[str], str], list[tuple[str, str]]]]:
    """Optimizers that share a reason, together; the reason takes their names."""
    ordered = sorted(reasons, key=lambda pair: pair[1])
    for clause, group in groupby(ordered, key=lambda pair: pair[1]):
        yield clause.format, list(group)


def _reason(made: OptimizerFacts, run: LaunchedRun, scale: float | None) -> str:
    """Why clearing cannot matter for what one optimizer trains; ``{}`` stands for its name."""
    if made["skipped"] == made["steps"]:
        told = "" if scale is None else f" (its scale is {scale:.4g})"
        return f"GradScaler skipped every step of {{}}{told}: its gradients were never finite"
    if not made["moves"]:
        return "the learning rate of {} was 0 in every step"
    if made["steps"] - made["skipped"] == 1:
        return "{} took only one step"
    if made["made"] >= made["steps"]:
        return "each {} took only one step: the script makes a new one for every step"
    habits = [habit for habit in _habits(run) if habit["optimizer"] == made["optimizer"]]
    return _of_gradients(habits[0], "{}", run) if habits else ""


def _habits(run: LaunchedRun) -> list[OptimizerFacts]:
    seen: ClearingSeen | None = run.kept if run.policy == "never" else run.seen
    return list(seen.habits) if seen is not None else []


def _of_gradients(habit: OptimizerFacts, name: str, run: LaunchedRun) -> str:
    """What was seen of the gradients of one optimizer that makes clearing matter nothing."""
    whose = f" of {name}" if name else ""
    if habit["outcome"] == "replaced":
        return f"the script sets the gradients{whose} itself: no backward() adds to them"
    if not habit.get("reached", True):
        return f"no backward() reached the parameters{whose}, and only their clearing differs"
    if habit.get("zero", False):
        return f"every gradient{whose} was zero"
    if run.policy == "never" and habit["outcome"] in {"cleared", "late"}:
        return (
            f"the script clears the gradients{whose} by means other than zero_grad() or None,"
            " which run B could not undo".replace("run B", f"run {run.name}")
        )
    return ""
