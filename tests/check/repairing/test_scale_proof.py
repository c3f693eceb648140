"""A change of an accumulation's scale is shown only where the repaired steps apply means."""

from __future__ import annotations

import pytest

from tests.support.observed import backward, clear, fresh, made, step
from tests.support.processes import zgtui
from tests.support.script_runs import SCRIPTS
from zgtui.check.observations import LossSeen, Observation
from zgtui.check.repairing.scale_proof import is_averaged


@pytest.mark.timeout(300)  # up to four scripts run one after the other
@pytest.mark.parametrize(
    ("script", "repaired"),
    [
        ("ZG501_continues.py", "(loss / accum).backward()"),
        ("ZG502_twice_as_many.py", "(loss / accum).backward()"),
        ("ZG501_every_second.py", "(model(torch.randn(4, 3)).pow(2).mean() / 2).backward()"),
    ],
)
def test_the_fix_divides_by_what_the_script_calls_its_micro_batches(
    script: str, repaired: str
) -> None:
    _, out, _ = zgtui("check", "--quiet", str(SCRIPTS / "check/wrong" / script))
    (added,) = (line for line in out.splitlines() if line.strip().startswith("+ "))
    assert added.split(maxsplit=1)[1] == repaired


def accumulated(*divisors: float) -> list[Observation]:
    """Three steps, each of two micro-batches whose losses are divided by ``divisors``."""
    seen: list[Observation] = [made()]
    for first in (1, 3, 5):
        for number in (first, first + 1):
            seen += [backward(number), LossSeen(number, reduction="mean", divisors=divisors)]
        seen += [step(fresh(first, first + 1)), clear()]
    return seen


@pytest.mark.parametrize(
    ("divisors", "averaged"),
    [((2.0,), True), ((2.0, 3.0), True), ((), False), ((5.0,), False), ((2.0, 2.0), False)],
)
def test_a_mean_is_divided_once_by_the_number_of_micro_batches(
    divisors: tuple[float, ...], *, averaged: bool
) -> None:
    assert is_averaged([accumulated(*divisors)], {1}) is averaged
    assert is_averaged([accumulated(*divisors)], {2})  # nobody asks about this optimizer


def test_what_does_not_accumulate_any_more_is_no_repair() -> None:
    alone = [made(), *(one for n in (1, 2, 3) for one in (backward(n), step(fresh(n)), clear()))]
    assert not is_averaged([alone], {1})
