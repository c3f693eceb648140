"""What ``python -m tests.mutants`` changes, and that a test which fails is noticed."""

from __future__ import annotations

import signal
import time
from typing import Any

from tests.mutants.mutations import mutants
from tests.mutants.trials import ended, forked, in_turns

SOURCE = """
class Shop:
    def price(self, count):
        if count >= 10 and not self.closed:
            return count * 2
        return None
"""


def test_each_mutant_is_one_change() -> None:
    assert [mutant.what.partition(": ")[2] for mutant in mutants("shop.py", SOURCE)] == [
        "if count >= 10 and (not self.closed): -> if not (count >= 10 and (not self.closed)):",
        "count >= 10 and (not self.closed) -> count >= 10 or not self.closed",
        "return count * 2 -> return None",
        "count >= 10 -> count > 10",
        "not self.closed -> not not self.closed",
        "count * 2 -> count / 2",
        "count >= 10 -> count >= 11",
        "count * 2 -> count * 3",
    ]


def test_a_mutant_takes_the_place_of_the_function() -> None:
    names: dict[str, Any] = {}
    exec(compile(SOURCE, "shop.py", "exec"), names)
    shop = names["Shop"]()

    def prices() -> list[object]:
        answers: list[object] = []
        for shop.closed in (False, True):
            answers += [shop.price(count) for count in (9, 10, 11)]
        return answers

    right = prices()
    price = names["Shop"].price
    for mutant in mutants("shop.py", SOURCE):
        price.__code__ = mutant.code
        assert prices() != right, mutant.what


def test_each_test_function_has_a_turn_before_any_has_a_second() -> None:
    called = [(0.1, "a[1]"), (0.1, "a[2]"), (0.2, "a[3]"), (0.5, "b"), (0.3, "c[1]"), (0.4, "c[2]")]
    assert [test for _, test in in_turns(called)] == ["a[1]", "c[1]", "b", "a[2]", "c[2]", "a[3]"]


def endless() -> int:
    while True:
        time.sleep(1)


def test_what_fails_or_has_no_end_is_noticed() -> None:
    assert ended(forked(lambda: 0), 60) == 0
    assert ended(forked(lambda: 1), 60) == 1
    assert ended(forked(endless), 0.2) == -signal.SIGKILL
