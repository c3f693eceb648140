"""The app that shows the reference."""

from __future__ import annotations

from textual.screen import Screen

from zgtui.tui.base import BaseApp
from zgtui.tui.keys import DOCS_KEYS
from zgtui.tui.screens.docs import DocsScreen

INTRODUCTION = "The reference of zgtui. Links can be clicked; t lists all topics."


class DocsApp(BaseApp):
    """Shows the topic ``name`` first."""

    def __init__(self, name: str, theme: str = "zgtui-dark") -> None:
        super().__init__(theme, DOCS_KEYS, INTRODUCTION, ascii_only=False)
        self._name_of_topic = name

    def get_default_screen(self) -> Screen[None]:
        """The topic."""
        return DocsScreen(self._name_of_topic)

    def on_mount(self) -> None:
        """End in order on every signal that asks for it."""
        self.end_on_signals(lambda number: self.exit(return_code=128 + number))
