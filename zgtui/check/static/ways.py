"""All ways through one iteration of a loop, as one optimizer sees them.

A way is a word of letters, so that a mistake is a pattern in it: B backward, S step, C clears all
that the optimizer holds, P clears a part of it, K clears that or something else, M may do anything,
X steps another optimizer, U uses a gradient by hand, L looks at its size, T calls what cannot be
seen, O makes the optimizer, N names ``zero_grad`` without calling it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from zgtui.check.static.effects import Body, Choice, GradientEvent, Inlined, Leave, Loop, Node

MAX_WAYS = 256
Letter = Callable[[GradientEvent], str]
"""The letter of an event for one optimizer; empty where it is of no matter to it."""


class TooManyWaysError(Exception):
    """There are more ways through an iteration than are looked at."""


@dataclass(frozen=True)
class Test:
    """A condition that this way went by, and how. ``forks``: both branches train."""

    text: str
    held: bool
    periodic: bool = False
    forks: bool = False


@dataclass(frozen=True)
class Way:
    """One order of events."""

    word: str = ""
    events: tuple[GradientEvent, ...] = ()
    tests: tuple[Test, ...] = ()
    leave: str = ""

    def went(self, text: str) -> bool | None:
        """How it went by a condition; None where it did not meet it."""
        return next((one.held for one in self.tests if one.text == text), None)

    def line(self, letter: str) -> int:
        """The first line with that letter, of backwards the last before a step; 0 without one."""
        index = self.word.rfind(letter, 0, self.word.find("S")) if letter == "B" else -1
        index = index if index >= 0 else self.word.find(letter)
        return self.events[index].line if index >= 0 else 0


@dataclass
class _Walk:
    letter: Letter
    twice: bool
    """Whether a closure is called more than once a step, as L-BFGS does."""
    found: list[Way] = field(default_factory=list)


def ways_of(block: Body, letter: Letter, *, twice: bool = False) -> list[Way]:
    """Every way through ``block``.

    Raises:
        TooManyWaysError: if there are more than `MAX_WAYS`.
    """
    return _through(_kept(block, letter), [Way()], _Walk(letter, twice))


def letters_in(block: Body, letter: Letter) -> str:
    """The letters of everything in ``block``, whatever way it goes."""
    return "".join(letter(one) for one in events_in(block))


def events_in(block: Body) -> list[GradientEvent]:
    """Every event in ``block``, nested ones as well."""
    found: list[GradientEvent] = []
    for node in block:
        if isinstance(node, GradientEvent):
            found.append(node)
        elif isinstance(node, Choice):
            found += [*events_in(node.yes), *events_in(node.no)]
        elif isinstance(node, Loop | Inlined):
            found += events_in(node.body)
    return found


def closures_in(block: Body) -> list[Loop]:
    """Every closure that a step in ``block`` is given."""
    found: list[Loop] = []
    for node in block:
        if isinstance(node, Loop) and node.closure:
            found.append(node)
        elif isinstance(node, Choice):
            found += [*closures_in(node.yes), *closures_in(node.no)]
        elif isinstance(node, Loop | Inlined):
            found += closures_in(node.body)
    return found


def _leaves(block: Body) -> bool:
    for node in block:
        if isinstance(node, Leave):
            return True
        if isinstance(node, Choice) and (_leaves(node.yes) or _leaves(node.no)):
            return True
    return False


def _kept(block: Body, letter: Letter) -> Body:
    """``block`` without what does not matter, so that few ways are left."""
    found: list[Node] = []
    for node in block:
        if isinstance(node, GradientEvent):
            found += [node] if letter(node) else []
        elif isinstance(node, Choice):
            found += _kept_choice(node, letter)
        elif isinstance(node, Loop):
            body = _kept(node.body, letter)
            if letters_in(body, letter):
                found.append(Loop(body, node.line, node.closure))
        elif isinstance(node, Inlined):
            found.append(Inlined(_kept(node.body, letter), node.line))
        else:
            found.append(node)
    return tuple(found)


def _kept_choice(node: Choice, letter: Letter) -> list[Node]:
    yes, no = _kept(node.yes, letter), _kept(node.no, letter)
    heard = letters_in((*yes, *no), letter)
    if not set(heard) - set("LUTX") and not _leaves(yes) and not _leaves(no):
        return [*events_in(yes), *events_in(no)]
    return [Choice(node.test, yes, no, node.periodic)]


def _through(block: Body, ways: list[Way], walk: _Walk) -> list[Way]:
    for node in block:
        gone = [way for way in ways if way.leave]
        ways = [way for way in ways if not way.leave]
        if not ways:
            return gone
        ways = gone + _by(node, ways, walk)
        if len(ways) > MAX_WAYS:
            raise TooManyWaysError
    return ways


def _by(node: Node, ways: list[Way], walk: _Walk) -> list[Way]:
    if isinstance(node, GradientEvent):
        letter = walk.letter(node)
        return [Way(way.word + letter, (*way.events, node), way.tests, way.leave) for way in ways]
    if isinstance(node, Leave):
        return [Way(way.word, way.events, way.tests, node.how) for way in ways]
    if isinstance(node, Choice):
        return [one for way in ways for one in _choose(node, way, walk)]
    if isinstance(node, Inlined):
        inner = _through(node.body, ways, walk)
        return [_back(way, ("return",)) for way in inner]
    return _around(node, ways, walk)


def _back(way: Way, ended: tuple[str, ...]) -> Way:
    leave = "" if way.leave in ended else way.leave
    return Way(way.word, way.events, way.tests, leave)


def _choose(node: Choice, way: Way, walk: _Walk) -> list[Way]:
    known = way.went(node.test)
    forks = all(set(letters_in(branch, walk.letter)) & set("BS") for branch in (node.yes, node.no))
    found: list[Way] = []
    for held, branch in ((True, node.yes), (False, node.no)):
        if known is None:
            test = Test(node.test, held, node.periodic, forks)
            gone = Way(way.word, way.events, (*way.tests, test))
            found += _through(branch, [gone], walk)
        elif known is held:
            found += _through(branch, [way], walk)
    return found


def _around(node: Loop, ways: list[Way], walk: _Walk) -> list[Way]:
    """A loop in the loop goes round twice, the same way; a closure but once where that is usual."""
    once = node.closure and not walk.twice
    found: list[Way] = []
    for way in ways:
        for inner in _through(node.body, [Way(tests=way.tests)], walk):
            if inner.leave in {"return", "raise"} and not node.closure:
                continue
            again = not once and not (node.closure and "C" in inner.word)
            turns = 2 if again and inner.leave != "break" else 1
            tests = tuple(one for one in inner.tests if one in way.tests or not one.periodic)
            found.append(
                Way(way.word + inner.word * turns, way.events + inner.events * turns, tests)
            )
    return found
