"""The app of the reference, as a test reads and drives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.support.waiting import until_then
from zgtui.docs import page
from zgtui.tui.docs_app import DocsApp
from zgtui.tui.screens.docs_screen import DocsScreen


class Reader:
    """A running app with what its user sees."""

    def __init__(self, app: DocsApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> DocsScreen:
        return self.app.main_screen

    @property
    def place(self) -> str:
        """The line at the top."""
        return str(self.screen.query_one("#place", Static).content)

    @property
    def text(self) -> str:
        """Everything on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    @property
    def messages(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def search(self, term: str) -> None:
        await self.press("slash")
        self.screen.query_one(Input).value = term
        await self.press("enter")

    async def until(self, condition: Callable[[], object]) -> None:
        await until_then(condition, lambda: self.text, self.pilot.pause)

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts))

    async def click(self, text: str) -> None:
        """Click where ``text`` stands on the screen."""
        await self.shows(text)
        for y, line in enumerate(self.text.split("\n")):
            if text in line:
                await self.pilot.click(offset=(line.index(text), y))
                await self.pilot.pause()
                return


@asynccontextmanager
async def reading(name: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Reader]:
    app = DocsApp(name)
    async with app.run_test(size=size, notifications=True) as pilot:
        reader = Reader(app, pilot)
        title = page(name).text.split("\n")[0].strip("# ")
        await reader.shows(title)
        yield reader
