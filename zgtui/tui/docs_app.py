"""The app of ``zgtui docs``: the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zgtui.tui.base_app import BaseApp
from zgtui.tui.screens.chart_screen import STATES, Display
from zgtui.tui.screens.docs_screen import DocsScreen

if TYPE_CHECKING:
    from textual.types import CSSPathType


class DocsApp(BaseApp[DocsScreen]):
    """The reference, beginning with the topic ``name``."""

    PLACE = "docs"
    CSS_PATH: ClassVar[CSSPathType | None] = ["app.tcss", STATES]

    def __init__(self, name: str, display: Display | None = None) -> None:
        super().__init__(display or Display())
        self.main_screen = DocsScreen(name)
