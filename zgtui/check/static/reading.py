"""Reads one file: its roots, their loops, each optimizer that steps in them, and the rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from zgtui.check.static.effects import GradientEvent
from zgtui.check.static.facts import Facts, facts_of
from zgtui.check.static.hidden_clearing import hidden_clearings
from zgtui.check.static.lowering import Lowering
from zgtui.check.static.other_names import filled_at
from zgtui.check.static.source_map import Function, Lines
from zgtui.check.static.static_rules import Mistake, mistake_in
from zgtui.check.static.views import LoopPlace, Root, View, places_of, stepped_in, view_of
from zgtui.check.static.vocabulary import Scope
from zgtui.check.static.ways import TooManyWaysError, events_in


@dataclass(frozen=True)
class Found:
    """A mistake of ``optimizer`` in ``function``, or why nothing can be said (no ``mistake``)."""

    optimizer: str
    kind: str
    function: str
    line: int
    mistake: Mistake | None
    why: str = ""


def read(text: str, tree: ast.Module) -> list[Found]:
    """Everything to say of a file, by line.

    Raises:
        TooLongError: if its functions call one another too often.
    """
    facts = facts_of(tree)
    lowering = Lowering(facts, Lines(text, [node for node, _ in facts.defined]))
    roots = _roots(tree, facts, lowering)
    clears = _clears(roots)
    told: dict[tuple[str, int], Found] = {}
    filled = filled_at(tree) if ".grad" in text else 0
    hidden = hidden_clearings(tree, lowering.called)
    for root in roots:
        for place in places_of(root):
            for one in _judge(place, facts, clears):
                found = _unsure(_unsure_of_hidden(one, hidden), filled)
                key = (found.mistake.code if found.mistake else "", found.line)
                told.setdefault(key, found)
    wrong = {one.line for one in told.values() if one.mistake}
    return sorted(
        (one for one in told.values() if one.mistake or one.line not in wrong),
        key=lambda one: one.line,
    )


def _roots(tree: ast.Module, facts: Facts, lowering: Lowering) -> list[Root]:
    """The file itself, then each function that no other one was found to call."""
    block = lowering.block(tree.body, Scope())
    lowered = [
        (node, owner, lowering.function(node, _own_scope(node, owner)))
        for node, owner in facts.defined
        if node not in lowering.called and lowering.lines.train(node)
    ]
    called = lowering.called
    roots = [Root("", "", block)]
    roots += [Root(node.name, owner, body) for node, owner, body in lowered if node not in called]
    for root in roots:
        steps = (one.of for one in events_in(root.block) if one.kind == "step")
        facts.stepped |= {one.rpartition(".")[2].partition("·")[0] for one in steps}
    return roots


def _own_scope(node: Function, owner: str) -> Scope:
    return Scope(function=node.name, owner=owner, is_root=True)


def _clears(roots: list[Root]) -> list[GradientEvent]:
    return [one for root in roots for one in events_in(root.block) if one.kind == "clear"]


def _judge(place: LoopPlace, facts: Facts, clears: list[GradientEvent]) -> Iterator[Found]:
    for optimizer, line in stepped_in(place.body).items():
        name = optimizer.partition("·")[0]
        try:
            view = view_of(place, optimizer, facts)
        except TooManyWaysError:
            why = "there are too many paths through its branches"
            yield Found(name, "", place.root.name, line, None, why)
            continue
        mistake = mistake_in(view)
        if mistake is None or not _stands(mistake, view, clears):
            why = _doubt(view) if place.is_loop else ""
            if why:
                yield Found(name, view.kind, place.root.name, line, None, why)
            continue
        yield Found(name, view.kind, place.root.name, mistake.lines[mistake.at], mistake)


UNCLEARED = frozenset({"ZG101", "ZG102", "ZG103"})


def _unsure(found: Found, filled: int) -> Found:
    """Nothing is said of gradients that are not cleared where line ``filled`` may clear them."""
    if not filled or found.mistake is None or found.mistake.code not in UNCLEARED:
        return found
    why = f"line {filled} fills with zeros what may be its gradients"
    return replace(found, mistake=None, why=why)


def _unsure_of_hidden(found: Found, hidden: list[tuple[int, str]]) -> Found:
    """Nor where another function may clear them that is called in a way that is not followed."""
    lines = [line for line, function in hidden if function != found.function or not function]
    if not lines or found.mistake is None or found.mistake.code not in UNCLEARED:
        return found
    return replace(found, mistake=None, why=f"line {lines[0]} may clear its gradients")


def _stands(mistake: Mistake, view: View, clears: list[GradientEvent]) -> bool:
    """Whether a mistake holds where the loop, or a clearing elsewhere in the class, is not seen."""
    if mistake.code not in {"ZG101", "ZG102"}:
        return True
    last = view.optimizer.rpartition(".")[2]
    if "." in view.optimizer and any(
        one.of.rpartition(".")[2] == last for one in _unseen(view, clears)
    ):
        return False
    if view.place.is_loop:
        return True
    return (
        view.optimizer.startswith("self.") and bool(view.kind) and not _runs_once(view.place.root)
    )


def _runs_once(root: Root) -> bool:
    """Whether a function is a test, whose author looks at one step."""
    return "test" in f"{root.owner} {root.name}".lower() or root.name == "main"


def _unseen(view: View, clears: list[GradientEvent]) -> list[GradientEvent]:
    seen = set(events_in(view.place.root.block))
    return [one for one in clears if one not in seen]


def _doubt(view: View) -> str:
    """Why a loop that steps cannot be judged; empty where it is right or is no training loop."""
    if "B" not in view.heard or all(set(way.word) & set("CK") for way in view.stepping):
        return ""
    for way in view.ways:
        for event, letter in zip(way.events, way.word, strict=True):
            if letter in "MK":
                return event.why or f"it is unclear whose gradients {event.of}.zero_grad() clears"
    return ""
