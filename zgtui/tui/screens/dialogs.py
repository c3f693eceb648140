"""Small dialogs: one question each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from zgtui.errors import UsageError, ZgtuiError
from zgtui.outputs.picture import check_picture
from zgtui.tables.destination import check_destination, sidecar_path

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], Generic[Result]):
    """A question in the middle of the screen; escape or a click beside it leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "cancel", id="cancel", tooltip="Leave without a change")
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > Vertical {
            width: 64;
            max-width: 96%;
            height: auto;
            max-height: 96%;
            border: round $primary;
            border-title-color: $primary;
            background: $surface;
            padding: 0 1;
        }
        & Input, & Input:focus { border: none; height: 1; background: $panel; padding: 0 1; }
        & .hint { color: $foreground 60%; width: 100%; height: auto; }
        & .problem { color: $error; width: 100%; height: auto; }
        & OptionList, & OptionList:focus {
            border: none; height: auto; max-height: 12; background: $surface;
        }
    }
    """

    def on_click(self, event: object) -> None:
        """A click outside of the box leaves the dialog."""
        if getattr(event, "widget", None) is self:
            self.dismiss(None)


class TextDialog(Dialog[str]):
    """Asks for a line of text; ``check`` raises ZgtuiError with the sentence shown in place.

    The result is the text that passed the check, or None.
    """

    def __init__(self, title: str, value: str, hint: str, check: Callable[[str], object]) -> None:
        super().__init__()
        self._title, self._value, self._hint, self._check = title, value, hint, check

    def compose(self) -> ComposeResult:
        """A line to type in, what it is for, and room for what is wrong with it."""
        with Vertical() as box:
            box.border_title = self._title
            yield Input(self._value, select_on_focus=True)
            yield Label(self._hint, classes="hint", markup=False)
            yield Label("", classes="problem", markup=False)

    def problem(self, text: str) -> str:
        """What is wrong with ``text``; empty where nothing is."""
        try:
            self._check(text)
        except ZgtuiError as error:
            return str(error)
        return ""

    @on(Input.Changed)
    def validate_now(self, event: Input.Changed) -> None:
        """Tell at once what is wrong."""
        self.query_one(".problem", Label).update(self.problem(event.value) if event.value else "")

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Leave with the text, if it passes."""
        problem = self.problem(event.value)
        if problem:
            self.query_one(".problem", Label).update(problem)
        else:
            self.dismiss(event.value)


class ChoiceDialog(Dialog[str]):
    """Asks for one of several things; the result is its name, or None."""

    def __init__(self, title: str, choices: dict[str, str], current: str) -> None:
        super().__init__()
        self._title, self._choices, self._current = title, choices, current

    def compose(self) -> ComposeResult:
        """The names with their descriptions, the current one highlighted."""
        width = max(map(len, self._choices))
        options = [
            Option(f"{name:<{width}}  {text}", id=name) for name, text in self._choices.items()
        ]
        with Vertical() as box:
            box.border_title = self._title
            yield OptionList(*options, markup=False)
            yield Label("enter takes it, escape leaves", classes="hint")

    def on_mount(self) -> None:
        """Begin at the current one."""
        names = list(self._choices)
        if self._current in names:
            self.query_one(OptionList).highlighted = names.index(self._current)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Leave with the choice."""
        self.dismiss(event.option.id)


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
    hint = "enter writes it (.csv, .tsv, .jsonl or .md), escape leaves"

    def check(self, path: Path) -> list[Path]:
        """The table and its sidecar."""
        check_destination(path, overwrite=True)
        return [path, sidecar_path(path)]


class PictureDialog(PathDialog):
    """Asks where to draw a picture."""

    title_text = "draw a picture"
    hint = "enter draws it (.png, .svg or .pdf), escape leaves"

    def check(self, path: Path) -> list[Path]:
        """The picture."""
        check_picture(path, overwrite=True)
        return [path]


class ScriptDialog(PathDialog):
    """Asks where to save the script that was just copied."""

    title_text = "the script is on the clipboard: save it as well?"
    hint = "enter saves it (.py), escape leaves"

    def check(self, path: Path) -> list[Path]:
        """The script."""
        if path.suffix != ".py":
            raise UsageError(f"a Python script ends in .py, not {path.suffix or 'without it'}")
        if not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent}")
        return [path]


def typed_path(text: str) -> Path:
    """The full path meant by ``text``; raises UsageError where there is none."""
    if not text.strip():
        raise UsageError("a path is missing, such as losses.csv")
    return Path(text.strip()).expanduser().absolute()
