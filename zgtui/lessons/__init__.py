"""The lessons, in the order in which they are taught: one file a lesson, and this dict."""

from __future__ import annotations

from zgtui.lessons import (
    l01_invisible,
    l02_drives_past,
    l03_momentum_one,
    l04_energy,
    l05_small_rate,
    l06_correct_diverges,
    l07_momentum_explodes,
    l08_friction,
    l09_half_clearing,
    l10_batch_size,
)
from zgtui.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    "invisible": l01_invisible.LESSON,
    "drives-past": l02_drives_past.LESSON,
    "momentum-one": l03_momentum_one.LESSON,
    "energy": l04_energy.LESSON,
    "small-rate": l05_small_rate.LESSON,
    "correct-diverges": l06_correct_diverges.LESSON,
    "momentum-explodes": l07_momentum_explodes.LESSON,
    "friction": l08_friction.LESSON,
    "half-clearing": l09_half_clearing.LESSON,
    "batch-size": l10_batch_size.LESSON,
}
