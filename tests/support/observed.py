"""Observations of a training made by hand, for the rules of `zgtui check` to judge."""

from __future__ import annotations

from typing import Any, Literal

from zgtui.check.judging.rules import judge
from zgtui.check.observations import (
    ClearSeen,
    Held,
    LeavesNamed,
    Observation,
    OptimizerMade,
    OriginSeen,
    OriginWay,
    StepSeen,
)
from zgtui.instrument.sites import Site

BACKWARD, STEP, CLEAR, MADE = (Site("train.py", line, "train") for line in (10, 11, 12, 3))
BOTH = (1, 2)
FRONT, BACK = (1,), (2,)


def made(
    number: int = 1,
    leaves: tuple[int, ...] = BOTH,
    site: Site | None = MADE,
    *,
    name: str = "SGD",
) -> Observation:
    return OptimizerMade(number, name, leaves, site)


def named() -> Observation:
    return LeavesNamed(BOTH, ("weight", "bias"))


def backward(
    number: int,
    *,
    leaves: tuple[int, ...] = BOTH,
    stack: int = 1,
    way: OriginWay = "backward",
    divisor: float = 1.0,
    at: Site = BACKWARD,
    **more: Any,
) -> OriginSeen:
    return OriginSeen(number, way, at, stack, leaves, divisor, **more)


def step(*held: Held, of: int = 1, at: Site = STEP, **more: bool) -> StepSeen:
    return StepSeen(of, at, held, **more)  # type: ignore[arg-type] # lent is no bool


def clear(
    *dropped: int,
    leaves: tuple[int, ...] = BOTH,
    how: Literal["optimizer", "module", "hand"] = "optimizer",
    infinite: tuple[int, ...] = (),
    looked: tuple[int, ...] = (),
    at: Site = CLEAR,
) -> ClearSeen:
    portions = tuple((number, leaves) for number in dropped)
    return ClearSeen(
        how, at, leaves, held=True, dropped=portions, not_finite=infinite, looked_at=looked
    )


def fresh(*numbers: int, params: tuple[int, ...] = BOTH) -> Held:
    return Held(params, numbers)


def stale(number: int, params: tuple[int, ...] = BOTH) -> Held:
    """The backward ``number`` beside all before it."""
    return Held(params, (number,), tuple(range(1, number)))


def told(observations: list[Observation]) -> list[str]:
    return [finding.code for finding in judge(observations)]


def loop(*held: Held, cleared: bool = False) -> list[Observation]:
    seen: list[Observation] = [made(), named()]
    for number, one in enumerate(held, 1):
        seen += [backward(number), step(one), *([clear()] if cleared else [])]
    return seen
