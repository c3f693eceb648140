"""Which losses stand in a loss once more: those of a sum that is added to and never emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.check.recording.loss_scale import MEANS, SUMMANDS, THROUGH, TOTALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MARK = "zgtui: first backward"
DEPTH = 48
"""So many operations below a loss are looked at; the newest terms of a sum stand on top."""
SCALED = {"MulBackward0", "DivBackward0"}
LISTS = {"StackBackward0", "CatBackward0"}


def counted_before(origin: int, roots: Iterable[Any]) -> tuple[int, ...]:
    """The backwards that have run through terms of this loss already; the new terms are marked.

    Torch keeps what is noted at an operation of a graph for as long as that lives.
    """
    several = list(roots)
    if len(several) != 1 or getattr(several[0], "dim", lambda: 1)():
        return ()
    terms = list(_terms(getattr(several[0], "grad_fn", None)))
    first = {term.metadata.setdefault(MARK, origin) for term in terms}
    return tuple(sorted(first - {origin}))


def _terms(node: Any) -> Iterator[Any]:
    """The operations that have made the terms of a loss."""
    waiting, seen = [node], set()
    for _ in range(DEPTH):
        if not waiting:
            return
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        below = [one for one, _ in node.next_functions]
        lists = [one for one in below if one is not None and one.name() in LISTS]
        if node.name() in SUMMANDS | THROUGH | SCALED | LISTS or (
            node.name() in TOTALS | MEANS and lists
        ):
            waiting += below
        elif below:
            yield node
