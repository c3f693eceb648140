"""Whose losses are charted where several processes train, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from zgtui.launch.launched_run import LaunchedRun

SEVERAL_NODES = (
    "Clearing and learning rate cannot be changed with several nodes:"
    " each node only receives its own keys."
)


SEVERAL_PROCESSES = (
    "several processes of the script train: charted is the one that went back or stepped first"
)


def ranks_words(runs: Collection[LaunchedRun]) -> str:
    """Whose losses these are, as one sentence; empty where they are rank 0's, or all there are."""
    if any(run.other_process for run in runs):
        return SEVERAL_PROCESSES
    known = {run.name: run for run in runs if run.world > 1}
    ranks = {run.rank for run in known.values()}
    if ranks <= {0}:
        return ""
    if len(ranks) > 1:
        told = " and ".join(f"rank {run.rank} in run {name}" for name, run in known.items())
        return (
            f"this node charts {told}: the runs saw different data"
            " (--node-rank gives each node the same ranks in both runs)"
        )
    run = next(iter(known.values()))
    return (
        f"the losses are those of rank {run.rank} of {run.world}, the first on this node;"
        " rank 0 trains on another"
    )


def rank_label(run: LaunchedRun) -> str:
    """A few words for a corner of the screen; empty where it is rank 0."""
    return f"rank {run.rank} of {run.world}" if run.rank else ""
