"""A reading of the source, without running it: advisory, for hooks before a commit.

In every loop and function that steps an optimizer itself, all ways through the branches are
followed, and the calls ``X.step()``, ``….backward()`` and ``X.zero_grad()`` kept in order on each.
Anything that the text alone cannot tell (closures, helpers that are given the optimizer, early
exits, more than `MAX_PATHS` ways) is left alone.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.findings import Finding, theory_of
from zgtui.check.report import Report, inconclusive, reported
from zgtui.errors import UsageError
from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_PATHS = 64
NOT_OPTIMIZERS = re.compile(
    r"(sched|lr_s|warm|env|self$|profil|\bprof\b|sim|world|game|agent|ema)", re.IGNORECASE
)
CLEARS_BY_HAND = re.compile(
    r"\.grad\b.*(=\s*None|zero_|fill_|zeros_like|\*=)|set_to_none|clear_grad"
)
MAY_CLEAR = re.compile(r"zero_grad|clear|reset|manual_backward|no_sync", re.IGNORECASE)


@dataclass(frozen=True)
class Event:
    """``kind`` is backward, step or clear; ``of`` is what it is called on, as it is written."""

    kind: str
    of: str
    line: int


Way = tuple[Event, ...]


class _Unclear(Exception):  # noqa: N818 - not an error: the text does not tell
    pass


def read_files(files: Sequence[str]) -> Report:
    """Read every file; raises UsageError where one cannot be read."""
    found: list[Finding] = []
    for name in files:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot read {name!r}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"cannot read {name!r}: it is not UTF-8 text") from error
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            site = Site(name, error.lineno or 1, "")
            message = f"{Path(name).name} is not Python: {error.msg}"
            found.append(inconclusive(message, site, remedy="fix the file, then check it again"))
            continue
        found += _read(str(Path(name).resolve()), tree)
    return reported(", ".join(files), found, advisory=True)


def _read(file: str, tree: ast.Module) -> Iterator[Finding]:
    made = _optimizers(tree)
    anywhere = any(
        isinstance(node, ast.Attribute) and MAY_CLEAR.search(node.attr) for node in _called(tree)
    ) or any(CLEARS_BY_HAND.search(ast.unparse(n)) for n in tree.body)
    outer = _cleared_around(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While | ast.FunctionDef):
            around = outer.get(node, frozenset())
            block = _Block(file, node, [] if anywhere else sorted(made), around)
            try:
                ways = _ways(_body(node), frozenset(made))
            except _Unclear:
                continue
            for name in sorted(made.keys() & _direct_steps(node, frozenset(made))):
                yield from _judge(block, name, made[name], ways)


def _cleared_around(tree: ast.Module) -> dict[ast.AST, frozenset[str]]:
    """For each loop in a loop: what the outer one clears by name, directly in its body."""
    found: dict[ast.AST, frozenset[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            cleared = frozenset(
                ast.unparse(one.value.func.value)
                for one in node.body
                if isinstance(one, ast.Expr)
                and isinstance(one.value, ast.Call)
                and isinstance(one.value.func, ast.Attribute)
                and one.value.func.attr == "zero_grad"
            )
            for inner in node.body:
                if isinstance(inner, ast.For | ast.While):
                    found[inner] = cleared
    return found


def _called(tree: ast.Module) -> Iterator[ast.expr]:
    return (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))


@dataclass(frozen=True)
class _Block:
    file: str
    node: ast.For | ast.While | ast.FunctionDef
    never: list[str]
    """The optimizers of a file in which nothing is cleared anywhere."""
    around: frozenset[str]
    """What the loops around this one clear, but nothing inside it does."""


def _body(node: ast.For | ast.While | ast.FunctionDef) -> list[ast.stmt]:
    """Its statements; a last ``return`` is read for what it calls."""
    *before, last = node.body
    if isinstance(last, ast.Return):
        last = ast.copy_location(ast.Expr(last.value or ast.Constant(None)), last)
    return [*before, last]


def _direct_steps(node: ast.AST, made: frozenset[str]) -> set[str]:
    """What is stepped in ``node``, but not in a loop or a function inside it."""
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For | ast.While | ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.stmt) and not hasattr(child, "body"):
            found |= {event.of for event in _events(child, made) if event.kind == "step"}
        else:
            found |= _direct_steps(child, made)
    return found


def _optimizers(tree: ast.Module) -> dict[str, str]:
    """What is assigned a call of a class of torch.optim, by the text of its name."""
    classes = ("SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adamax",
               "ASGD", "SparseAdam", "Rprop", "Adafactor", "Muon")  # fmt: skip
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func).rpartition(".")[2]
            for target in node.targets:
                if name in classes and isinstance(target, ast.Name | ast.Attribute):
                    found[ast.unparse(target)] = name
    return {name: kind for name, kind in found.items() if not NOT_OPTIMIZERS.search(name)}


def _ways(body: Sequence[ast.stmt], made: frozenset[str]) -> set[Way]:
    """Every order in which the events of ``body`` may come; a loop inside counts once."""
    ways: set[Way] = {()}
    for node in body:
        ways = {before + after for before in ways for after in _of(node, made)}
        if len(ways) > MAX_PATHS:
            raise _Unclear
    return ways


def _of(node: ast.stmt, made: frozenset[str]) -> set[Way]:
    if isinstance(node, ast.If):
        head = _events(node.test, made)
        branches = _ways(node.body, made) | _ways(node.orelse, made)
        return {head + branch for branch in branches}
    if isinstance(node, ast.For | ast.While):
        return _ways(node.body, made)
    if isinstance(node, ast.With | ast.AsyncWith):
        return _ways(node.body, made)
    if isinstance(node, ast.Try | ast.Match | ast.AsyncFor):
        if _events(node, made):
            raise _Unclear
        return {()}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        if _events(node, made):
            raise _Unclear  # a closure: when it runs is not told here
        return {()}
    if isinstance(node, ast.Continue | ast.Break | ast.Return | ast.Raise):
        raise _Unclear
    return {_events(node, made)}


def _events(node: ast.AST, made: frozenset[str]) -> Way:
    """The events in one statement, in the order of the text."""
    found = []
    if CLEARS_BY_HAND.search(ast.unparse(node)):
        raise _Unclear
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func).rpartition(".")[2]
        of = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        arguments = {ast.unparse(one) for one in [*call.args, *(k.value for k in call.keywords)]}
        if name == "backward":
            found.append(Event("backward", of, call.lineno))
        elif name == "zero_grad":
            found.append(Event("clear", of, call.lineno))
        elif name == "step" and of in made:
            if arguments:
                raise _Unclear  # a closure may clear
            found.append(Event("step", of, call.lineno))
        elif name == "step" and "scaler" in of.lower() and arguments & made:
            found.append(Event("step", (arguments & made).pop(), call.lineno))
        elif MAY_CLEAR.search(name) or arguments & made:
            raise _Unclear  # a helper that is given the optimizer may do anything
    return tuple(sorted(found, key=lambda event: event.line))


def _judge(block: _Block, name: str, kind: str, ways: set[Way]) -> Iterator[Finding]:
    """A module's ``zero_grad()`` counts for every optimizer: the text does not tell whose it is."""
    stepping = [way for way in ways if any(_steps(event, name) for event in way)]
    events = [event for way in stepping for event in way]
    backwards = [event.line for event in events if event.kind == "backward"]
    clears = [event.line for event in events if _clears(event, name)]
    if not backwards:
        return
    function = getattr(block.node, "name", "")
    step = min(event.line for event in events if _steps(event, name))
    sites = {
        "step": Site(block.file, step, function),
        "backward": Site(block.file, min(backwards), function),
    }
    if clears:
        sites["clear"] = Site(block.file, min(clears), function)
    code, message = "", ""
    if name in block.never:
        code, message = "ZG101", f"{name} steps here, and nothing in this file clears its gradients"
    elif clears and all(_between(way, name) for way in stepping):
        code, message = "ZG201", f"{name}'s gradients are cleared between backward and step"
    elif (
        not isinstance(block.node, ast.FunctionDef)
        and len(stepping) == len(ways)
        and (clears or name in block.around)
        and any(_keeps(way, name) for way in ways)
    ):
        code, message = (
            "ZG103",
            f"{name} steps each time round this loop, but does not always clear",
        )
    if code:
        at = sites["clear"] if code == "ZG201" else sites["step"]
        yield Finding(code, name, 0, message, "", at, 0, sites, theory_of(code, kind))


def _keeps(way: Way, name: str) -> bool:
    """Whether a backward and no clearing is on this way."""
    kinds = {event.kind for event in way if event.kind == "backward" or _clears(event, name)}
    return kinds == {"backward"}


def _steps(event: Event, name: str) -> bool:
    return event.kind == "step" and event.of == name


def _clears(event: Event, name: str) -> bool:
    return event.kind == "clear" and (event.of == name or not NOT_OPTIMIZERS.search(event.of))


def _between(path: Way, name: str) -> bool:
    """Whether every step comes right after a clearing that came after a backward."""
    fresh = thrown = stepped = False
    for event in path:
        if event.kind == "backward":
            fresh, thrown = True, False
        elif _clears(event, name):
            fresh, thrown = False, fresh or thrown
        elif _steps(event, name):
            if fresh or not thrown:
                return False
            stepped, thrown = True, False
    return stepped
