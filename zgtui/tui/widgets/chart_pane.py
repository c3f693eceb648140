"""A chart with its words below it, where they never cover a curve: of a run, or of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from zgtui.charts.words import ascii_text
from zgtui.config.settings import RunName
from zgtui.lazy_dataclass import dataclass
from zgtui.tui.widgets.chart import LossChart
from zgtui.tui.widgets.explanation_pane import MORE, more_of
from zgtui.tui.widgets.titled import Titled

if TYPE_CHECKING:
    from textual.widgets import Digits

Words = tuple[tuple[str, str], ...]
"""Texts with their styles; a style is a colour, ``bold`` or nothing."""


@dataclass(frozen=True, kw_only=True)
class ChartView:
    """What a pane shows beside its curves, in words."""

    title: str
    numbers: Words
    state: str
    alarming: bool = False
    big: str = ""
    """The loss again, in characters that large digits are made of."""
    badge: str = ""
    """What a run started from and where, as short hashes."""
    different_init: bool = False
    """Whether the runs started from different weights."""


@dataclass(frozen=True)
class Note:
    """What is special of a chart; a click on it does ``action``, which takes it back."""

    text: str
    action: str = ""
    coloured: Words = ()
    """``text`` in pieces with their colours, where it has any."""
    short: str = ""
    """The same in fewer words, where there are any."""


def run_numbers(loss: str, lr: str, *, accuracy: str = "", name: str = "") -> Words:
    """The numbers of a run; its ``name`` stands there where there is no room for a title."""
    found = (name, "bold"), ("loss ", ""), (loss, "bold")
    known = (f"   acc {accuracy}", "") if accuracy else ("", "")
    return (*found, known, (f"   lr {lr}", ""))


def fitting_words(words: Words, width: int) -> Words:
    """``words`` without the last ones that there is no room for: none is cut."""
    while len(words) > 1 and sum(cell_len(text) for text, _ in words) > width:
        words = words[:-1]
    return words


GAP = "   "
"""Between what stands side by side."""


def packed(words: Words, width: int, rows: int, sign: str = MORE) -> Text:
    """``words`` on up to ``rows`` lines, each curve with its glyph and its number on one of them.

    Where there is no room for all, the last are left out, and a ``sign`` says so if it fits.
    """
    items = [_within(item, width, sign) for item in _items(words)]
    lines: list[Text] = []
    for at, item in enumerate(items):
        more = len(GAP + sign) if len(lines) == rows and at + 1 < len(items) else 0
        if lines and lines[-1].cell_len + len(GAP) + item.cell_len + more <= width:
            lines[-1] = Text.assemble(lines[-1], GAP, item)
        elif len(lines) < rows:
            lines.append(item)
        else:
            fits = lines[-1].cell_len + len(GAP + sign) <= width
            lines[-1] = Text.assemble(lines[-1], GAP, sign) if fits else lines[-1]
            break
    return Text("\n").join(lines)


def _items(words: Words) -> list[Text]:
    """What stands between gaps, each with its colours."""
    found = [Text()]
    for text, style in words:
        first, *others = text.split(GAP)
        found[-1].append(first, style)
        found += [Text(other, style) for other in others]
    return [item for item in found if item.plain.strip()]


def _within(item: Text, width: int, sign: str) -> Text:
    """``item``; a name that is too long is cut, and not the number behind it."""
    excess = item.cell_len - width
    end = item.plain.rfind(" ")
    if excess <= 0 or end <= excess + len(sign):
        return item
    return Text.assemble(item[: end - excess - len(sign)], sign, item[end:])


_DETAIL = re.compile(r"( · dots)? (at|since|every|×)[^·]*$")

_FAILED = re.compile("failed |ended with exit code ")
"""How it begins where an error follows, after a colon."""


def fitting_state(state: str, width: int) -> str:
    """``state`` without what there is no room for: no number in it is cut.

    That a script failed stands there whatever its error says.
    """
    while state and cell_len(state) > width:
        shorter = _DETAIL.sub("", state)
        if shorter == state:
            shorter = state.rpartition(": " if _FAILED.match(state) else " · ")[0]
        state = shorter
    return state


SUBTITLE_EDGES = 4
"""Columns between the corners of a pane that hold none of what its lower border says."""
BETWEEN_NOTES = " · "


def fitting_notes(notes: Sequence[Note], width: int) -> Sequence[Note]:
    """``notes``, what matters most first, without the last ones that there is no room for.

    None is cut but the first one; before one is left out, all are said in fewer words.
    """
    shorter = [replace(one, text=one.short) if one.short else one for one in notes]
    for count in range(len(notes), 0, -1):
        for said in (notes[:count], shorter[:count]):
            if _is_room_for(said, width):
                return said
    return shorter[:1]


def _is_room_for(notes: Sequence[Note], width: int) -> bool:
    return cell_len(BETWEEN_NOTES.join(one.text for one in notes)) <= width


class ChartPane(Titled, Vertical, can_focus=True):
    """It can be focused, by tab or click: keys for one run then mean this one."""

    DEFAULT_CSS = """
    ChartPane {
        width: 1fr;
        height: 1fr;
        border: round $foreground 25%;
        padding: 0;
        &:focus { border-title-style: bold; }
        & > .caption {
            width: 1fr; height: 1; padding: 0 0 0 1; text-wrap: nowrap; text-overflow: ellipsis;
        }
        & > .alarming { color: $error; text-style: bold; }
    }
    """

    FITS: ClassVar[bool] = True
    """Whether its numbers stand on one line, from which the last are left out if need be."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.chart = LossChart()
        self._numbers = Static(classes="caption numbers")
        self._state = Static(classes="caption state")
        self._view: ChartView | None = None
        self._notes: tuple[Note, ...] = ()

    def on_resize(self) -> None:
        """There may be room for more, or for less."""
        if self._view is not None:
            self._fit(self._view)
            self._show_subtitle()

    def _fit(self, view: ChartView) -> None:
        width = self.content_size.width - 1
        if self.FITS:
            numbers = Text.assemble(*fitting_words(view.numbers, width))
        else:
            numbers = packed(view.numbers, width, self._rows, more_of(self))
        # Where it has one line its size stays: laying out the screen costs more than the text.
        self._numbers.update(numbers, layout=not self.FITS)
        self._state.update(Text(fitting_state(view.state, width)), layout=False)

    @property
    def _rows(self) -> int:
        """Lines that the numbers may take."""
        styles = self._numbers.styles
        most = styles.max_height.cells if styles.is_auto_height and styles.max_height else None
        return most or 1

    def compose(self) -> ComposeResult:
        """Chart, then the numbers and the state."""
        yield self.chart
        yield self._numbers
        yield self._state

    def show(self, view: ChartView) -> None:
        """Show ``view``; costs nothing where it is the one already shown."""
        before, self._view = self._view, view
        if view == before:
            return
        if before is None or before.title != view.title:
            self.entitle("border_title", view.title.replace("[", "\\["))
        if before is None or (before.numbers, before.state) != (view.numbers, view.state):
            self._fit(view)
        self._state.set_class(view.alarming, "alarming")
        if before is None or (before.badge, before.different_init) != (
            view.badge,
            view.different_init,
        ):
            self.set_class(view.different_init, "-different-init")
            self._show_subtitle()

    def note(self, notes: Sequence[Note] = ()) -> None:
        """Say ``notes`` of the axes at the lower border."""
        if tuple(notes) != self._notes:
            self._notes = tuple(notes)
            self._show_subtitle()

    @property
    def noted(self) -> str:
        """What stands at the lower border."""
        return BETWEEN_NOTES.join(note.text for note in self._subtitle())

    def _subtitle(self) -> Sequence[Note]:
        """The notes, then what the run started from where there is room for both."""
        badge = self._view.badge if self._view is not None else ""
        parts = [*self._notes, *([Note(badge)] if badge else [])]
        width = self.size.width - SUBTITLE_EDGES
        if _is_room_for(parts, width) or not self._notes:
            return parts
        return fitting_notes(self._notes, width)

    def _show_subtitle(self) -> None:
        ascii_only = self.app.has_class("-ascii")
        shown = ascii_text if ascii_only else str
        parts = [
            Content.assemble(
                *((shown(text), colour) for text, colour in note.coloured or ((note.text, ""),))
            ).stylize(Style.from_meta({"@click": note.action}) if note.action else "")
            for note in self._subtitle()
        ]
        self.entitle("border_subtitle", Content(shown(BETWEEN_NOTES)).join(parts))


