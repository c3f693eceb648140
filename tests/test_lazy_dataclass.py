"""Dataclasses made at first use are what `dataclasses` would have made at once."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from threading import Barrier, Thread

import pytest

from tests.test_contracts import loaded_by
from zgtui.lazy_dataclass import dataclass


@dataclass(frozen=True)
class Point:
    """Of a plane."""

    x: int
    y: int = 0
    names: tuple[str, ...] = field(default_factory=tuple, kw_only=True)


@dataclass(frozen=True)
class Place(Point):
    """Of space."""

    z: int = 7


@dataclass
class Counter:
    """May change."""

    count: int = 0

    def __post_init__(self) -> None:
        self.count += 1


class Named(Counter):
    """Has a constructor of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(5)
        self.name = name


def test_an_object_is_what_a_dataclass_makes_of_it() -> None:
    point = Point(1, names=("a",))
    assert point == Point(1, 0, names=("a",))
    assert point != Point(2)
    assert hash(Point(3)) == hash(Point(3, 0))
    assert repr(Point(1)) == "Point(x=1, y=0, names=())"
    assert dataclasses.replace(point, y=2) == Point(1, 2, names=("a",))
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 0, "names": ()}
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]  # that is the point
    match point:
        case Point(x, y):
            assert (x, y) == (1, 0)


def test_a_class_tells_its_fields_before_its_first_object() -> None:
    @dataclass(frozen=True)
    class Fresh:
        one: int
        two: str = ""

    assert [one.name for one in dataclasses.fields(Fresh)] == ["one", "two"]
    assert dataclasses.is_dataclass(Fresh)
    assert Fresh.__match_args__ == ("one", "two")


def test_a_class_inherits_the_fields_of_one_that_was_never_used() -> None:
    assert repr(Place(1)) == "Place(x=1, y=0, names=(), z=7)"


def test_a_constructor_of_its_own_calls_the_one_that_is_made() -> None:
    named = Named("n")
    assert (named.count, named.name) == (6, "n")


def test_the_first_objects_of_several_threads_are_alike() -> None:
    for _ in range(20):

        @dataclass(frozen=True)
        class Shared:
            value: int

        made: list[Shared] = []
        ready = Barrier(4)

        def make(kind: type[Shared], ready: Barrier, made: list[Shared]) -> None:
            ready.wait(60)
            made.append(kind(1))

        threads = [Thread(target=make, args=(Shared, ready, made)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert made == [Shared(1)] * 4


def test_the_first_screen_makes_few_of_the_dataclasses_that_it_imports() -> None:
    counting = (
        "import dataclasses; made, real = [], dataclasses._process_class\n"
        "dataclasses._process_class = lambda cls, *rest: made.append(cls) or real(cls, *rest)\n"
        "import zgtui.tui.app, zgtui.worker.client\n"
        "import sys; sys.modules['made: %d' % sum('zgtui' in one.__module__ for one in made)] = sys"
    )
    made = next(name for name in loaded_by(counting) if name.startswith("made: "))
    assert int(made.removeprefix("made: ")) < 20  # of a hundred
