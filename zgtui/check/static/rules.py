"""The rules: pure functions of a view, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable

from zgtui.check.static.mistakes import Mistake
from zgtui.check.static.rules_again import stepped_again, stepped_without_backward
from zgtui.check.static.rules_lost import (
    cleared_as_accumulation_ends,
    cleared_before_step,
    cleared_in_inner_loop,
    cleared_while_accumulating,
)
from zgtui.check.static.rules_missing import cleared_now_and_then, never_cleared, partly_cleared
from zgtui.check.static.views import View

RULES: tuple[Callable[[View], Mistake | None], ...] = (
    cleared_before_step,
    never_cleared,
    partly_cleared,
    cleared_now_and_then,
    cleared_while_accumulating,
    cleared_as_accumulation_ends,
    cleared_in_inner_loop,
    stepped_again,
    stepped_without_backward,
)


def mistake_in(view: View) -> Mistake | None:
    """The first mistake that a rule finds."""
    return next((one for rule in RULES if (one := rule(view)) is not None), None)
