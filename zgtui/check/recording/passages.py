"""Whose layers a loss goes through to another optimizer's parameters, and whose are its target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from zgtui.check.recording.outputs import CASTS, is_operation, own_leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CHAIN = 8
"""So many operations may lie between a likelihood's two factors and what they are made of."""
PLAIN = {"Neg", "Div", "Mul", "View", "ToCopy", "Slice", "Index", "Exp", "Unsqueeze", "Squeeze"}
"""What a factor of a likelihood may go through."""


class Passages(NamedTuple):
    """What a backward is going to do, by the numbers of optimizers.

    ``through`` are pairs: it reaches the second's parameters through layers of the first.
    ``targets`` it reaches by nothing but the target of a divergence or a cross-entropy.
    """

    through: tuple[tuple[int, int], ...]
    targets: tuple[int, ...]


def passages(roots: Iterable[Any], owners: Mapping[int, int]) -> Passages:
    """Those of a backward from ``roots``; ``owners`` are bits of optimizers by ``id`` of parameter.

    The layers of the first that have nothing of the second's behind them have to be the fewer; two
    nets side by side, of which each seems to lie behind the other, lead nowhere.
    """
    nodes = [node for root in roots if (node := getattr(root, "grad_fn", None)) is not None]
    order = list(_inputs_first(nodes))
    below = _below(order, owners, frozenset())
    all_of_them = _union(below, nodes)
    if not all_of_them & (all_of_them - 1):
        return Passages((), ())
    cut = frozenset(target for node in order if (target := _target_of(node)) is not None)
    rest = _union(_below(order, owners, cut), nodes) if cut else all_of_them
    pairs = _pairs(order, below, owners)
    through = sorted((one, other) for one, other in pairs if (other, one) not in pairs)
    return Passages(tuple(through), tuple(_numbers(all_of_them & ~rest)))


def _inputs_first(roots: list[Any]) -> Iterator[Any]:
    """Every node, after all those that it hands its gradients to."""
    seen, waiting = set(), [(root, False) for root in roots]
    while waiting:
        node, is_done = waiting.pop()
        if is_done:
            yield node
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting += [(one, False) for one in _next(node) if one not in seen]


def _below(order: list[Any], owners: Mapping[int, int], cut: frozenset[Any]) -> dict[Any, int]:
    """The bits of the optimizers whose parameters each node leads to, not by way of ``cut``."""
    found: dict[Any, int] = {}
    for node in order:
        leaf = getattr(node, "variable", None)
        bits = owners.get(id(leaf), 0) if leaf is not None else 0
        for one in _next(node):
            if one not in cut:
                bits |= found[one]
        found[node] = bits
    return found


def _pairs(
    order: list[Any], below: dict[Any, int], owners: Mapping[int, int]
) -> set[tuple[int, int]]:
    layers: dict[int, int] = {}
    behind: dict[tuple[int, int], int] = {}
    for node in order:
        if is_operation(node, CASTS | {"Add", "Sub"}):
            continue  # a bias, a term of the loss, or weights on their way to a layer
        own = further = 0
        for one in _next(node):
            leaf = own_leaf(one)
            if leaf is None:
                further |= below[one]
            else:
                own |= owners.get(id(leaf), 0)
        for first in _numbers(own):
            layers[first] = layers.get(first, 0) + 1
            for second in _numbers(further & ~own):
                behind[first, second] = behind.get((first, second), 0) + 1
    return {pair for pair, count in behind.items() if 2 * count >= layers[pair[0]]}


def _target_of(node: Any) -> Any:
    """What stands as the target in a divergence or a cross-entropy, where it has a graph."""
    following = list(_next(node))
    if is_operation(node, {"Xlogy"}):
        return following[0]
    if len(following) > 1 and is_operation(node, {"Mul"}):
        for one, other in (following, following[::-1]):
            if _ends_in(one, "Softmax") and _ends_in(other, "LogSoftmax"):
                return one
    return None


def _ends_in(node: Any, operation: str) -> bool:
    """Whether ``node`` is that operation, but for plain numbers and another shape."""
    for _ in range(CHAIN):
        if is_operation(node, {operation}):
            return True
        following = list(_next(node))
        if len(following) != 1 or not is_operation(node, PLAIN):
            return False
        node = following[0]
    return False


def _next(node: Any) -> Iterator[Any]:
    return (one for one, _ in node.next_functions if one is not None)


def _union(below: dict[Any, int], nodes: list[Any]) -> int:
    bits = 0
    for node in nodes:
        bits |= below[node]
    return bits


def _numbers(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1
