"""The training step as it runs, with what each run makes of its zero_grad line."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from zgtui.settings import RUNS, Clearing, RunName
from zgtui.tui.lesson_source import loop_lines
from zgtui.tui.palette import run_colour
from zgtui.tui.wording import clearing_note


class CodePane(Static):
    """Shows the source of the training step; ``show`` says when each run clears."""

    DEFAULT_CSS = """
    CodePane {
        width: auto;
        height: auto;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        padding: 0 1;
        text-wrap: nowrap;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="code")
        self.border_title = "the loop"
        self._loops = {False: loop_lines(), True: loop_lines("train_step_in_parts")}
        self._shown: tuple[dict[RunName, Clearing], bool, bool] | None = None

    def show(self, clearing: dict[RunName, Clearing], *, in_parts: bool, dark: bool) -> None:
        """Show the loop for runs with these policies; nothing is drawn where nothing changed.

        ``in_parts``: a run accumulates gradients or clips them.
        """
        if (clearing, in_parts, dark) == self._shown:
            return
        self._shown = (dict(clearing), in_parts, dark)
        notes = clearing_note(clearing["A"], clearing["B"])
        code = Text()
        for line in self._loops[in_parts]:
            clears = "zero_grad" in line
            code.append(line, "bold" if clears else "")
            if clears:
                for name in RUNS:
                    code.append(f"  {notes[name]}", run_colour(name, dark=dark))
            code.append("\n")
        code.right_crop(1)
        self.update(code)
