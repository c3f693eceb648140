"""What a script does to gradients, in the order in which it does it: the form that rules read.

The text is lowered to this once. A block is a sequence of what happens; branches, loops and calls
of functions that the file defines hold blocks of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EventKind = Literal["backward", "step", "clear", "named", "made", "use", "look", "call", "unclear"]


@dataclass(frozen=True)
class GradientEvent:
    """One thing that happens to gradients at a line.

    ``of`` is what it happens to: the optimizer that steps, what is cleared (an optimizer, a
    module, a tensor; ``?`` where the text does not tell), what an ``unclear`` call may touch
    (``*``: anything). ``use`` reads or writes a gradient by hand; ``call`` is a call of something
    that the file does not define; ``why`` tells what is not clear.
    """

    kind: EventKind
    of: str
    line: int
    why: str = ""


@dataclass(frozen=True)
class Choice:
    """An ``if``: ``test`` is its condition, without a leading ``not``.

    Of two choices with one text, both go the same way in one iteration. ``periodic``: the
    condition holds now and then, as in accumulation.
    """

    test: str
    yes: Body
    no: Body
    periodic: bool = False


@dataclass(frozen=True)
class Loop:
    """What runs again and again. ``closure``: it is what ``step(closure)`` calls."""

    body: Body
    line: int
    closure: bool = False


@dataclass(frozen=True)
class Inlined:
    """The body of a function that is called here; a ``return`` in it ends it alone."""

    body: Body
    line: int


@dataclass(frozen=True)
class Leave:
    """An early way out: ``break``, ``continue``, ``return`` or ``raise``."""

    how: Literal["break", "continue", "return", "raise"]


Node = GradientEvent | Choice | Loop | Inlined | Leave
Body = tuple[Node, ...]
