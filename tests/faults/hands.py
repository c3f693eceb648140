"""Hands that do anything at any time: keys, pastes, clicks and sizes, drawn from a seed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.app import App

from tests.support.hostile import HOSTILE
from tests.tui.hands import Press, burst, resize
from zgtui.tui.keys import KEYS

SEED, THINGS = "FAULTS_SEED", "FAULTS_THINGS"
"""Variables: where random hands begin, and how much they do."""
LEAVING = {"q"}
"""What ends the app; ctrl+c and ctrl+q are not drawn either."""
MOVES = (
    "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown",
    "home", "end", "backspace", "delete", "space", "ctrl+p", "ctrl+z", "f1",
)  # fmt: skip
LETTERS = "a0.19-é漢/'[\\"
PASTES = ("0.05", "12", "losses.csv", HOSTILE, "x" * 5000, "a\nb\nc", "")
QUIET_SECONDS = 20.0


class Hands:
    """Does one thing after the other to ``app``; ``done`` is what, for the message of a failure."""

    def __init__(
        self, app: App[Any], seed: int, others: Sequence[Callable[[], object]] = ()
    ) -> None:
        """``others`` are what happens beside the hands, such as training."""
        self.app = app
        self.done: list[object] = []
        self._draw = random.Random(seed)
        self._others = others
        keys = {press for key in KEYS for press in key.press.split(",")}
        self._keys: list[Press] = [*sorted(keys - LEAVING), *MOVES, *LETTERS]

    async def play(self, count: int) -> None:
        """Do ``count`` things; fewer where a click or a list has ended the app, as asked."""
        for _ in range(count):
            if not self.app.is_running:
                return
            self._do_something()
            await asyncio.sleep(0)
            if self._draw.random() < 0.3:
                await self._quiet()

    async def leave(self) -> None:
        """Whatever is shown, escape and q end it."""
        deadline = time.monotonic() + QUIET_SECONDS
        while self.app.is_running:
            assert time.monotonic() < deadline, (self.app.screen_stack, self.done[-40:])
            burst(self.app, ["escape", "q"])
            await self._quiet()

    async def _quiet(self) -> None:
        """Let the app come to what was done."""
        for _ in range(5):
            await asyncio.sleep(0.002)

    def _do_something(self) -> None:
        chance = self._draw.random()
        if chance < 0.6:
            self._note(burst, [self._press() for _ in range(self._draw.choice([1, 1, 2, 5]))])
        elif chance < 0.75:
            spot = self._draw.randrange(-1, 130), self._draw.randrange(-1, 60)
            self._note(burst, [spot] * self._draw.choice([1, 1, 3]))
        elif chance < 0.82:
            self._note(_paste, self._draw.choice(PASTES))
        elif chance < 0.9:
            large = self._draw.random() < 0.1
            self._note(
                resize,
                self._draw.randint(1, 400 if large else 130),
                self._draw.randint(1, 120 if large else 40),
            )
        elif self._others:
            self._note(lambda _app, other: other(), self._draw.choice(self._others))

    def _press(self) -> Press:
        drawn: Press = self._draw.choice(self._keys)
        return drawn

    def _note(self, act: Callable[..., object], *what: Any) -> None:
        self.done.append(what)
        act(self.app, *what)


def _paste(app: App[Any], text: str) -> None:
    event = events.Paste(text)
    event.set_sender(app)
    assert app._driver is not None
    app._driver.send_message(event)
