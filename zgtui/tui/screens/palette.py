"""The command palette: found by name, by what a command does, and by experiment and lesson."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.errors import NoWidget
from textual.geometry import Region
from textual.widget import Widget

from zgtui.tui.screens.closing import ClosesOnce

BY_DESCRIPTION = 0.5
"""How well a command fits whose description holds all the words typed; a name fits up to 1."""


class Commands(ClosesOnce, CommandPalette):
    """The command palette."""

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """Where a terminal that has shrunk has nothing, a click is one beside the palette."""
        try:
            return super().get_widget_at(x, y)
        except NoWidget:
            return self, self.region

    def _action_command_list(self, action: str) -> None:
        # Before the list is drawn there is no page to move by.
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    def _watch__list_visible(self) -> None:
        # What was searched may be found when the list is gone, as the app ends.
        if self.query(CommandList):
            super()._watch__list_visible()


class CommandProvider(Provider):
    """All system commands of the app; those that are not shown at once are found by typing."""

    async def discover(self) -> Hits:
        """What is shown before anything is typed."""
        for command in sorted(self.app.get_system_commands(self.screen), key=lambda one: one.title):
            if command.discover:
                yield DiscoveryHit(command.title, command.callback, help=command.help)

    async def search(self, query: str) -> Hits:
        """Commands whose name is like ``query``, or whose description holds each word of it."""
        matcher, words = self.matcher(query), query.lower().split()
        for command in self.app.get_system_commands(self.screen):
            likeness = matcher.match(command.title)
            said = f"{command.title} {command.help}".lower()
            if all(word in said for word in words):
                likeness = max(likeness, BY_DESCRIPTION)
            if likeness > 0:
                name = matcher.highlight(command.title)
                yield Hit(likeness, name, command.callback, help=command.help)
