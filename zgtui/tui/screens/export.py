"""Dialogs that ask for a file: where to, and whether one that is there may be replaced."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from zgtui.errors import UsageError, ZgtuiError
from zgtui.losses.destination import check_destination, sidecar_path
from zgtui.pictures import check_picture
from zgtui.tui.screens.dialogs import Dialog


class PathDialog(Dialog[tuple[Path, bool]]):
    """Asks for a path; the result is the path and whether to replace what is there, or None."""

    title_text = ""
    hint = ""

    def __init__(self, proposal: Path) -> None:
        super().__init__()
        self._proposal = proposal
        self._warned_of: Path | None = None

    def check(self, path: Path) -> list[Path]:
        """The files to be written at ``path``; raises ZgtuiError where that cannot be."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """A path to type, and room for what is wrong with it."""
        with Vertical() as box:
            box.border_title = self.title_text
            yield Input(str(self._proposal), select_on_focus=False)
            yield Label(self.hint, classes="hint")
            yield Label("", classes="problem", markup=False)

    @on(Input.Changed)
    def forget_warning(self) -> None:
        """Another path is another question."""
        self._warned_of = None
        self.query_one(".problem", Label).update("")

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Leave with the path; where a file is there, only when asked a second time."""
        try:
            path = typed_path(event.value)
            files = self.check(path)
        except ZgtuiError as error:
            self.query_one(".problem", Label).update(str(error))
            return
        present = [file.name for file in files if file.exists()]
        if present and self._warned_of != path:
            self._warned_of = path
            self.query_one(".problem", Label).update(
                f"{' and '.join(present)} exists already: enter again replaces it"
            )
            return
        self.dismiss((path, bool(present)))


class ExportDialog(PathDialog):
    """Asks where to write a loss table."""

    title_text = "export the loss table"
    hint = "enter writes it (.csv, .tsv, .jsonl or .md) · escape leaves"

    def check(self, path: Path) -> list[Path]:
        """The table and its sidecar."""
        check_destination(path, overwrite=True)
        return [path, sidecar_path(path)]


class PictureDialog(PathDialog):
    """Asks where to draw a picture."""

    title_text = "draw a picture"
    hint = "enter draws it (.png, .svg or .pdf) · escape leaves"

    def check(self, path: Path) -> list[Path]:
        """The picture."""
        check_picture(path, overwrite=True)
        return [path]


def typed_path(text: str) -> Path:
    """The full path meant by ``text``; raises UsageError where there is none."""
    if not text.strip():
        raise UsageError("a path is missing, such as losses.csv")
    return Path(text.strip()).expanduser().absolute()
