"""What may be wrong in a function: one small change of its source each."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TypeAlias

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A function with one change; ``what`` says which, whatever else the file holds."""

    file: str
    line: int
    what: str
    code: CodeType

    @property
    def key(self) -> tuple[str, str, int]:
        """By which the live function is found."""
        return self.file, self.code.co_name, self.code.co_firstlineno


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Every one of a file, in its functions and methods."""
    tree = ast.parse(source)
    for owner, function in functions(tree):
        for index, (node, changed) in enumerate(changes(function)):
            before, after = map(shortly, around(function, node, changed))
            seen = f"{owner}{function.name}: {before} -> {after}"
            code = compiled(tree, function, index, file)
            if code is not None:
                yield Mutant(file, getattr(node, "lineno", function.lineno), seen, code)


def functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, Function]]:
    """The outermost ones and the methods, each with the class that it belongs to."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield owner, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{owner}{node.name}.")


def changes(function: Function) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What is in the body, and what would stand there instead."""
    for statement in function.body:
        for node in ast.walk(statement):
            yield from ((node, changed) for changed in changed_nodes(node))


def changed_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand for ``node``, fields alone changed."""
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            ops = [*node.ops]
            ops[at] = SWAPPED[type(operator)]()  # type: ignore[call-overload]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPPED:
        yield with_field(node, op=SWAPPED[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield with_field(node, operand=ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield with_field(node, test=ast.UnaryOp(ast.Not(), node.test))
    else:
        yield from changed_statements(node)


def changed_statements(node: ast.AST) -> Iterator[ast.AST]:
    """The same for whole statements."""
    if isinstance(node, ast.Return) and node.value is not None and not is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        yield ast.Expr(ast.Constant(None))
    elif isinstance(node, ast.Break | ast.Continue):
        yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def around(function: Function, node: ast.AST, changed: ast.AST) -> tuple[ast.AST, ast.AST]:
    """What to tell of a change: of a number, with its sign, what it stands in."""
    while isinstance(node, ast.Constant | ast.keyword) or is_sign(node):
        node, changed = outer(function, node, changed)
    return node, changed


def is_sign(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def outer(function: Function, node: ast.AST, changed: ast.AST) -> tuple[ast.AST, ast.AST]:
    """What ``node`` stands in, as it is and with ``changed`` in its place."""
    for parent in ast.walk(function):
        for name, value in ast.iter_fields(parent):
            if value is node:
                return parent, with_field(parent, **{name: changed})
            if isinstance(value, list) and any(one is node for one in value):
                several = [changed if one is node else one for one in value]
                return parent, with_field(parent, **{name: several})
    raise LookupError(ast.dump(node))


def with_field(node: ast.AST, **fields: object) -> ast.AST:
    """A copy."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def shortly(node: ast.AST) -> str:
    """The first line of it."""
    return ast.unparse(ast.fix_missing_locations(node)).splitlines()[0]


def compiled(tree: ast.Module, function: Function, index: int, file: str) -> CodeType | None:
    """The function with its change number ``index``; None where Python refuses it."""
    place = [*ast.walk(tree)].index(function)
    again = copy.deepcopy(tree)
    twin = [*ast.walk(again)][place]
    assert isinstance(twin, ast.FunctionDef | ast.AsyncFunctionDef)
    old, new = [*changes(twin)][index]
    Replacing(old, new).visit(twin)
    try:
        module = compile(ast.fix_missing_locations(again), file, "exec")
    except SyntaxError:
        return None
    return found(module, twin)


class Replacing(ast.NodeTransformer):
    """Puts one node in another's place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, ast.copy_location(new, old)

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def found(code: CodeType, function: Function) -> CodeType | None:
    """The code of ``function`` among all of a module."""
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if (one.co_name, one.co_firstlineno) == (function.name, first):
                return one
            inner = found(one, function)
            if inner is not None:
                return inner
    return None
