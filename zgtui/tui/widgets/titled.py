"""Borders whose titles change often: with each key, or each frame."""

from __future__ import annotations

from typing import Any

from textual.content import ContentText
from textual.geometry import Region
from textual.widget import Widget


class Titled(Widget):
    """Draws no more than a border anew where a title in it changes.

    Textual draws the whole widget, and sends what lies on it as well.
    """

    _changing: str = ""

    def entitle(self, border: str, title: ContentText) -> None:
        """Give ``border``, that is ``border_title`` or ``border_subtitle``, the words ``title``."""
        self._changing = border
        try:
            setattr(self, border, title)
        finally:
            self._changing = ""

    def refresh(self, *regions: Region, **how: Any) -> Any:
        """Draw what changed, of a title its row."""
        width, height = self.outer_size
        if self._changing and height:
            row = 0 if self._changing == "border_title" else height - 1
            regions = (Region(0, row, width, 1).translate(-self.content_offset),)
        return super().refresh(*regions, **how)
