"""The keys at the bottom of a screen: one line, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from zgtui.lazy_dataclass import dataclass
from zgtui.tui.keys import KEYS

ALWAYS = ("app.help", "app.quit")
"""What stays, however narrow the screen is."""
_RANKS = {key.name: at for at, key in enumerate(KEYS)}
_WIDE = {key.name for key in KEYS if key.wide}


@dataclass(frozen=True)
class FooterKey:
    """A key of the screen, and the word for what it does.

    Neighbours of one ``group`` have one word in common. Those that are not ``usual`` are shown
    where there is room.
    """

    name: str
    press: str
    display: str
    description: str
    action: str
    tooltip: str
    group: str
    usual: bool
    enabled: bool


@dataclass(frozen=True)
class Placed:
    """A key at its column, with what is written behind it."""

    column: int
    key: FooterKey
    words: str

    @property
    def width(self) -> int:
        """Cells that can be clicked: of a group the keys alone."""
        words = 0 if self.key.group else cell_len(self.words)
        return cell_len(self.key.display) + words

    @property
    def end(self) -> int:
        """The column behind it and its words."""
        return _end_of(self.column, self.key, self.words)


class KeyFooter(Widget):
    """The keys that its screen has now.

    One widget for all of them: with a widget for each, the first frame takes a third longer.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $panel;
        pointer: pointer;
    }
    """

    keys: reactive[tuple[FooterKey, ...]] = reactive(())
    """All that there are, in the order of their table."""
    now: reactive[Mapping[str, str]] = reactive[Mapping[str, str]]({})
    """Words for the keys that matter now, by name, the most first; empty for one without use."""
    pointed: reactive[str] = reactive("")
    """The action that the mouse is over; empty where it is over none."""

    def __init__(self) -> None:
        super().__init__()
        self._placed: list[Placed] = []
        self._placed_of: object = None

    def on_mount(self) -> None:
        """Keep up with the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self.bindings_changed)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys of ``screen``; under a dialog its own stay."""
        shown = screen is self.screen and (screen.app.app_focus or not self.keys)
        if self.is_attached and shown:
            self.keys = tuple(self._keys_of(screen))

    def watch_now(self) -> None:
        """Other keys matter."""
        self.bindings_changed(self.screen)

    def _keys_of(self, screen: Screen[object]) -> Iterator[FooterKey]:
        found: dict[str, FooterKey] = {}
        for _, key, enabled, tooltip in screen.active_bindings.values():
            name = key.id or ""
            words = self.now.get(name, key.description if key.show or name in _WIDE else "")
            if key.action not in found and words:
                found[key.action] = FooterKey(
                    name=name,
                    press=key.key,
                    display=self.app.get_key_display(key),
                    description=words,
                    action=key.action,
                    tooltip=tooltip or key.description,
                    group=key.group.description if key.group and key.show else "",
                    usual=key.show or name in self.now,
                    enabled=enabled,
                )
        yield from sorted(found.values(), key=lambda key: _RANKS.get(key.name, -1))

    @property
    def placed(self) -> list[Placed]:
        """What there is room for: the usual keys first, and none of ``ALWAYS`` left out."""
        asked = (self.keys, self.size.width)  # other words for now are other keys
        if asked != self._placed_of:
            self._placed_of, self._placed = asked, self._place(*asked)
        return self._placed

    def _place(self, keys: tuple[FooterKey, ...], width: int) -> list[Placed]:
        now = {name: at for at, name in enumerate(self.now)}
        by_rank = sorted(
            keys,
            key=lambda key: (key.action not in ALWAYS, now.get(key.name, len(now)), not key.usual),
        )
        taken: set[str] = set()
        for key in by_rank:
            tried = [one for one in keys if one.action in taken or one is key]
            *_, last = _in_columns(tried)
            if _end_of(*last) <= width:
                taken.add(key.action)
            elif key.usual:
                break  # a shorter one that matters less does not take its place
        return _placed([key for key in keys if key.action in taken])

    def key_at(self, column: int) -> FooterKey | None:
        """The key that is drawn there."""
        at = (one.key for one in self.placed if 0 <= column - one.column < one.width)
        return next(at, None)

    def render(self) -> Content:
        """One line."""
        parts: list[str | tuple[str, str]] = []
        column = 0
        for one in self.placed:
            state = "" if one.key.enabled else " dim"
            if one.key.action == self.pointed:
                state += " on $block-hover-background"
            parts += [
                " " * (one.column - column),
                (one.key.display, f"bold $footer-key-foreground{state}"),
                (one.words, f"$footer-description-foreground{state}"),
            ]
            column = one.end
        return Content.assemble(*parts)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what the key there does."""
        key = self.key_at(event.x)
        self.pointed = key.action if key else ""
        self.tooltip = key.tooltip if key else None

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self.pointed = ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key there; what it does is not to be covered by words on it."""
        self.tooltip = None
        key = self.key_at(event.x)
        if key is None or not key.enabled:
            self.app.bell()
        else:
            self.app.simulate_key(key.press)


def _end_of(column: int, key: FooterKey, words: str) -> int:
    """The column behind ``key`` at ``column``, and behind its ``words``."""
    return column + cell_len(key.display) + cell_len(words)


def _placed(keys: Iterable[FooterKey]) -> list[Placed]:
    """All of ``keys`` side by side, from the first column on."""
    return [Placed(*one) for one in _in_columns(keys)]


def _in_columns(keys: Iterable[FooterKey]) -> Iterator[tuple[int, FooterKey, str]]:
    """The column of each, the key itself, and what is written behind it."""
    column = 0
    for group, members in groupby(keys, key=lambda key: key.group):
        together = list(members)
        for key in together:
            words = key.description if not group else group if key is together[-1] else ""
            written = f" {words}" if words else ""
            yield column, key, written
            column = _end_of(column, key, written) + bool(words)
