"""A lesson that is being given: which page is open, and what that makes of the comparison."""

from __future__ import annotations

from dataclasses import replace

from zgtui.lessons.lesson import Lesson, Page
from zgtui.settings import Settings
from zgtui.tui.live import LiveComparison


class OpenLesson:
    """``lesson`` at one of its pages; opening it sets ``live`` up for the first.

    Each page shows what it tells of: going on trains on to its step, going back sets up and
    trains anew where the page left has gone further.
    """

    def __init__(self, lesson: Lesson, live: LiveComparison) -> None:
        self.lesson = lesson
        self.index = 0
        self._live = live
        self._begin(*lesson.state(0))

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.lesson.pages[self.index]

    @property
    def outdated(self) -> bool:
        """Whether something else is trained by now than what the page tells of."""
        settings, _ = self.lesson.state(self.index)
        return self._live.settings.experiment != settings.experiment

    def turn(self, pages: int) -> None:
        """Go on by so many pages, or back where negative; not beyond the first and the last."""
        index = min(max(self.index + pages, 0), len(self.lesson.pages) - 1)
        before, after = self.lesson.state(self.index), self.lesson.state(index)
        forward, self.index = index > self.index, index
        if before == after:
            return
        if forward and before[0] == after[0]:
            self._live.train_to(after[1])
        else:
            self._begin(*after)

    def _begin(self, settings: Settings, step: int) -> None:
        """Start at step 0 on the device in use, and train to ``step``."""
        device = self._live.settings.device
        self._live.restart(replace(settings, device=device), running=False)
        if step:
            self._live.train_to(step)
