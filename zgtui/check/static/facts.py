"""What a file defines: its functions, its classes, its optimizers and what those were made of."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zgtui.check.static.holders import holders_of
from zgtui.check.static.source_map import Function, blocks_of
from zgtui.check.static.vocabulary import dotted, is_optimizer_class

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN_BASES = frozenset({"object", "nn.Module", "Module", "torch.nn.Module", "ABC", "Generic",
                         "Exception", "Thread", "LightningModule", "pl.LightningModule",
                         "L.LightningModule"})  # fmt: skip


@dataclass
class Class:
    """A class: its methods by name, and whether all that it inherits can be seen."""

    methods: dict[str, Function] = field(default_factory=dict)
    bases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """An optimizer that the file makes: its class, and whose parameters it has, if that is told."""

    kind: str
    holders: frozenset[str] | None
    line: int


@dataclass
class Facts:
    """All of one file. Names are as the text writes them; ``self.x`` is kept for each class."""

    defined: list[tuple[Function, str]] = field(default_factory=list)
    """Every function, with the class that it is a method of."""
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    assigned: dict[tuple[str, str], list[ast.expr]] = field(default_factory=dict)
    made: dict[tuple[str, str], Made] = field(default_factory=dict)
    stepped: set[str] = field(default_factory=set)
    """The optimizers that step anywhere."""

    def method(self, owner: str, name: str, depth: int = 0) -> Function | None:
        """The method that an object of class ``owner`` has, of its own or inherited here."""
        found = self.classes.get(owner)
        if found is None or depth > 5:
            return None
        if name in found.methods:
            return found.methods[name]
        inherited = (self.method(base, name, depth + 1) for base in found.bases)
        return next((one for one in inherited if one is not None), None)

    def is_whole(self, owner: str, depth: int = 0) -> bool:
        """Whether everything that class ``owner`` inherits is in this file or known."""
        found = self.classes.get(owner)
        if found is None or depth > 5:
            return False
        return all(
            base.partition("[")[0] in PLAIN_BASES or self.is_whole(base, depth + 1)
            for base in found.bases
        )

    def values(self, owner: str, name: str) -> list[ast.expr]:
        """What ``name`` is assigned anywhere."""
        return self.assigned.get((owner if name.startswith("self.") else "", name), [])

    def maker(self, owner: str, name: str) -> Made | None:
        """How the optimizer ``name`` was made."""
        name = name.partition("·")[0]
        found = self.made.get((owner if name.startswith("self.") else "", name))
        base, _, attribute = name.rpartition(".")
        if found is not None or base in {"", "self"}:
            return found
        inner = self.made.get((self.class_of(owner, base), f"self.{attribute}"))
        if inner is None:
            return None
        holders = inner.holders
        if holders is not None:
            holders = frozenset(base + one.removeprefix("self") for one in holders)
        return Made(inner.kind, holders, inner.line)

    def class_of(self, owner: str, name: str) -> str:
        """The class of this file that ``name`` is an object of; empty where none is known."""
        kinds = {_class_name(value) for value in self.values(owner, name)}
        known = kinds & self.classes.keys()
        return known.pop() if len(known) == 1 else ""


def _class_name(value: ast.expr) -> str:
    """``Net`` of ``Net(3)`` and of ``Net(3).to(device)``; empty for anything else."""
    while isinstance(value, ast.Call):
        if isinstance(value.func, ast.Attribute) and isinstance(value.func.value, ast.Call):
            value = value.func.value
        else:
            return dotted(value.func)
    return ""


def facts_of(tree: ast.Module) -> Facts:
    """Look through a whole file."""
    facts = Facts()
    _collect(tree, "", facts)
    for (owner, name), values in facts.assigned.items():
        for value in values:
            made = _made(value, owner, facts)
            if made is not None:
                facts.made[owner, name] = _merged(facts.made.get((owner, name)), made)
    return facts


def _merged(one: Made | None, other: Made) -> Made:
    """Two optimizers of one name are known by what they have in common."""
    if one is None or one.holders == other.holders:
        return other
    return Made(other.kind, None, other.line)


def _collect(node: ast.AST, owner: str, facts: Facts) -> None:
    for child in blocks_of(node):
        if isinstance(child, ast.ClassDef):
            methods = {
                one.name: one
                for one in child.body
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            bases = tuple(dotted(base) or "?" for base in child.bases)
            facts.classes[child.name] = Class(methods, bases)
            _collect(child, child.name, facts)
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            facts.defined.append((child, owner))
            if not owner:
                facts.functions.setdefault(child.name, child)
        if isinstance(child, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for name, value in _assignments(child):
                key = (owner if name.startswith("self.") else "", name)
                facts.assigned.setdefault(key, []).append(value)
        _collect(child, owner, facts)


def _assignments(
    node: ast.Assign | ast.AnnAssign | ast.AugAssign,
) -> Iterator[tuple[str, ast.expr]]:
    if node.value is None:
        return
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List):
            values: list[ast.expr] = [node.value] * len(target.elts)
            if isinstance(node.value, ast.Tuple) and len(node.value.elts) == len(target.elts):
                values = node.value.elts
            yield from (
                (name, value)
                for one, value in zip(target.elts, values, strict=True)
                if (name := dotted(one))
            )
        elif name := dotted(target):
            yield name, node.value


def _made(value: ast.expr, owner: str, facts: Facts) -> Made | None:
    if isinstance(value, ast.IfExp):
        return _made(value.body, owner, facts) or _made(value.orelse, owner, facts)
    if not isinstance(value, ast.Call):
        return None
    name = dotted(value.func)
    if not is_optimizer_class(name):
        return None
    given = value.args[0] if value.args else None
    for keyword in value.keywords:
        if keyword.arg in {"params", "parameters"}:
            given = keyword.value
    holders = holders_of(given, lambda name: facts.values(owner, name))
    return Made(name.rpartition(".")[2], holders, value.lineno)
