"""ZG504: what an epoch leaves over of its last window is not applied, or by the next epoch."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from zgtui.check.judging.telling import finding, line_of
from zgtui.check.judging.windows import TWICE, Accumulation
from zgtui.plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.judging.windows import Window
    from zgtui.check.observations import LossSeen
    from zgtui.check.timeline import ProcessTrace, TrainingTrace


def unfinished(
    trace: ProcessTrace, training: TrainingTrace, seen: Accumulation
) -> Iterator[Finding]:
    """ZG504: the last window of an epoch is never applied, or leaks into the next epoch's."""
    depth = min(len(loss.loops) for window in seen.windows for loss in window.losses)
    for level in range(1, depth):
        leaking = _leaking(seen, level)
        if leaking:
            yield _leak(trace, training, seen, leaking, level)
            return
        thrown = _thrown(trace, training, seen, level)
        if thrown:
            yield _never(trace, training, seen, thrown)
            return


def _leaking(seen: Accumulation, level: int) -> list[Window]:
    """The windows that began in one turn of a loop and ended in the next, a full one later."""
    inside = [window for window in seen.windows if len(_parts(window, level)) == 1]
    across = [window for window in seen.windows if len(_parts(window, level)) > 1]
    if len(across) < TWICE or not inside:
        return []
    full = Counter(window.size for window in inside).most_common(1)[0][0]
    parts = [_parts(window, level) for window in across]
    if full < TWICE or any(len(one) != TWICE for one in parts):
        return []
    counts_anew = all(left < full == after for left, after in parts)
    return across if counts_anew else []


def _parts(window: Window, level: int) -> list[int]:
    """How many of its micro-batches came in each turn of the loops down to ``level``."""
    return list(Counter(loss.loops[:level] for loss in window.losses).values())


def _leak(
    trace: ProcessTrace,
    training: TrainingTrace,
    seen: Accumulation,
    leaking: list[Window],
    level: int,
) -> Finding:
    last = leaking[-1]
    left, after = _parts(last, level)
    message = (
        f"the last window of an epoch is not applied: its {plural(left, 'micro-batch')}"
        f" {'leaks' if left == 1 else 'leak'} into the first step of the next epoch"
    )
    evidence = (
        f"step {last.step.number} applied {left + after} backward passes, {left} of them of the"
        f" epoch before; other steps apply {after}"
    )
    return finding(
        trace, training, "ZG504", message, evidence, step=last.step, backward=seen.backward
    )


def _thrown(
    trace: ProcessTrace, training: TrainingTrace, seen: Accumulation, level: int
) -> list[list[int]]:
    """What each turn of a loop computed after its last step, and was cleared; none if otherwise."""
    turns = list(_turns(trace, training, seen, level).values())[:-1]
    over = [_left_over(trace, turn) for turn in turns]
    ends = [one for one in over if one]
    gone = {origin for one in ends for origin in one}
    elsewhere = {o for turn in turns for o in turn if _is_thrown(trace, o)} - gone
    if len(ends) < TWICE or elsewhere:
        return []
    whole = [len(turn) > len(one) for turn, one in zip(turns, over, strict=True)]
    full = seen.size if seen.is_steady else max(window.size for window in seen.windows)
    return ends if all(whole) and all(len(one) < full for one in ends) else []


def _turns(
    trace: ProcessTrace, training: TrainingTrace, seen: Accumulation, level: int
) -> dict[tuple[int, ...], list[int]]:
    """The backwards of the accumulation's line, by the turn of the loops they came in."""
    found: dict[tuple[int, ...], list[int]] = {}
    for number in sorted(training.reached):
        loss: LossSeen | None = trace.losses.get(number)
        if loss is not None and trace.origins[number].stack == seen.stack:
            found.setdefault(loss.loops[:level], []).append(number)
    return found


def _left_over(trace: ProcessTrace, turn: list[int]) -> list[int]:
    """The last of them, as far as they were thrown away."""
    found: list[int] = []
    for number in reversed(turn):
        if not _is_thrown(trace, number):
            break
        found.append(number)
    return found


def _is_thrown(trace: ProcessTrace, number: int) -> bool:
    return number not in trace.fates.looked_at and trace.fates.is_thrown(trace.origins[number])


def _never(
    trace: ProcessTrace, training: TrainingTrace, seen: Accumulation, thrown: list[list[int]]
) -> Finding:
    last = thrown[-1]
    clears = [clear for clear in training.clears if set(last) & {n for n, _ in clear.seen.dropped}]
    step = seen.windows[-1].step
    message = (
        f"the last window of an epoch is never applied: its {plural(len(last), 'micro-batch')}"
        f" {'is' if len(last) == 1 else 'are'} computed and thrown away"
    )
    evidence = f"{len(thrown)} epochs ended with backward passes that were cleared"
    one = finding(
        trace, training, "ZG504", message, evidence, step=step,
        clear=line_of(clears), backward=seen.backward,
    )  # fmt: skip
    return dataclasses.replace(one, site=step.site)
