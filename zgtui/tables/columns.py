"""What the columns of a table are, by their names: which counts steps, and which are losses."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from zgtui.tables.series import PREFIX

STEP_COLUMNS = (
    "step", "global_step", "trainer/global_step", "train/global_step", "_step", "iteration",
    "epoch", "epochs", "steps", "train_step", "training_step", "iterations", "iter", "iters",
    "n_iter", "update", "updates", "batch", "batches", "batch_idx", "row", "it", "n", "i", "index",
)  # fmt: skip
"""What a column of steps is called, in small letters; of several the first in this order counts.

Many tables count those behind the epochs anew in each epoch.
"""
STEP_WORDS = {
    "steps": "step", "iterations": "iteration", "iters": "iter", "updates": "update",
    "epochs": "epoch", "trainer/global_step": "global_step", "train/global_step": "global_step",
    "_step": "step", "batch": "step", "batches": "step", "batch_idx": "step", "n_iter": "iter",
    "it": "step", "n": "step", "i": "step", "index": "step",
}  # fmt: skip
"""What a step is in sentences, where the column's own name is none that takes an s."""
NOT_LOSSES = frozenset({
    *STEP_COLUMNS, "run", "run_name", "lr", "learning_rate", "zero_grad", "time", "timestamp",
    "wall_time", "_timestamp", "_runtime", "", "unnamed:_0",
})  # fmt: skip
"""Nor is the first column of pandas, which has no name, a curve."""


def index(names: Sequence[str], *wanted: str) -> int | None:
    """The place in ``names`` of the first of ``wanted`` that is there."""
    return next((names.index(name) for name in wanted if name in names), None)


def _plain_name(column: str) -> str:
    """``Global Step`` as ``global_step``."""
    return column.lower().lstrip("# ").rstrip().replace(" ", "_").replace("-", "_")


def axis_of(header: Sequence[str]) -> int | None:
    """The column of ``header`` that counts steps; None without one."""
    return index([_plain_name(name) for name in header], *STEP_COLUMNS)


def step_word(column: str) -> str:
    """What a step of ``column`` is called."""
    return STEP_WORDS.get(_plain_name(column), column.lstrip("# "))


def candidates(header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the losses may be: the columns named after them, else all that are not bookkeeping."""
    lower = [name.lower() for name in header]
    asked = {at for at, name in enumerate(header) if lower[at] != "run" and _asked(name, wanted)}
    if "run" in lower and "loss" in lower:
        lines = {at for at, name in enumerate(lower) if name.startswith(PREFIX)}
        return sorted({lower.index("loss"), *lines, *asked})
    losses = {at for at, name in enumerate(lower) if "loss" in name}
    if losses or asked:
        return sorted(losses | asked)
    return [at for at, name in enumerate(header) if _plain_name(name) not in NOT_LOSSES]


def _asked(column: str, wanted: Sequence[str]) -> bool:
    """Whether one of ``wanted`` names ``column``, alone or behind a run."""
    return any(fnmatchcase(column, one) or one.endswith(f" {column}") for one in wanted)
