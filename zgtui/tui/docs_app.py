"""The app of ``zgtui docs``: the reference."""

from __future__ import annotations

from zgtui.tui.base_app import BaseApp
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.docs_screen import DocsScreen


class DocsApp(BaseApp[DocsScreen]):
    """The reference, beginning with the topic ``name``."""

    PLACE = "docs"

    def __init__(self, name: str, display: Display | None = None) -> None:
        super().__init__(display or Display())
        self.main_screen = DocsScreen(name)