class SeriesPane(ChartPane):
    """One chart of a table; its numbers, which are the legend too, may take three lines."""

    FITS = False
    DEFAULT_CSS = """
    SeriesPane {
        border-title-color: $foreground 85%;
        &:focus { border: heavy $primary; border-title-color: $primary; }
        & > .numbers { height: auto; max-height: 3; }
    }
    """


class RunPane(ChartPane):
    """A run's chart; an audience sees its loss in large digits as well."""

    DEFAULT_CSS = """
    RunPane {
        border-subtitle-color: $foreground 70%;
        &.-different-init { border-subtitle-color: $error; border-subtitle-style: bold; }
        & > .big { display: none; height: 3; padding: 0 1; }
    }
    """

    def __init__(self, name: RunName) -> None:
        super().__init__(id=f"run-{name}")
        self._big: Digits | None = None

    def mount_hidden(self) -> None:
        """Mount the large digits, which only an audience sees."""
        from textual.widgets import Digits  # noqa: PLC0415 - the first frame need not wait

        self._big = Digits(classes="big")
        self.mount(self._big, before=0)

    def show(self, view: ChartView) -> None:
        """Show ``view``, the digits as well."""
        super().show(view)
        # Digits lay out the screen anew with each number, which costs as much as a chart.
        if self._big is not None and self._big.display and view.big != self._big.value:
            self._big.update(view.big)
