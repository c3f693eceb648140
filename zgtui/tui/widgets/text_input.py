"""A line to type in that takes fast hands and slow lines, where many keys come at once."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input


class TextInput(Input):
    """Does what keys mean in the order in which they were pressed.

    Textual inserts a letter where it arrives, but lets other keys go up to the app before it does
    what they mean: of several keys at once, backspace would delete the letter pressed after it.
    """

    async def _on_key(self, event: Key) -> None:
        """Carry out a key of the input here; Textual's own handler has the letters."""
        if event.is_printable:
            return
        for bound in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(bound.action, self):  # not so where it does not apply
                event.stop()
                event.prevent_default()
                return
