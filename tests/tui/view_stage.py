"""The app of tables, as a test reads and drives it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from textual.pilot import Pilot
from textual.widgets import Static

from tests.support.tables import (
    open_recording,
)
from tests.support.waiting import until_then
from zgtui.tui.screens.view_screen import ViewDisplay
from zgtui.tui.view_app import ViewApp
from zgtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Viewer:
    """A running app with what a user sees of it."""

    def __init__(self, app: ViewApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def until(self, condition: Callable[[], object]) -> None:
        await until_then(condition, self.text, self.pilot.pause)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def text(self) -> str:
        """Everything on the screen, line by line."""
        screen = self.app.screen
        width, height = screen.size
        lines = [
            "".join(segment.text for segment in line)[:width]
            for line in screen._compositor.render_strips()
        ]
        assert len(lines) == height
        return "\n".join(lines)

    def numbers(self) -> list[str]:
        return [str(one.content) for one in self.app.main_screen.query(".numbers").results(Static)]

    def shows(self, beginning: str) -> bool:
        """Whether every pane's numbers begin so."""
        numbers = self.numbers()
        return bool(numbers) and all(words.startswith(beginning) for words in numbers)

    def status(self) -> str:
        return self.app.main_screen.query_one(StatusBar).told

    def drawn(self, pane: int = 0) -> tuple[list[float], list[float]]:
        """The points of a pane's first curve."""
        chart = self.app.main_screen.panes[pane].chart
        steps, losses = chart.curves[0].source.points(10_000, 1, 10_000_000)
        return list(steps), list(losses)


@asynccontextmanager
async def _viewing(
    paths: list[Path], size: tuple[int, int] = (80, 24), **options: object
) -> AsyncIterator[Viewer]:
    display = ViewDisplay(fps=30, **options)  # type: ignore[arg-type] # each test gives what fits
    app = ViewApp([open_recording(path, follow=display.follow) for path in paths], display)
    async with app.run_test(size=size) as pilot:
        viewer = Viewer(app, pilot)
        if not display.follow:
            await viewer.until(lambda: app.main_screen.complete and len(app.main_screen.panes))
            await viewer.until(lambda: "reading" not in viewer.status())
            app.main_screen.update_all()  # with all that has been read
            await pilot.pause()
        yield viewer


def viewing(
    *paths: Path, size: tuple[int, int] = (80, 24), **options: object
) -> AbstractAsyncContextManager[Viewer]:
    return _viewing(list(paths), size, **options)
