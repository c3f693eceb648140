"""A set that remembers its newest members alone, so that a long training costs no more memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIZE = 256


class Recent:
    """The newest `SIZE` numbers that were added."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: dict[int, None] = {}

    def __contains__(self, number: object) -> bool:
        return number in self._members

    def __iter__(self) -> Iterator[int]:
        return iter(self._members)

    def add(self, number: int) -> bool:
        """Add ``number``; returns whether it is new."""
        if number in self._members:
            return False
        self._members[number] = None
        if len(self._members) > SIZE:
            del self._members[next(iter(self._members))]
        return True

    def update(self, numbers: Iterable[int]) -> None:
        """Add each of them."""
        for number in numbers:
            self.add(number)
