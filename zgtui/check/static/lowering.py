"""From the text to events: statements in the order in which they run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from zgtui.check.static.calls import events_of_call
from zgtui.check.static.effects import Choice, GradientEvent, Inlined, Leave, Loop
from zgtui.check.static.hand import GRADIENT, gradient_of, reads_gradient, written
from zgtui.check.static.repeats import opened
from zgtui.check.static.statements import is_guard, named_anew, named_only
from zgtui.check.static.vocabulary import Scope, dotted, is_optimizer, is_periodic

if TYPE_CHECKING:
    from zgtui.check.static.effects import Body, Node
    from zgtui.check.static.facts import Facts
    from zgtui.check.static.source_map import Function, Lines

MAX_DEPTH = 5
"""Calls of calls that are followed."""
MAX_CALLS = 2_000
"""Calls of its own functions that are followed in one file."""
SYNCED = "accumulate() is complete"
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


class TooLongError(Exception):
    """A file calls its own functions more often than is followed."""


class Lowering:
    """Lowers one file; ``called`` collects the functions that were read in a caller."""

    def __init__(self, facts: Facts, lines: Lines) -> None:
        self.facts = facts
        self.lines = lines
        self.called: set[ast.AST] = set()
        self._stack: list[ast.AST] = []
        self._accumulating = 0
        self._budget = MAX_CALLS

    def block(self, body: list[ast.stmt], scope: Scope) -> Body:
        """The events of statements, in order."""
        found: list[Node] = []
        for node in body:
            if isinstance(node, _FUNCTIONS):
                scope.local[node.name] = node
            elif self.lines.matter(node):
                found += self._statement(node, scope)
        return tuple(found)

    def function(self, node: Function | ast.Lambda, scope: Scope) -> Body:
        """The body of a function that is called, in the words of its root."""
        if node in self._stack or not self.lines.train(node):
            return ()
        self._budget -= 1
        if self._budget < 0:
            raise TooLongError
        if scope.depth > MAX_DEPTH:
            return (
                GradientEvent("unclear", "*", node.lineno, "calls are nested too deep to follow"),
            )
        if self._stack or not scope.is_root:
            self.called.add(node)
        self._stack.append(node)
        try:
            if isinstance(node, ast.Lambda):
                return tuple(self.expression(node.body, scope))
            return (Inlined(self.block(node.body, scope), node.lineno),)
        finally:
            self._stack.pop()

    def _statement(self, node: ast.stmt, scope: Scope) -> list[Node]:  # noqa: PLR0911 - one a form
        if isinstance(node, ast.Expr):
            named = named_only(node.value, scope)
            return [named] if named else self.expression(node.value, scope)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
            return self._assignment(node, scope)
        if isinstance(node, ast.If):
            return self._if(node, scope)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            return self._loop(node, scope)
        if isinstance(node, ast.With | ast.AsyncWith):
            return self._with(node, scope)
        if isinstance(node, ast.Try):
            return list(self.block([*node.body, *node.orelse, *node.finalbody], scope))
        return self._leave(node, scope)

    def _leave(self, node: ast.stmt, scope: Scope) -> list[Node]:
        if isinstance(node, ast.Return):
            return [*self.expression(node.value, scope), Leave("return")]
        if isinstance(node, ast.Raise):
            return [Leave("raise")]
        if isinstance(node, ast.Break):
            return [Leave("break")]
        if isinstance(node, ast.Continue):
            return [Leave("continue")]
        if isinstance(node, ast.Match):
            return self._match(node, scope)
        return []

    def _assignment(
        self, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete, scope: Scope
    ) -> list[Node]:
        value = None if isinstance(node, ast.Delete) else node.value
        found = self.expression(value, scope)
        targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
        for target in targets:
            if gradient_of(target) is not None:
                found += written(target, node, scope)
            elif value is not None:
                found += named_anew(target, value, scope)
        return found

    def _if(self, node: ast.If, scope: Scope) -> list[Node]:
        found = self.expression(node.test, scope) if not reads_gradient(node.test) else []
        test, body, other = node.test, node.body, node.orelse
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, body, other = test.operand, other, body
        if is_guard(node.test):
            return [*found, *self.block(node.body, scope)]
        yes, no = self.block(body, scope), self.block(other, scope)
        if not yes and not no:
            return found
        text = SYNCED if dotted(test).endswith("sync_gradients") else ast.unparse(test)
        return [*found, Choice(text, yes, no, self._is_periodic(test, text, scope))]

    def _is_periodic(self, test: ast.expr, text: str, scope: Scope) -> bool:
        """So is a name that stands for such a condition alone."""
        values = self.facts.values(scope.owner, dotted(test))
        named = len(values) == 1 and isinstance(values[0], ast.Compare)
        return is_periodic(text) or (named and is_periodic(ast.unparse(values[0])))

    def _match(self, node: ast.Match, scope: Scope) -> list[Node]:
        found: Body = ()
        for case in reversed(node.cases):
            text = f"{ast.unparse(node.subject)} is {ast.unparse(case.pattern)}"
            found = (Choice(text, self.block(case.body, scope), found),)
        return [*self.expression(node.subject, scope), *found]

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> list[Node]:
        if isinstance(node, ast.While):
            test = self.expression(node.test, scope)
            return [Loop((*test, *self.block(node.body, scope)), node.lineno)]
        found = self.expression(node.iter, scope)
        turns = opened(node.target, node.iter, scope, self.facts)
        if turns is not None:
            for inner in turns:
                found += self.block(node.body, inner)
            return found
        body = self.block(node.body, scope)
        if body:
            found.append(Loop(body, node.lineno))
        return [*found, *self.block(node.orelse, scope)]

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> list[Node]:
        found: list[Node] = []
        accumulates = False
        for item in node.items:
            found += self.expression(item.context_expr, scope)
            function = getattr(item.context_expr, "func", None)
            accumulates |= isinstance(function, ast.Attribute) and function.attr == "accumulate"
        self._accumulating += accumulates
        found += self.block(node.body, scope)
        self._accumulating -= accumulates
        return found

    def expression(self, node: ast.expr | None, scope: Scope) -> list[Node]:
        """The events of an expression: what is in it first, then what is done with it."""
        if node is None or isinstance(node, ast.Lambda | ast.Name | ast.Constant):
            return []
        if isinstance(node, ast.IfExp):
            yes, no = self.expression(node.body, scope), self.expression(node.orelse, scope)
            text = ast.unparse(node.test)
            inner = [Choice(text, tuple(yes), tuple(no), is_periodic(text))] if yes or no else []
            return [*self.expression(node.test, scope), *inner]
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            return self._comprehension(node, scope)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        found: list[Node] = []
        if isinstance(node, ast.Attribute) and node.attr in GRADIENT:
            found.append(GradientEvent("use", scope.resolve(node.value), node.lineno))
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                found += self.expression(child, scope)
        return found

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope
    ) -> list[Node]:
        first = node.generators[0]
        found = self.expression(first.iter, scope)
        for inner in opened(first.target, first.iter, scope, self.facts) or [scope]:
            found += self.expression(node.elt, inner)
        return found

    def _call(self, node: ast.Call, scope: Scope) -> list[Node]:
        found: list[Node] = []
        clears = gradient_of(node.func) is not None
        if isinstance(node.func, ast.Attribute) and not clears:
            found += self.expression(node.func.value, scope)
        for one in [*node.args, *(keyword.value for keyword in node.keywords)]:
            found += self.expression(one, scope)
        made = events_of_call(node, scope, self)
        return [*found, *(self._synced(one) for one in made)]

    def _synced(self, node: Node) -> Node:
        """An optimizer that accelerate has wrapped acts on the last micro-batch alone."""
        if not (self._accumulating or self.lines.accumulates) or not isinstance(
            node, GradientEvent
        ):
            return node
        if node.kind == "step" or (node.kind == "clear" and is_optimizer(node.of)):
            return Choice(SYNCED, (node,), (), periodic=True)
        return node
