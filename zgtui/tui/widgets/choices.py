"""A list to choose from, at any size."""

from __future__ import annotations

from textual.widgets import OptionList


class Choices(OptionList):
    """Its lines are counted once it has room; until then there is no page to move by."""

    def action_page_up(self) -> None:
        """Move up by a page."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual leaves it so

    def action_page_down(self) -> None:
        """Move down by a page."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]  # Textual leaves it so
