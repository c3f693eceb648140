"""The app of ``zgtui run``: both runs of a script."""

from __future__ import annotations

from zgtui.outputs.followers import Followers
from zgtui.tui.live_app import LiveApp
from zgtui.tui.model.script_live import LaunchedScripts, LiveScripts
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.run_screen import ScriptsScreen


class ScriptsApp(LiveApp[ScriptsScreen, LiveScripts]):
    """Both runs of a script, live."""

    PLACE = "run"

    def __init__(
        self,
        comparison: LaunchedScripts,
        display: Display | None = None,
        *,
        followers: Followers | None = None,
    ) -> None:
        display = display or Display()
        super().__init__(display)
        self.live = LiveScripts(comparison, self)
        self.show(ScriptsScreen(self.live, display), followers)
