"""What the rules find, and what they share."""

from __future__ import annotations

from dataclasses import dataclass, field

from zgtui.check.static.ways import Test, Way

_ROLES = {"B": "backward", "S": "step", "C": "clear", "P": "clear"}


@dataclass(frozen=True)
class Mistake:
    """A code, what to say, and the lines of the events that it is about, by their role."""

    code: str
    message: str
    lines: dict[str, int] = field(default_factory=dict)
    at: str = "step"


def lines_of(way: Way, *letters: str) -> dict[str, int]:
    """The first line of each letter that is on a way, by its role."""
    return {_ROLES[one]: way.line(one) for one in letters if way.line(one)}


def parted(way: Way, other: Way) -> list[Test]:
    """The conditions by which two ways went differently."""
    return [one for one in way.tests if other.went(one.text) not in {None, one.held}]
