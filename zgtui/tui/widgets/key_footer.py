"""The keys at the bottom of a screen."""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import Footer


class KeyFooter(Footer):
    """Is built anew only when its keys changed.

    Textual's own builds every key anew whenever the focus moves or a dialog opens or closes,
    which takes a slow machine longer than drawing all the rest.
    """

    _shown: tuple[object, ...] | None = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys of ``screen`` where they are others than those shown."""
        keys = tuple(
            (key.binding, key.enabled, key.tooltip)
            for key in screen.active_bindings.values()
            if key.binding.show
        )
        if keys == self._shown:
            return
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self._shown = keys
        super().bindings_changed(screen)
