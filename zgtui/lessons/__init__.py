"""The lessons, in the order in which they are taught.

Each file holds the lessons on one theme in a dict ``LESSONS`` of name → `Lesson`. A new lesson is
one entry there, in its place, and one in ``OUTCOMES`` of tests/lessons/test_lessons.py, which
checks what its pages promise.
"""

from __future__ import annotations

from zgtui.lessons import hyperparameters, learning_rate, oscillation
from zgtui.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    **oscillation.LESSONS,
    **learning_rate.LESSONS,
    **hyperparameters.LESSONS,
}
