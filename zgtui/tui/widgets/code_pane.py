"""The training step as it runs, with what each run makes of its zero_grad line."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text
from textual.widgets import Static

import zgtui
from zgtui.charts.colours import run_colour
from zgtui.charts.words import clearing_note
from zgtui.config.settings import RUNS, Clearing, RunName
from zgtui.lazy_dataclass import dataclass
from zgtui.tui.widgets.explanation_pane import MORE, more_of

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions


@cache
def loop_lines(function: str = "train_step") -> tuple[str, ...]:
    """The statements of ``function`` in `zgtui.training.step`, without heading and return."""
    # To ask for the module would import the package that it is in.
    source = Path(zgtui.__file__).with_name("training").joinpath("step.py").read_text("utf-8")
    step = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == function
    )
    statements = [
        node for node in step.body if not isinstance(node, ast.Return) and node is not step.body[0]
    ]
    lines = source.splitlines()[statements[0].lineno - 1 : statements[-1].end_lineno]
    return tuple(textwrap.dedent("\n".join(lines)).splitlines())


BREAK = re.compile(r"(?<=\S)(?<!  [AB]) +|(?<=[.(])(?=\w)")
"""Where a line may go on below: between words and inside of calls, not between A and its note."""
HANGING = 4
"""Columns by which what goes on below is indented further."""


class Code:
    """Lines of Python that fit any width without a break inside of a name.

    They go on below, or where they are to be ``short`` they are cut, and ``more`` says so.
    """

    def __init__(self, text: Text, *, short: bool, more: str = MORE) -> None:
        self.text, self._short, self._more = text, short, more
        self._lines = text.split("\n", allow_blank=True)
        self._rows: dict[int, int] = {}
        """How many it takes in so many columns."""

    def __rich_measure__(self, _console: Console, _options: ConsoleOptions) -> Measurement:
        """As wide as the longest line."""
        return Measurement(min(self._widest, HANGING), self._widest)

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """A line each."""
        for part in self._parts(options.max_width):
            part.no_wrap, part.overflow = True, "crop"  # a name that is wider than the pane
            yield part

    def takes(self, width: int) -> tuple[int, int]:
        """The columns it takes where there is room, and the rows that it takes in ``width``."""
        if width not in self._rows:
            self._rows[width] = sum(1 for _ in self._parts(width))
        return self._widest, self._rows[width]

    @cached_property
    def _widest(self) -> int:
        return max((line.cell_len for line in self._lines), default=0)

    def _parts(self, width: int) -> Iterator[Text]:
        for line in self._lines:
            yield from [cut(line, width, self._more)] if self._short else folded(line, width)


def folded(line: Text, width: int) -> Iterator[Text]:
    """``line`` in pieces of ``width`` columns, all but the first indented further than it is."""
    plain, start, lead = line.plain, 0, 0
    breaks = [found.span() for found in BREAK.finditer(plain)]
    ends = [*(end for end, _ in breaks), len(plain)]
    longest = max(
        end - begin for begin, end in zip([0, *(on for _, on in breaks)], ends, strict=True)
    )
    hang = _indentation(plain) + HANGING
    while len(plain) - start > width - lead:
        fitting = [one for one in breaks if start < one[0] <= start + width - lead]
        later = [one for one in breaks if one[0] > start]
        if not later:
            break
        end, following = fitting[-1] if fitting else later[0]
        yield Text(" " * lead).append_text(line[start:end])
        start, lead = following, max(0, min(hang, width - longest))
    yield Text(" " * lead).append_text(line[start:])


def cut(line: Text, width: int, more: str = MORE) -> Text:
    """``line``, or as much of it as fits into ``width`` columns, and ``more`` behind it."""
    if line.cell_len <= width:
        return line
    breaks = [found.span() for found in BREAK.finditer(line.plain)]
    signs = [(end, f" {more}" if following > end else more) for end, following in breaks]
    fitting = [(end, sign) for end, sign in signs if end + len(sign) <= width]
    end, sign = fitting[-1] if fitting else (max(0, width - len(more)), more)
    return line[:end].append(sign)


def _indentation(plain: str) -> int:
    """Columns before the first word of a line, or of that beside a run's letter."""
    found = re.match(r"([AB] )?\s*", plain)
    return found.end() if found else 0


CLEARS = "zero_grad"
GUTTER = 2
COLOURS = {
    True: {"keyword": "italic #d2a8ff", "call": "#79c0ff", "skipped": "strike #9aa4af"},
    False: {"keyword": "italic #6f42c1", "call": "#0b5cad", "skipped": "strike #57606a"},
}
"""Of words of the loop, and of a line that no run executes, on a dark or a light background."""
_WORDS = re.compile(r"(?P<keyword>\b(?:if|for|in|return)\b)|(?P<call>\b\w+(?=\())|(?P<name>\w+)")


