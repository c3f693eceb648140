"""Hands faster than any screen: several keys and clicks reach the app before it has done the first.

The pilot waits after each key until all is quiet; a paste, a held key or a slow line does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.keys import _character_to_key

Press: TypeAlias = "str | tuple[int, int]"
"""A key by its name or character, or the cell of a click."""


def burst(app: App[Any], presses: Iterable[Press]) -> None:
    """Have all ``presses`` wait for ``app`` at once."""
    driver = app._driver
    assert driver is not None
    for press in presses:
        for event in _events(press):
            event.set_sender(app)
            driver.send_message(event)


def resize(app: App[Any], columns: int, rows: int) -> None:
    """Have the terminal of ``app`` be of another size from now on."""
    assert app._driver is not None
    size = Size(columns, rows)
    app._driver._size = size
    app.post_message(events.Resize(size, size))


def wheel(
    app: App[Any],
    at: tuple[int, int],
    kind: type[events.MouseEvent] = events.MouseScrollUp,
    **keys: bool,
) -> None:
    """Turn the wheel at a cell, up unless another ``kind`` is given; ``ctrl`` or ``shift`` held."""
    driver = app._driver
    assert driver is not None
    event = _mouse(kind, *at, **keys)
    event.set_sender(app)
    driver.send_message(event)


def _events(press: Press) -> list[events.Event]:
    if isinstance(press, str):
        key = _character_to_key(press) if len(press) == 1 else press
        character = press if len(press) == 1 else " " if press == "space" else None
        return [events.Key(key, character)]
    kinds: tuple[type[events.MouseEvent], ...] = (
        events.MouseMove, events.MouseDown, events.MouseUp
    )  # fmt: skip
    return [_mouse(kind, *press) for kind in kinds]


def _mouse(
    kind: type[events.MouseEvent], x: int, y: int, *, shift: bool = False, ctrl: bool = False
) -> events.MouseEvent:
    button = 1 if kind in (events.MouseDown, events.MouseUp) else 0
    return kind(
        widget=None, x=x, y=y, delta_x=0, delta_y=0, button=button, shift=shift, meta=False,
        ctrl=ctrl, screen_x=x, screen_y=y, style=None,
    )  # fmt: skip
