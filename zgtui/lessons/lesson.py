"""What a lesson is: pages of text, each with what is set up and trained when it is opened."""

from __future__ import annotations

import re

from zgtui.config.settings import Settings
from zgtui.lazy_dataclass import dataclass

PAGE_WIDTH, PAGE_LINES = 74, 5
"""A page's text, wrapped at so many characters, takes at most so many lines: at 80×24 that is what
the charts leave."""


@dataclass(frozen=True)
class Page:
    """One page: ``heading`` says what it is for in a word or two, ``text`` is its paragraphs.

    Opening it starts ``setup`` at step 0, or goes on with that of the page before where None; then
    it trains on to step ``train_to``, where that is ahead, and stops there.
    """

    heading: str
    text: str
    setup: Settings | None = None
    train_to: int = 0

    @property
    def asks(self) -> bool:
        """Whether it has the class guess: nothing of what comes may be shown beside it."""
        return self.heading == "predict" or re.search(r"\?|Predict|Guess", self.text) is not None


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Pages on one claim of what happens when gradients are not cleared.

    ``setup`` is what the first page starts.
    """

    title: str
    claim: str
    setup: Settings
    pages: tuple[Page, ...]

    def state(self, index: int) -> tuple[Settings, int]:
        """What page ``index`` (from 0) shows: the settings trained with, and up to which step."""
        settings, step = self.setup, 0
        for page in self.pages[: index + 1]:
            if page.setup is not None:
                settings, step = page.setup, 0
            step = max(step, page.train_to)
        return settings, step


def both(settings: Settings, lr: float) -> Settings:
    """``settings`` with the learning rate ``lr`` in both runs."""
    return settings.with_run("A", lr=lr).with_run("B", lr=lr)