@dataclass(frozen=True)
class LinePlace:
    """``run`` is in ``step``, about to do ``line`` of the loop, counted from 0."""

    run: RunName
    step: int
    line: int


@dataclass(frozen=True)
class CodeView:
    """``accumulated``: a run accumulates gradients or clips them.

    ``done`` is the step that was done last, shown where it can be followed; None elsewhere. ``at``
    is where inside of a step training is, shown in slow motion. ``whole``: there is room for a
    zero_grad line for each run. ``short``: there is none for lines that go on below. ``together``:
    both runs are trained at once, which does the same as the loop bit for bit.
    """

    clearing: tuple[Clearing, Clearing]
    accumulated: bool
    dark: bool
    done: int | None = None
    at: LinePlace | None = None
    whole: bool = False
    short: bool = False
    together: bool = False


class CodePane(Static):
    """Shows the source of the training step; ``show`` says when each run clears."""

    DEFAULT_CSS = """
    CodePane {
        width: auto;
        height: auto;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        border-subtitle-color: $foreground 70%;
        padding: 0 1;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="code")
        self.border_title = "training loop"
        self._shown: CodeView | None = None
        self._code: Code | None = None

    def show(self, view: CodeView) -> None:
        """Show the loop for runs with these policies; nothing is drawn where nothing changed."""
        if view == self._shown:
            return
        self._shown = view
        self.border_subtitle = _whereabouts(view)
        clearing = dict(zip(RUNS, view.clearing, strict=True))
        lines: list[Text] = []
        texts: dict[RunName | None, Text]
        lines_of = loop_lines("train_step_accumulated" if view.accumulated else "train_step")
        for number, line in enumerate(lines_of):
            if CLEARS not in line:
                texts = {None: highlighted(line, dark=view.dark)}
            elif view.whole:
                texts = {name: _line_of(name, clearing[name], line, view) for name in RUNS}
            else:
                texts = {None: _line_of_both(clearing, line, view)}
            if view.at is not None and view.at.line == number:
                text = texts[view.at.run if view.at.run in texts else None]
                _mark(text, line, run_colour(view.at.run, dark=view.dark))
            lines += texts.values()
        if view.whole:
            for at, text in enumerate(lines):
                if text.plain[:GUTTER] not in {f"{name} " for name in RUNS}:
                    lines[at] = Text(" " * GUTTER).append_text(text)
        self._put(Code(Text("\n").join(lines), short=view.short, more=more_of(self)))

    def _put(self, code: Code) -> None:
        """Show ``code``; of the same size it needs no layout, which costs more than the text."""
        before, self._code = self._code, code
        width = self.content_size.width
        self.update(code, layout=before is None or before.takes(width) != code.takes(width))


def _whereabouts(view: CodeView) -> str:
    if view.at is not None:
        return f"{view.at.run} in step {view.at.step:,}"
    if view.done is not None:
        return f"step {view.done:,} done"
    return "both runs at once" if view.together else ""


def _mark(text: Text, line: str, colour: str) -> None:
    """Mark ``line``, which stands in ``text``, as the one that is being done."""
    begin = text.plain.index(line) + len(line) - len(line.lstrip())
    text.stylize(f"bold reverse {colour}", begin, text.plain.index(line) + len(line))


def highlighted(line: str, *, dark: bool) -> Text:
    """``line`` of Python with its words highlighted."""
    text = Text(line)
    for found in _WORDS.finditer(line):
        style = COLOURS[dark].get(found.lastgroup or "", "")
        if style:
            text.stylize(style, *found.span())
    return text


def _line_of(name: RunName, clear: Clearing, line: str, view: CodeView) -> Text:
    """The zero_grad line of one run, struck out where that run skips it."""
    text = highlighted(line, dark=view.dark)
    code = (len(line) - len(line.lstrip()), len(line))
    text.stylize(COLOURS[view.dark]["skipped"] if not clear.period else "bold", *code)
    note = clearing_note(clear, clear)[name].split()[1]
    return Text.assemble(
        (f"{name} ", run_colour(name, dark=view.dark)),
        text,
        (f"  {note}", run_colour(name, dark=view.dark)),
    )


def _line_of_both(clearing: dict[RunName, Clearing], line: str, view: CodeView) -> Text:
    """The line once, with what each run makes of it; struck out where neither executes it."""
    text = highlighted(line, dark=view.dark)
    start = len(line) - len(line.lstrip())
    neither = not any(clear.period for clear in clearing.values())
    text.stylize(COLOURS[view.dark]["skipped"] if neither else "bold", start, len(line))
    notes = clearing_note(clearing["A"], clearing["B"])
    for name in RUNS:
        colour = run_colour(name, dark=view.dark)
        text.append("  ")
        text.append(notes[name], colour if clearing[name].period else f"strike {colour}")
    return text
