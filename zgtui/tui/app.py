"""The app of ``zgtui``: two runs side by side, and the map of where each loop is stable."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.screen import Screen

from zgtui.config.settings import Clearing, MapAxis, Settings
from zgtui.experiments import EXPERIMENTS
from zgtui.outputs.followers import Followers
from zgtui.tui.keys import KeyPlace
from zgtui.tui.live_app import LiveApp
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.train_screen import ComparisonScreen
from zgtui.worker.client import ClientFactory

if TYPE_CHECKING:
    from zgtui.lessons.lesson import Lesson
    from zgtui.tui.screens.map_screen import MapScreen

TAIL = 20
"""Steps whose losses are copied."""


class ZgtuiApp(LiveApp[ComparisonScreen, RemoteComparison]):
    """Two runs side by side, live."""

    PLACE = "train"

    def __init__(  # noqa: PLR0913 - what is trained and how it is shown, one by one
        self,
        settings: Settings,
        make_client: ClientFactory,
        display: Display | None = None,
        *,
        running: bool = True,
        followers: Followers | None = None,
        map_of: tuple[MapAxis, Clearing] | None = None,
        lesson: Lesson | None = None,
    ) -> None:
        """``map_of`` are the rows and the policy of the map to show first, or it is ``lesson``."""
        display = display or Display()
        super().__init__(display)
        self.live = RemoteComparison(settings, make_client, self, running=running)
        self.show(ComparisonScreen(self.live, display), followers)
        self._map: MapScreen | None = None
        self._map_of, self._lesson = map_of, lesson

    @property
    def map_screen(self) -> MapScreen | None:
        """The map, while it is shown."""
        return self._map if self._map in self.screen_stack else None

    @property
    def keyed_screen(self) -> tuple[KeyPlace, Screen[None]]:
        """The map's while it is shown."""
        shown = self.map_screen
        return super().keyed_screen if shown is None else ("map", shown)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """With every experiment and lesson, which are found by typing."""
        yield from super().get_system_commands(screen)
        yield SystemCommand("copy verdict", "Copy the verdict on both runs", self._copy_verdict)
        yield SystemCommand(
            "copy newest losses",
            f"Copy the newest {TAIL} losses of both runs as CSV",
            self._copy_tail,
        )
        for name, entry in EXPERIMENTS.items():
            train = partial(self.main_screen.train_experiment, name)
            told = f"{entry.summary}. {entry.description}"
            yield SystemCommand(f"experiment: {name}", told, train, discover=False)
        from zgtui.lessons import LESSONS  # noqa: PLC0415 - at its first use

        for lesson in LESSONS.values():
            begin = partial(self.main_screen.open_lesson, lesson)
            yield SystemCommand(f"lesson: {lesson.title}", lesson.claim, begin, discover=False)

    async def _copy_verdict(self) -> None:
        from zgtui.explain.verdict import verdict  # noqa: PLC0415 - at its first use

        await self.copy_text(verdict(self.live.outcome))

    async def _copy_tail(self) -> None:
        a, b = (run.history.tail(TAIL) for run in self.live.runs.values())
        count, last = min(len(a), len(b)), self.live.step
        rows = zip(range(last - count + 1, last + 1), a[-count:], b[-count:], strict=True)
        lines = [f"{step},{one!r},{other!r}" for step, one, other in rows if count]
        await self.copy_text("\n".join(["step,loss_a,loss_b", *lines]) + "\n" if lines else "")

    def start_training(self) -> None:
        """Start what was asked for: a lesson starts its own comparison."""
        if self._lesson is None:
            super().start_training()
        else:
            self.main_screen.open_lesson(self._lesson)

    def begin(self) -> None:
        """Start training, and show the map first where it was asked for."""
        super().begin()
        if self._map_of is not None:
            axis, clearing = self._map_of
            self._show_map(axis=axis, clearing=clearing)

    def _show_map(self, **rows: Any) -> None:
        from zgtui.tui.screens.map_screen import MapScreen  # noqa: PLC0415 - most never open it

        self._map = MapScreen(self.live, ascii_only=self.display_options.ascii_only, **rows)
        self.push_screen(self._map)

    def action_map(self) -> None:
        """Show where each loop is stable, or close the map."""
        shown = self.map_screen
        if shown is None:
            self._show_map()
        else:
            shown.dismiss()

    def action_export(self) -> None:
        """Ask where to write the loss table, or the map."""
        shown = self.map_screen
        if shown is None:
            super().action_export()
        else:
            shown.ask_export()

    def action_picture(self) -> None:
        """Ask where to draw the losses, or the map."""
        shown = self.map_screen
        if shown is None:
            super().action_picture()
        else:
            shown.ask_picture()

    async def action_copy_script(self) -> None:
        """Copy a script that trains these runs, and ask where to save it."""
        await self.files.copy_script()
