"""Dataclasses made at first use are what `dataclasses` would have made at once."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from threading import Barrier, Thread
from typing import Any, ClassVar

import pytest

from tests.support.loaded import loaded_by
from zgtui.lazy_dataclass import FEW, dataclass


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


def pair(kind: Any) -> tuple[Any, ...]:
    """Classes of one body: as `dataclasses` makes it, never used, completed, and much used."""

    def body(decorate: Any) -> Any:
        class Body:
            must: int
            may: str = "x"
            many: list[int] = field(default_factory=list)
            aside: float = field(default=0.5, compare=False)
            named: int = field(default=3, kw_only=True)
            late: int = field(init=False, default=9)
            kept: ClassVar[int] = 4

        return decorate(**kind)(Body)

    completed, used = body(dataclass), body(dataclass)
    dataclasses.fields(completed)
    for _ in range(FEW + 2):
        used(must=1)
    return body(dataclasses.dataclass), body(dataclass), completed, used


@pytest.mark.parametrize("kind", [{}, {"frozen": True}, {"eq": False}, {"kw_only": True}])
def test_it_is_the_same_at_every_age(kind: dict[str, bool]) -> None:
    def told(made: Any) -> list[Any]:
        given: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
            ((1,), {}),
            ((1, "y"), {"named": 5}),
            ((), {"must": 2, "many": [1]}),
            ((), {}),
            ((1, "y", [], 0.1, 7), {}),
            ((1,), {"late": 2}),
        ]
        found: list[Any] = []
        for values, named in given:
            try:
                one, other = made(*values, **named), made(*values, **named)
            except TypeError as error:
                found.append(str(error))
                continue
            found += [getattr(one, name) for name in ("must", "may", "many", "aside", "named")]
            found += [one == other, one.late, one.kept]
            found.append(made.__hash__ is None)
            found.append(repr(one).rpartition(".")[2])
        one, other = made(must=1, aside=1.0), made(must=1)
        found += [one == other, one is not other and one != (1, "x", [], 3, 9)]
        found.append([known.name for known in dataclasses.fields(made)])
        return found

    first, *others = (told(made) for made in pair(kind))
    for other in others:
        assert other == first


def test_a_hash_stays_when_the_class_is_completed() -> None:
    @dataclass(frozen=True)
    class Fresh:
        one: int
        two: str = ""

    kept = {Fresh(1): "first"}
    assert dataclasses.replace(Fresh(1), two="b") == Fresh(1, "b")
    assert kept[Fresh(1)] == "first"


def test_an_object_of_a_frozen_class_never_changes() -> None:
    @dataclass(frozen=True)
    class Fresh:
        one: int

    fresh = Fresh(1)
    for _ in range(2):
        with pytest.raises(dataclasses.FrozenInstanceError):
            fresh.one = 2  # type: ignore[misc]  # that is the point
        with pytest.raises(dataclasses.FrozenInstanceError):
            del fresh.one
    assert fresh == Fresh(1)


def test_what_a_class_defines_itself_stays() -> None:
    @dataclass(frozen=True)
    class Own:
        one: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    for _ in range(2):
        assert (Own(1) == Own(2), hash(Own(1)), repr(Own(1))) == (True, 7, "own")
        dataclasses.fields(Own)


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


def test_the_first_screen_completes_none_of_the_dataclasses_that_it_imports() -> None:
    counting = (
        "import dataclasses; made, real = [], dataclasses._process_class\n"
        "dataclasses._process_class = lambda cls, *rest: made.append(cls) or real(cls, *rest)\n"
        "import zgtui.tui.app, zgtui.worker.client\n"
        "import sys; sys.modules['made: %d' % sum('zgtui' in one.__module__ for one in made)] = sys"
    )
    made = next(name for name in loaded_by(counting) if name.startswith("made: "))
    assert int(made.removeprefix("made: ")) == 0
