"""Whether a change has put the scale of an accumulation right, by the numbers that were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.gathering import gather
from zgtui.check.judging.scale import averages
from zgtui.check.judging.windows import accumulation_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from zgtui.check.observations import Observation


def is_averaged(recordings: Iterable[Iterable[Observation]], numbers: Container[int]) -> bool:
    """Whether the optimizers with these ``numbers`` apply means of their micro-batches.

    A rule that sees no mistake is not enough: it keeps silent where it cannot tell what a number
    in the source is meant for, and a change may divide by any.
    """
    for recording in recordings:
        trace = gather(recording)
        for training in trace.trainings:
            if training.number in numbers and training.judged:
                seen = accumulation_of(trace, training)
                if seen is None or seen.rescaled or not averages(seen):
                    return False
    return True
