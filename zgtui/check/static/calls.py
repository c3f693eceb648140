"""What a call does to gradients: by its name, or by the function of this file that it calls."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from zgtui.check.static.effects import GradientEvent, Leave, Loop
from zgtui.check.static.hand import called, gradient_of
from zgtui.check.static.vocabulary import (
    BACKWARDS,
    CLEARS,
    Scope,
    dotted,
    is_harmless,
    is_optimizer,
    is_optimizer_method,
    is_plain_backward,
    is_scheduler,
    may_clear,
    may_step_another,
    trains,
)

if TYPE_CHECKING:
    from zgtui.check.static.effects import Node
    from zgtui.check.static.lowering import Lowering
    from zgtui.check.static.source_map import Function


def events_of_call(  # noqa: PLR0911 - one a kind of call
    node: ast.Call, scope: Scope, lowering: Lowering
) -> list[Node]:
    """The events of one call, without those of its arguments."""
    if isinstance(node.func, ast.Attribute) and gradient_of(node.func) is not None:
        return called(node, scope)
    own = _own(node, scope, lowering)
    if own is not None:
        return own
    function = dotted(node.func) or (
        node.func.attr if isinstance(node.func, ast.Attribute) else "it"
    )
    name = function.removesuffix("()").rpartition(".")[2]
    of = scope.resolve(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if name in BACKWARDS:
        return _backward(node, name, of, scope)
    if name in CLEARS:
        return [GradientEvent("clear", of or "?", node.lineno)]
    if name == "step" and is_scheduler(lowering.facts.values(scope.owner, of)):
        return []
    if name in {"step", "optimizer_step"}:
        stepped = _step(node, of, scope, lowering)
        if stepped is not None:
            return stepped
    if function in {"exit", "sys.exit", "quit", "os._exit"}:
        return [Leave("raise")]
    return _unknown(node, name, of, scope, lowering)


def _backward(node: ast.Call, name: str, of: str, scope: Scope) -> list[Node]:
    """``loss.backward()``; an engine's own, which is given the loss, may also step and clear."""
    given = [scope.resolve(one) for one in node.args]
    does_more = any("loss" in one or is_optimizer(one) for one in given) or is_optimizer(of)
    found: list[Node] = [GradientEvent("backward", of, node.lineno)]
    if does_more and name == "backward" and not is_plain_backward(of):
        found.insert(
            0, GradientEvent("unclear", "*", node.lineno, f"{of}.backward() is defined elsewhere")
        )
    return found


def _own(node: ast.Call, scope: Scope, lowering: Lowering) -> list[Node] | None:
    """The events of a function of this file; None for any other."""
    facts = lowering.facts
    if isinstance(node.func, ast.Name):
        function = scope.local.get(node.func.id) or facts.functions.get(node.func.id)
        if function is None or node.func.id in scope.names:
            return None
        return list(lowering.function(function, inner(node, function, scope, None)))
    if not isinstance(node.func, ast.Attribute):
        return None
    of = scope.resolve(node.func.value)
    owner = scope.owner if of == "self" else facts.class_of(scope.owner, of) if of else ""
    if dotted(node.func.value) == "self" and scope.owner:
        owner = scope.owner
    method = facts.method(owner, node.func.attr) if owner else None
    if method is None:
        return None
    called_in = inner(node, method, scope, of)
    called_in.owner = owner
    return list(lowering.function(method, called_in))


def inner(node: ast.Call, function: Function | ast.Lambda, scope: Scope, of: str | None) -> Scope:
    """The scope of ``function`` as ``node`` calls it: its parameters stand for the arguments."""
    arguments = function.args
    parameters = [one.arg for one in [*arguments.posonlyargs, *arguments.args]]
    nested = getattr(function, "name", "") in scope.local and of is None
    names = dict(scope.names) if nested or isinstance(function, ast.Lambda) else {}
    static = isinstance(function, ast.FunctionDef) and any(
        dotted(one) == "staticmethod" for one in function.decorator_list
    )
    if of is not None and parameters and not static:
        names[parameters.pop(0)] = of
    name = getattr(function, "name", "lambda")
    for parameter in [*parameters, *(one.arg for one in arguments.kwonlyargs)]:
        names[parameter] = f"{parameter}·{name}"
    for parameter, given in zip(parameters, node.args, strict=False):
        names[parameter] = scope.resolve(given) or names[parameter]
    for keyword in node.keywords:
        if keyword.arg in names:
            names[keyword.arg] = scope.resolve(keyword.value) or names[keyword.arg]
    local = dict(scope.local) if of is None else {}
    return Scope(name, scope.owner, names, {}, local, scope.depth + 1)


def _step(node: ast.Call, of: str, scope: Scope, lowering: Lowering) -> list[Node] | None:
    """``optimizer.step()``, ``scaler.step(optimizer)`` or ``optimizer.step(closure)``."""
    made = lowering.facts.maker(scope.owner, of) is not None
    given = [*node.args, *(one.value for one in node.keywords)]
    if not (made or is_optimizer(of)):
        named = [scope.resolve(one) for one in given[:1] if may_step_another(of)]
        if named and (is_optimizer(named[0]) or lowering.facts.maker(scope.owner, named[0])):
            return [GradientEvent("step", named[0], node.lineno)]
        return None
    step = GradientEvent("step", of, node.lineno)
    if not given or (isinstance(given[0], ast.Constant) and given[0].value is None):
        return [step]
    closure = _closure(given[0], scope, lowering)
    if closure is None:
        return [GradientEvent("unclear", of, node.lineno, f"{of}.step() is given a closure"), step]
    body = lowering.function(closure, inner(ast.Call(given[0], [], []), closure, scope, None))
    return [Loop(body, node.lineno, closure=True), step]


def _closure(node: ast.expr, scope: Scope, lowering: Lowering) -> Function | ast.Lambda | None:
    if isinstance(node, ast.Lambda):
        return node
    if isinstance(node, ast.Name):
        return scope.local.get(node.id) or lowering.facts.functions.get(node.id)
    if isinstance(node, ast.Attribute) and dotted(node.value) == "self":
        return lowering.facts.method(scope.owner, node.attr)
    return None


def _unknown(  # noqa: PLR0911 - one a kind of call
    node: ast.Call, name: str, of: str, scope: Scope, lowering: Lowering
) -> list[Node]:
    """A call of something that this file does not define."""
    if may_clear(name):
        return [GradientEvent("unclear", "*", node.lineno, f"{name}() is defined elsewhere")]
    facts = lowering.facts
    if name[:1].isupper() or (name == "train" and of):
        return []
    if of and (is_optimizer(of) or facts.maker(scope.owner, of)):
        if is_optimizer_method(name):
            return []
        return [GradientEvent("unclear", of, node.lineno, f"{of}.{name}() is defined elsewhere")]
    given = [
        text
        for one in [*node.args, *(keyword.value for keyword in node.keywords)]
        if (text := scope.resolve(one))
        and (is_optimizer(text) or facts.maker(scope.owner, text))
        and not text.startswith("opt[")
    ]
    if given and not is_harmless(name) and not hasattr(builtins, name):
        why = f"{name}(), defined elsewhere, is given {given[0]}"
        return [GradientEvent("unclear", one, node.lineno, why) for one in given]
    if of == "self" and trains(name) and not facts.is_whole(scope.owner):
        return [
            GradientEvent("unclear", "*", node.lineno, f"self.{name}() is inherited from elsewhere")
        ]
    if trains(name) and of.partition(".")[0] not in {"torch", "F", "nn", "np", "math"}:
        return [GradientEvent("call", name, node.lineno)]
    return []
