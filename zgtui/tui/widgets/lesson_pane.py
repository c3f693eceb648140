"""A lesson, page by page, in place of what else stands below the charts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.widgets import Static

from zgtui.charts.words import ascii_text
from zgtui.config.settings import Settings
from zgtui.lessons.lesson import PAGE_LINES, PAGE_WIDTH, Lesson, Page
from zgtui.tui.keys import with_keys
from zgtui.tui.model.live import RemoteComparison


class OpenLesson:
    """``lesson`` at one of its pages; opening it sets ``live`` up for the first.

    Each page shows what it is about: going on trains on to its step, going back restarts where
    the page left has gone further.
    """

    def __init__(self, lesson: Lesson, live: RemoteComparison) -> None:
        self.lesson = lesson
        self.index = 0
        self._live = live
        self._begin(*lesson.state(0))

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.lesson.pages[self.index]

    @property
    def asks(self) -> bool:
        """Whether the page has the class guess."""
        return self.page.asks

    @property
    def outdated(self) -> bool:
        """Whether something else is trained by now than what the page is about."""
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


MARKUP = re.compile(r"\[[^\]]*\]")
BORDER = 6
"""Columns of an edge that hold none of its text."""
OUTLINE_WIDTH = 24
ROOMY = OUTLINE_WIDTH + PAGE_WIDTH + 4
"""Columns of a pane with room for the headings of all pages beside the text of one."""
ROOM_FOR_BOTH = 150
"""Columns of a screen with room for the loop beside a lesson."""


class LessonPane(VerticalScroll, can_focus=False):
    """Hidden until ``open``; its lower edge says how to go on, back, and out of the lesson."""

    DEFAULT_CSS = f"""
    LessonPane {{
        display: none;
        layout: horizontal;
        width: 1fr;
        height: auto;
        min-height: {PAGE_LINES + 2};
        max-height: 100%;
        border: round $primary;
        border-title-color: $primary;
        border-title-style: bold;
        border-subtitle-color: $foreground;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        &.-opened {{ display: block; }}
        & > .outline {{ display: none; width: {OUTLINE_WIDTH}; color: $foreground 70%; }}
        &.-roomy > .outline {{ display: block; }}
        & > .page {{ width: 1fr; max-width: 100; height: auto; }}
    }}
    """

    def __init__(self, *, ascii_only: bool, remapped: Mapping[str, str]) -> None:
        """``remapped`` are the keys that actions have instead of their own, by name."""
        super().__init__(id="lesson")
        self.opened: OpenLesson | None = None
        """The lesson that is open."""
        self._ascii, self._remapped = ascii_only, remapped
        self._outline, self._page = Static(classes="outline"), Static(classes="page")

    def compose(self) -> ComposeResult:
        """The headings of all pages, for which there may be room, and the text of one."""
        yield self._outline
        yield self._page

    def open(self, lesson: Lesson, live: RemoteComparison) -> None:
        """Set ``live`` up for ``lesson`` and show its first page."""
        self.opened = OpenLesson(lesson, live)
        self._show(self.opened)

    def turn(self, pages: int) -> None:
        """Go on by so many pages, or back where negative."""
        if self.opened is not None:
            self.opened.turn(pages)
            self._show(self.opened)

    def close(self) -> None:
        """Close the lesson; the comparison stays as it is."""
        self.opened = None
        self.keep_up()

    def keep_up(self) -> None:
        """Close a lesson that is about something else than is trained by now."""
        if not self.is_attached:  # nothing was opened yet
            return
        if self.opened is not None and self.opened.outdated:
            self.opened = None
        opened = self.opened is not None
        self.set_class(opened, "-opened")
        self.screen.set_class(opened, "-lesson")
        self.screen.set_class(opened and self.screen.size.width < ROOM_FOR_BOTH, "-lesson-alone")

    def _show(self, opened: OpenLesson) -> None:
        page, index = opened.page, opened.index
        self.border_title = self._text(f"{opened.lesson.title} · {page.heading}")
        self._show_hints(opened)
        outline = Text()
        for number, one in enumerate(opened.lesson.pages):
            mark, style = ("▶", "bold") if number == index else (" ", "")
            outline.append(self._text(f"{mark} {number + 1} {one.heading}\n"), style)
        outline.right_crop(1)
        self._outline.update(outline)
        self._page.update(Text(self._text(page.text)))
        self.scroll_home(animate=False)
        self.keep_up()

    def _show_hints(self, opened: OpenLesson) -> None:
        """Where one is, and how to go on and to leave: the last of that is never left out."""
        from zgtui.lessons import LESSONS  # noqa: PLC0415 - at its first use

        lessons, index, count = list(LESSONS.values()), opened.index, len(opened.lesson.pages)
        number = lessons.index(opened.lesson) + 1 if opened.lesson in lessons else 0
        lesson = f"Lesson {number} of {len(lessons)}" if number else ""
        back = '[@click="screen.move(-1)"]Left: back[/]' if index else ""
        page, short = f"page {index + 1} of {count}", f"{index + 1}/{count}"
        on = '[@click="screen.move(1)"]Right: next[/]' if index + 1 < count else ""
        leave = "[@click=screen.close]Esc: close[/]"
        ways = (
            (lesson, back, page, on, leave),
            (back, page, on, leave),
            (page, on or back, leave),
            (short, on or back, leave),
            (on or back, leave),
        )
        hints = [self._text(" · ".join(filter(None, parts))) for parts in ways]
        room = self.outer_size.width - BORDER
        fitting = (one for one in hints if cell_len(MARKUP.sub("", one)) <= room)
        self.border_subtitle = next(fitting, hints[-1])

    def _text(self, text: str) -> str:
        said = with_keys(text, self._remapped)
        return ascii_text(said) if self._ascii else said

    def on_resize(self, event: Resize) -> None:
        """Show the outline where there is room, and as much as there is room for below."""
        self.set_class(event.size.width >= ROOMY, "-roomy")
        if self.opened is not None:
            self._show_hints(self.opened)
