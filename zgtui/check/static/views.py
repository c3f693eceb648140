"""The loops of a file, each as one optimizer sees it: what the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from zgtui.check.static.effects import Body, Choice, GradientEvent, Inlined, Loop
from zgtui.check.static.facts import Facts
from zgtui.check.static.owners import reach
from zgtui.check.static.ways import Letter, Way, events_in, ways_of

_LETTERS = {"all": "C", "part": "P", "maybe": "K", "none": ""}
_PLAIN = {"backward": "B", "use": "U", "look": "L", "call": "T"}


@dataclass(frozen=True)
class Root:
    """A function that nothing in the file calls, or the file itself, read with all it calls."""

    name: str
    owner: str
    block: Body


@dataclass(frozen=True)
class LoopPlace:
    """A loop in a root, or the root itself (line 0), which its caller may run again and again.

    ``around`` are the events of the loops around this one; ``beside`` is all else in the root.
    """

    root: Root
    body: Body
    line: int
    around: tuple[GradientEvent, ...] = ()
    beside: tuple[GradientEvent, ...] = ()

    @property
    def is_loop(self) -> bool:
        """Whether it is one by itself."""
        return self.line > 0


@dataclass(frozen=True)
class View:
    """A place as ``optimizer`` sees it: the words of its ways, of what is around and beside it."""

    place: LoopPlace
    optimizer: str
    kind: str
    ways: tuple[Way, ...]
    around: str
    beside: str

    @property
    def stepping(self) -> tuple[Way, ...]:
        """The ways on which it steps."""
        return tuple(way for way in self.ways if "S" in way.word)

    @property
    def heard(self) -> str:
        """The letters of all ways."""
        return "".join(way.word for way in self.ways)


def places_of(root: Root) -> Iterator[LoopPlace]:
    """The root itself, then each of its loops."""
    yield LoopPlace(root, root.block, 0)
    yield from _loops(root, root.block, (), (), inside=False)


def _loops(
    root: Root,
    block: Body,
    around: tuple[GradientEvent, ...],
    beside: tuple[GradientEvent, ...],
    *,
    inside: bool,
) -> Iterator[LoopPlace]:
    """Loops in ``block``; what stands beside them in it is around them once inside a loop."""
    for index, node in enumerate(block):
        others = tuple(events_in((*block[:index], *block[index + 1 :])))
        near = (*around, *others) if inside else around
        far = beside if inside else (*beside, *others)
        if isinstance(node, Loop) and not node.closure:
            yield LoopPlace(root, node.body, node.line, near, far)
            yield from _loops(root, node.body, near, far, inside=True)
        elif isinstance(node, Inlined):
            yield from _loops(root, node.body, near, far, inside=inside)
        elif isinstance(node, Choice):
            yield from _loops(root, node.yes, near, far, inside=inside)
            yield from _loops(root, node.no, near, far, inside=inside)


def stepped_in(block: Body) -> dict[str, int]:
    """The optimizers that step in ``block``, but in no loop in it, and the first line of each."""
    found: dict[str, int] = {}
    for node in block:
        inner: dict[str, int] = {}
        if isinstance(node, GradientEvent) and node.kind == "step":
            inner = {node.of: node.line}
        elif isinstance(node, Choice):
            inner = {**stepped_in(node.no), **stepped_in(node.yes)}
        elif isinstance(node, Inlined):
            inner = stepped_in(node.body)
        found = {**inner, **found}
    return found


def letter_for(optimizer: str, owner: str, facts: Facts) -> Letter:
    """The letters of events as ``optimizer`` sees them; ``owner`` is the class of its ``self``."""
    known: dict[tuple[str, str], str] = {}

    def letter(event: GradientEvent) -> str:
        key = (event.kind, event.of)
        if key not in known:
            known[key] = _letter(event, optimizer, owner, facts)
        return known[key]

    return letter


def _letter(event: GradientEvent, optimizer: str, owner: str, facts: Facts) -> str:
    if event.kind in _PLAIN:
        return _PLAIN[event.kind]
    if event.kind == "unclear":
        may = event.of == "*" or reach(event.of, optimizer, owner, facts) != "none"
        return "M" if may else ""
    if event.kind == "clear":
        letter = _LETTERS[reach(event.of, optimizer, owner, facts)]
        alone = len(facts.stepped) == 1 and not event.why and event.of != "?"
        return "C" if letter == "K" and alone else letter
    if event.of != optimizer:
        return "X" if event.kind == "step" else ""
    return {"step": "S", "named": "N", "made": "O"}[event.kind]


def view_of(place: LoopPlace, optimizer: str, facts: Facts) -> View:
    """Look at ``place`` as ``optimizer``.

    Raises:
        TooManyWaysError: if there are too many ways through it.
    """
    owner = place.root.owner
    letter = letter_for(optimizer, owner, facts)
    made = facts.maker(owner, optimizer.partition("·")[0])
    kind = made.kind if made is not None else ""
    holders = made.holders if made is not None else None
    ways = ways_of(place.body, letter, twice=kind == "LBFGS")
    around = "".join(letter(one) for one in place.around)
    beside = "".join(letter(one) for one in place.beside)

    def held(of: str) -> frozenset[str]:
        other = facts.maker(owner, of)
        return frozenset({of}) if other is None else other.holders or frozenset()

    unique = tuple(
        dict.fromkeys(_whole(way, holders, held) for way in ways if way.leave != "raise")
    )
    return View(place, optimizer, kind, unique, around, beside)


def _whole(way: Way, holders: frozenset[str] | None, held: Callable[[str], frozenset[str]]) -> Way:
    """The parts that are cleared on a way are one clearing where they are all that is held."""
    parts = {
        part
        for one, letter in zip(way.events, way.word, strict=True)
        if letter == "P"
        for part in held(one.of)
    }
    if (
        parts
        and holders is not None
        and all(any(one == part or one.startswith(f"{part}.") for part in parts) for one in holders)
    ):
        return Way(way.word.replace("P", "C"), way.events, way.tests, way.leave)
    return way
