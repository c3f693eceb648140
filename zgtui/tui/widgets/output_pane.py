"""What a script printed, made safe to show: its escape sequences can do nothing here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from zgtui.config.settings import RunName
from zgtui.instrument.protocol import FILES
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.process import Ending, output_tail
from zgtui.lazy_dataclass import dataclass
from zgtui.terminal import printable

LINES = 200
"""Lines of output that are shown, the newest."""
WIDTH = 2000
"""Letters of a line that are shown, the first."""
MAX_FILES = 10
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def readable(text: str) -> str:
    """``text`` in printable letters: colours are dropped, other control characters made visible.

    Of a line that was written over by carriage returns, as progress bars do, the last state.
    """
    return "\n".join(map(_line, text.replace("\r\n", "\n").split("\n")))


def _line(line: str) -> str:
    newest = line.rstrip("\r").rpartition("\r")[2]
    return printable(_COLOUR.sub("", newest).expandtabs()[:WIDTH])


@dataclass(frozen=True)
class Output:
    """What is shown of the output of a run; ``empty`` where that is one line, which says so."""

    text: str
    empty: bool = False


def shown_output(run: LaunchedRun) -> Output:
    """The newest lines that ``run`` has printed, and how it has ended, if it has."""
    printed = readable(output_tail(run.output).decode(errors="replace")).rstrip("\n")
    lines = printed.split("\n")[-LINES:] if printed else []
    if run.ending is None:
        return Output("\n".join(lines)) if lines else Output("── printed nothing yet", empty=True)
    told, *more = ending_lines(run, run.ending)
    if not lines and not more and not run.ending.failed:
        # That it has ended stands in its pane; this one gives its rows to the charts.
        code = run.ending.exit_code
        return Output(f"── printed nothing (exit code {code})", empty=True)
    return Output("\n".join([*lines, told, *more]))


def ending_lines(run: LaunchedRun, ending: Ending) -> Iterator[str]:
    """How a run has ended and what it has written, a line each."""
    how = printable(ending.sentence).removeprefix("the script ")
    code = f"exit code {ending.exit_code}"
    yield f"── {how}" if code in how else f"── {how} ({code})"
    for frame in ending.frames:
        where = f"{Path(frame.file).name}:{frame.line} in {frame.function or '<module>'}"
        yield printable(f"   {where}: {frame.text}")
    kept = [path for path in sorted((run.folder / FILES).rglob("*")) if path.is_file()]
    if kept:
        yield printable(f"── checkpoints, redirected to {run.folder / FILES}")
        yield from _files([str(path.relative_to(run.folder / FILES)) for path in kept])
    if ending.written:
        yield "── other files written"
        yield from _files(ending.written)


def _files(paths: tuple[str, ...] | list[str]) -> Iterator[str]:
    for path in paths[:MAX_FILES]:
        yield printable(f"   {path}")
    if len(paths) > MAX_FILES:
        yield f"   and {len(paths) - MAX_FILES} more"


class OutputPane(VerticalScroll, can_focus=False):
    """Follows the end of the output unless it was scrolled away from there."""

    DEFAULT_CSS = """
    OutputPane {
        width: 1fr;
        height: 1fr;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        scrollbar-size-vertical: 1;
        & > Static { width: 1fr; height: auto; }
    }
    """

    def __init__(self, name: RunName) -> None:
        super().__init__(id=f"output-{name}")
        self.border_title = f"output of {name}"
        self._shown = ""

    def compose(self) -> ComposeResult:
        """One text, as long as it is."""
        yield Static()

    def show(self, text: str, *, empty: bool = False) -> None:
        """Show ``text``; costs nothing where it is the one already shown.

        A pane that is ``empty`` takes one row.
        """
        if text == self._shown:
            return
        self.set_class(empty, "-empty")
        self._shown = text
        at_end = self.scroll_offset.y >= self.max_scroll_y
        self.query_one(Static).update(Text(text))
        if at_end:
            self.scroll_end(animate=False)
