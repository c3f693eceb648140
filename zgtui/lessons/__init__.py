"""The lessons, in the order in which they are taught.

Each file holds the lessons on one theme in a dict ``LESSONS`` of name → `Lesson`. A new lesson is
one entry there, in its place, and one in ``OUTCOMES`` of tests/lessons/test_lessons.py, which
checks what its pages promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zgtui.lessons.lesson import Lesson

    LESSONS: dict[str, Lesson]
    """All lessons by name."""


def __getattr__(name: str) -> dict[str, Lesson]:
    """``LESSONS``, made when it is first asked for: the first screen has none of them."""
    if name != "LESSONS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from zgtui.lessons import hyperparameters, learning_rate, oscillation  # noqa: PLC0415

    lessons = {**oscillation.LESSONS, **learning_rate.LESSONS, **hyperparameters.LESSONS}
    globals()["LESSONS"] = lessons
    return lessons
