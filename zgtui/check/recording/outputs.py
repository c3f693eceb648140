"""Layers whose outputs a loss raises or lowers as they are: it has no target of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import Tensor

DEPTH = 64
"""So many operations below the loss are looked at."""
LINEAR = {
    "Neg", "Mean", "Sum", "Add", "Sub", "Rsub", "Mul", "Div", "View", "UnsafeView", "Squeeze",
    "Unsqueeze", "ReshapeAlias", "Alias", "Clone", "ToCopy", "Minimum", "Maximum", "Min", "Max",
    "Select", "Slice", "Index", "Gather", "Cat", "Stack", "Expand", "Permute", "Transpose", "T",
}  # fmt: skip
"""Operations, by the names of their nodes, that keep what is linear so, or piecewise so."""
CASTS = {"T", "Transpose", "ToCopy"}
"""What a layer may do to its weights before it uses them."""


def leaves_of_outputs(roots: Iterable[Any]) -> list[Tensor]:
    """The leaves of the layers nearest to ``roots`` with nothing but linear operations between."""
    found: dict[int, Tensor] = {}
    waiting = [node for root in roots if (node := getattr(root, "grad_fn", None)) is not None]
    for _ in range(DEPTH):
        if not waiting:
            break
        node = waiting.pop()
        own = list(_own_leaves(node))
        if own:
            found.update((id(leaf), leaf) for leaf in own)
        elif _operation(node) in LINEAR and not _is_product(node):
            waiting += [one for one, _ in node.next_functions if one is not None]
    return list(found.values())


def _own_leaves(node: Any) -> Iterator[Tensor]:
    """The weights of a layer, given to it as they are or transposed."""
    for one, _ in node.next_functions:
        leaf = None if one is None else own_leaf(one)
        if leaf is not None:
            yield leaf


def own_leaf(node: Any) -> Tensor | None:
    """The leaf itself, or transposed, or cast to another type; None where it is anything else."""
    for _ in range(len(CASTS)):
        if not is_operation(node, CASTS):
            break
        node = node.next_functions[0][0]
    leaf: Tensor | None = getattr(node, "variable", None)
    return leaf


def is_operation(node: Any, names: set[str]) -> bool:
    """Whether a node of the graph goes back through one of these operations."""
    return _operation(node) in names


def _operation(node: Any) -> str:
    return str(node.name()).partition("Backward")[0]


def _is_product(node: Any) -> bool:
    """Whether two values that are both differentiated are multiplied or divided."""
    several = sum(one is not None for one, _ in node.next_functions) > 1
    return several and _operation(node) in {"Mul", "Div"}
