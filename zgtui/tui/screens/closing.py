"""Screens that are closed once, however many keys and clicks ask for it at once."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class ClosesOnce:
    """A screen that goes, with its result, only while it is the one on top.

    Keys and clicks that come faster than one is done all reach the same screen: the first closes
    it, and the others would close whatever is below, which for the lowest ends the app. It comes
    first among the bases, and is no widget itself: the style of a widget is that of its first base.
    """

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close with ``result``; nothing where it is closed already, or something is above."""
        assert isinstance(self, Screen)
        if self.app.screen is not self:
            return AwaitComplete()
        return Screen.dismiss(self, result)
