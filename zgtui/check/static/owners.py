"""Whose gradients a clearing clears: does ``netD.zero_grad()`` clear those of ``optimizer_D``?"""

from __future__ import annotations

import ast
import re
from typing import Literal

from zgtui.check.static.facts import Facts, Made
from zgtui.check.static.vocabulary import dotted, is_optimizer

Reach = Literal["all", "part", "maybe", "none"]
_INDEX = re.compile(r"\[[^]]*\]")
_LAYER = re.compile(
    r"Linear|Conv|Embedding|Norm|RNN|LSTM|GRU|Attention|Transformer|Parameter|Sequential|Module"
    r"|Net|Encoder|Decoder|Head|MLP"
)
_COPIES = frozenset({"deepcopy", "copy", "clone"})


def reach(of: str, optimizer: str, owner: str, facts: Facts) -> Reach:
    """How much of what ``optimizer`` holds is cleared by clearing ``of``."""
    of, optimizer = _plain(of), _plain(optimizer)
    if of == optimizer or optimizer.startswith(f"{of}."):
        return "all"
    if of in {"?", ""}:
        return "maybe"
    mine, theirs = facts.maker(owner, optimizer), facts.maker(owner, of)
    if theirs is not None or is_optimizer(of):
        return _between_optimizers(of, optimizer, (mine, theirs), owner, facts)
    wrapped = _mentions(of, optimizer, owner, facts)  # it may be no module, whatever its name
    if mine is None or mine.holders is None or wrapped:
        return "maybe"
    return _of_module(of, mine.holders, owner, facts)


def _plain(name: str) -> str:
    return name.partition("·")[0]


def _between_optimizers(
    of: str, optimizer: str, made: tuple[Made | None, Made | None], owner: str, facts: Facts
) -> Reach:
    """One optimizer's clearing excuses another only where they may share parameters."""
    mine, theirs = made
    if _INDEX.sub("", of) == _INDEX.sub("", optimizer):
        known = "*" not in of + optimizer
        return "none" if known and of != optimizer else "all" if "[*]" in of else "maybe"
    if mine is not None and theirs is not None and mine.holders and theirs.holders:
        if mine.holders <= theirs.holders:
            return "all"
        return "part" if mine.holders & theirs.holders else "none"
    if _same_thing(of, optimizer, owner, facts):
        return "maybe"
    return "none"


def _same_thing(of: str, optimizer: str, owner: str, facts: Facts) -> bool:
    """Whether two names may be one optimizer: wrapped, kept in a list, handed over."""
    if of.rpartition(".")[2] == optimizer.rpartition(".")[2]:
        return True
    for one in (of, optimizer):
        base = one.partition("[")[0]
        if base != one and not facts.values(owner, base):
            return True
    return _mentions(of, optimizer, owner, facts) or _mentions(optimizer, of, owner, facts)


def _mentions(name: str, other: str, owner: str, facts: Facts) -> bool:
    """Whether ``name`` was made of ``other``, or of what was made of it."""
    last, base = other.rpartition(".")[2], name.partition("[")[0]
    seen, waiting = {base}, [base]
    while waiting:
        made_of = {one for value in facts.values(owner, waiting.pop()) for one in _names(value)}
        if last in {one.rpartition(".")[2] for one in made_of}:
            return True
        waiting += made_of - seen
        seen |= made_of
    return False


def _names(value: ast.expr) -> list[str]:
    return [dotted(one) for one in ast.walk(value) if isinstance(one, ast.Name | ast.Attribute)]


def _of_module(of: str, holders: frozenset[str], owner: str, facts: Facts) -> Reach:
    if of in holders:
        return "all" if len(holders) == 1 else "part"
    if all(one.startswith(f"{of}.") for one in holders):
        return "all"
    if any(of.startswith(f"{one}.") for one in holders):
        alone = "self" in holders and not _has_other_layers(of, owner, facts)
        return "maybe" if alone or of.endswith((".weight", ".bias")) else "part"
    if any(one.startswith(f"{of}.") for one in holders):
        return "part"
    if _is_apart(of, holders, owner, facts):
        return "none"
    return "maybe"


def _has_other_layers(of: str, owner: str, facts: Facts) -> bool:
    """Whether a module has others beside ``of`` that can hold parameters, as far as is seen."""
    return any(
        name.startswith("self.") and not f"{of}.".startswith(f"{name}.") and _may_hold(value, facts)
        for (of_class, name), values in facts.assigned.items()
        if of_class == owner
        for value in values
    )


def _may_hold(value: ast.expr, facts: Facts) -> bool:
    """Whether a call makes a layer, by its name, or an object of a class of this file."""
    if not isinstance(value, ast.Call):
        return False
    name = dotted(value.func).rpartition(".")[2]
    return bool(_LAYER.search(name)) or name in facts.classes


def _is_apart(of: str, holders: frozenset[str], owner: str, facts: Facts) -> bool:
    """Whether ``of`` was made for itself, from nothing that the optimizer holds."""
    values = facts.values(owner, of)
    if not values or not all(facts.values(owner, one) for one in holders):
        return False
    related = any(
        _mentions(of, one, owner, facts) or _mentions(one, of, owner, facts) for one in holders
    )
    return all(isinstance(one, ast.Call) for one in values) and (
        not related or all(_copies(one) for one in values)
    )


def _copies(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _COPIES
