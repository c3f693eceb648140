"""Small dialogs: one question each, and the list of all keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from zgtui.charts.words import ascii_text
from zgtui.errors import UsageError, ZgtuiError
from zgtui.outputs.pictures.picture import FORMATS, check_picture
from zgtui.plural import any_of
from zgtui.tables.destination import check_destination, sidecar_path
from zgtui.tables.formats import table_endings
from zgtui.terminal import printable
from zgtui.tui.screens.closing import ClosesOnce
from zgtui.tui.widgets.choices import Choices
from zgtui.tui.widgets.text_input import TextInput

Answer = TypeVar("Answer")
Answered = TypeVar("Answered")
Told = Callable[[str], None]
"""Hears why something was refused; empty where it was not."""
Attempt = Callable[[Answered, Told], None]
"""Does what was answered, and tells what came of it."""


PART = " · "
"""Between the parts of a hint."""
CLICKED = {"Esc": "dismiss", "Enter": "press('enter')", "/": "search", "e": "export"}
"""Actions of the dialog by the names that hints have for their keys."""


class Foot(Vertical):
    """The last lines of a dialog's box."""

    def on_resize(self) -> None:
        """What has the focus may lie below it now."""
        screen = self.screen
        assert isinstance(screen, Dialog)
        screen.show_focused()


class Dialog(ClosesOnce, ModalScreen[Answer | None], Generic[Answer]):
    """A question in the middle of the screen; escape or a click beside it cancels it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "cancel", id="cancel", tooltip="Cancel, and change nothing"),
        # Obeyed where they come in: what is typed right after one is for the field it leads to.
        Binding("tab", "app.focus_next", show=False, priority=True, id="next-field"),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True, id="previous-field"),
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
            overflow-y: auto;  /* where there is no room for all, what has the focus is seen */
            scrollbar-size-vertical: 1;
        }
        /* Which keys there are, and what is wrong, stand there on any screen. */
        & Foot { dock: bottom; width: 100%; height: auto; background: $surface; }
        &.-tiny Foot { max-height: 3; }
        &.-tiny Foot.-wrong > .hint { display: none; }
        & Input, & Input:focus { border: none; height: 1; background: $panel; padding: 0 1; }
        & .hint {
            color: $foreground 70%; width: 100%; height: auto;
            link-color: $foreground 70%; link-style: none;
            link-color-hover: $foreground; link-background-hover: $block-hover-background;
            link-style-hover: none;
        }
        & .problem { color: $error; width: 100%; height: auto; }
        & .problem.-done { color: $foreground; }
        &.-short Foot > .problem, &.-tiny Foot > .problem { display: none; }
        & Foot.-wrong > .problem { display: block; }
        & OptionList, & OptionList:focus {
            border: none; height: auto; max-height: 12; background: $surface;
            min-width: 10; min-height: 2;  /* cut off, never of no size: it counts lines */
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        # On a short screen how to choose and to leave matters more than what a choice means.
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (18, "-tall")]

    def on_descendant_focus(self) -> None:
        """What has the focus is seen, also where the box has no room for all."""
        self.call_after_refresh(self.show_focused)

    def on_resize(self) -> None:
        """It is still."""
        self.call_after_refresh(self.show_focused)

    def show_focused(self) -> None:
        """Scroll to what has the focus; Textual takes what lies below the foot for seen."""
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    def on_click(self, event: Click) -> None:
        """A click outside of the box cancels the dialog."""
        if not self.query_one(Vertical).region.contains_point(event.screen_offset):
            self.dismiss(None)

    def hint(self, text: str) -> Label:
        """What can be typed, and which keys there are: a click on one does as that key."""
        return Label(self.clickable(text), classes="hint")

    def foot(self, keys: str) -> Foot:
        """The last lines of the box: which ``keys`` there are, and what is wrong."""
        problem = Label("", classes="problem", markup=False)
        return Foot(*([self.hint(keys)] if keys else []), problem)

    def clickable(self, text: str) -> Content:
        """``text`` as it is shown; parts such as ``Esc: cancel`` can be clicked."""
        between = Content(self.text(PART))
        lines = [
            between.join([self._clickable(part) for part in line.split(PART)])
            for line in text.split("\n")
        ]
        return Content("\n").join(lines)

    def _clickable(self, part: str) -> Content:
        key = part.partition(":")[0]
        action = f"screen.hint({id(self)}, {key!r})"
        meta = Style.from_meta({"@click": action}) if key in CLICKED else ""
        return Content.styled(self.text(part), meta)

    async def action_hint(self, dialog: int, key: str) -> None:
        """Do as the hint of ``key`` says, which was clicked in ``dialog``.

        Textual asks the screen on top, which by then is another one where the first click of two
        has closed the dialog.
        """
        if dialog == id(self):
            await self.app.run_action(CLICKED[key], self)

    def action_press(self, key: str) -> None:
        """Press ``key``, whose name was clicked."""
        self.app.simulate_key(key)

    def text(self, text: str) -> str:
        """``text`` in letters that the terminal has."""
        shown = printable(text)
        return ascii_text(shown) if self.app.has_class("-ascii") else shown

    def settle(self, problem: str) -> None:
        """Close where what was answered is done; else stay, with what was typed, and say why."""
        if not problem:
            self.dismiss(None)
        elif self.app.screen is self:
            self.complain(problem)
        else:
            self.app.notify(self.text(problem), severity="error")

    def complain(self, problem: str) -> None:
        """Show what is wrong with what was typed, on the last line of the box."""
        self._say(problem, wrong=True)

    def confirm(self, done: str) -> None:
        """Show what was done, on that line: a message would wait until the dialog is closed."""
        self._say(done, wrong=False)

    def _say(self, text: str, *, wrong: bool) -> None:
        line = self.query_one(".problem", Label)
        line.update(self.text(text))
        line.set_class(not wrong, "-done")
        self.query_one(Foot).set_class(bool(text), "-wrong")


class TextDialog(Dialog[str]):
    """Asks for a line of text; ``check`` raises ZgtuiError with the sentence shown in place.

    ``hint`` says what can be typed. The result is the text that passed the check, or None. With
    ``attempt`` that is done with the text: the dialog stays, with what was typed, until it has
    succeeded.
    """

    def __init__(
        self,
        title: str,
        value: str,
        check: Callable[[str], object],
        attempt: Attempt[str] | None = None,
        *,
        hint: str = "",
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint, self._check = title, value, hint, check
        self._attempt = attempt

    def compose(self) -> ComposeResult:
        """A line to type in, what it is for, and room for what is wrong with it."""
        with Vertical() as box:
            box.border_title = self._title
            yield TextInput(self._value, select_on_focus=True)
            if self._hint:
                yield self.hint(self._hint)
            yield self.foot("Enter: set · Esc: cancel")

    def problem(self, text: str) -> str:
        """What is wrong with ``text``; empty where nothing is."""
        try:
            self._check(text)
        except ZgtuiError as error:
            return str(error)
        return ""

    @on(Input.Changed)
    def validate_now(self, event: Input.Changed) -> None:
        """Say at once what is wrong."""
        self.complain(self.problem(event.value) if event.value else "")

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Close with the text, if it passes."""
        problem = self.problem(event.value)
        if problem:
            self.complain(problem)
        elif self._attempt is not None:
            self._attempt(event.value, self.settle)
        else:
            self.dismiss(event.value)


class Filter(TextInput):
    """What a list is filtered by; while that is nothing, Home and End are those of the list."""

    def action_home(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's signature
        """Go to the beginning."""
        if self.value:
            super().action_home(select)
        else:
            self.screen.query_one(Choices).action_first()

    def action_end(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's signature
        """Go to the end."""
        if self.value:
            super().action_end(select)
        else:
            self.screen.query_one(Choices).action_last()


class FilteredDialog(Dialog[str]):
    """Asks for one of the lines of a list that can be filtered; the result is its id, or None."""

    def options(self, typed: str) -> list[Option]:
        """The lines that fit what is ``typed``."""
        raise NotImplementedError

    def nothing_fits(self, typed: str) -> str:
        """What to say where no line fits what is ``typed``."""
        raise NotImplementedError

    def action_move(self, how: str) -> None:
        """Move in the list, wherever the focus is."""
        getattr(self.query_one(Choices), f"action_{how}")()

    @on(Input.Changed)
    def filter_now(self, event: Input.Changed) -> None:
        """Show what fits what is typed by now."""
        self.show_fitting(event.value)

    def show_fitting(self, typed: str) -> None:
        """Show what fits what is ``typed``."""
        options = self.options(typed)
        choices = self.query_one(Choices)
        choices.clear_options().add_options(options)
        choices.highlighted = 0 if options else None
        if not options:
            for more in self.query(".more").results(Label):  # of what was highlighted before
                more.update("")
        self.complain("" if options else self.nothing_fits(typed))

    @on(Input.Submitted)
    def choose_highlighted(self) -> None:
        """Close with the one highlighted."""
        choices = self.query_one(Choices)
        if choices.highlighted is not None:
            self.chosen(choices.get_option_at_index(choices.highlighted).id)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Close with the choice."""
        self.chosen(event.option.id)

    def chosen(self, identifier: str | None) -> None:
        """Close with the choice of a line."""
        self.dismiss(identifier)


FEW = 6
"""A list of more choices can be filtered."""


class ChoiceDialog(FilteredDialog):
    """Asks for one of several things; the result is its name, or None.

    ``choices`` are texts by name: a line, and maybe more, which is told of the one highlighted. A
    name that is a number alone is not shown. Many choices are filtered by what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", "next", show=False, id="next-choice"),
        Binding("up", "move('cursor_up')", "previous", show=False, id="previous-choice"),
        Binding("pagedown", "move('page_down')", "page down", show=False, id="next-choices"),
        Binding("pageup", "move('page_up')", "page up", show=False, id="previous-choices"),
    ]
    DEFAULT_CSS = """
    ChoiceDialog {
        & > Vertical { width: 90; }
        & .-many, & .-many:focus { text-wrap: nowrap; text-overflow: ellipsis; }
        & .more { color: $foreground 80%; width: 100%; height: auto; max-height: 4; }
        &.-short .-many { max-height: 6; }
        &.-tiny .-many { max-height: 2; }
        &.-short .more, &.-tiny .more { display: none; }
    }
    """

    def __init__(self, title: str, choices: dict[str, str], current: str) -> None:
        super().__init__()
        self._title, self._choices, self._current = title, choices, current

    def compose(self) -> ComposeResult:
        """The names with their descriptions, the current one highlighted."""
        with Vertical() as box:
            box.border_title = self._title
            many = len(self._choices) > FEW
            if many:
                yield Filter(placeholder="type to filter", select_on_focus=False)
            yield Choices(*self.options(""), markup=False, classes="-many" if many else None)
            yield Label("", classes="more", markup=False)
            yield self.foot("Enter: select · Esc: cancel")

    def options(self, typed: str) -> list[Option]:
        """Those that hold each of the words ``typed``, a line each."""
        sought = typed.lower().split()
        found = [
            (name, text)
            for name, text in self._choices.items()
            if all(word in f"{name} {text}".lower() for word in sought)
        ]
        width = max((len(name) for name in self._choices), default=0)
        return [Option(self._line(name, text, width), id=name) for name, text in found]

    def _line(self, name: str, text: str, width: int) -> Text:
        title, _, more = text.partition("\n")
        if name.isdigit():  # a list in an order, whose first lines are names
            line = Text.assemble((f"{name:>{width}}  {self.text(title)}", "bold"))
            line.append(f"  {self.text(more)}")
        else:
            line = Text.assemble((f"{self.text(name):<{width}}", "bold"), f"  {self.text(title)}")
        return line

    def on_mount(self) -> None:
        """Begin at the current one."""
        names = list(self._choices)
        if self._current in names:
            self.query_one(OptionList).highlighted = names.index(self._current)

    def nothing_fits(self, typed: str) -> str:
        """Nothing of the kind that the title names."""
        return f"No {self._title} matches {typed!r}."

    @on(OptionList.OptionHighlighted)
    def tell_more(self, event: OptionList.OptionHighlighted) -> None:
        """Say all of the one highlighted, which has a line in the list."""
        _, _, more = self._choices[event.option.id or ""].partition("\n")
        self.query_one(".more", Label).update(self.text(more))


class PathDialog(Dialog[tuple[Path, bool]]):
    """Asks for a path; the result is the path and whether to overwrite what is there, or None."""

    title_text = ""
    enter = ""
    """What enter does, and which endings there are."""

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
            yield TextInput(str(self._proposal), select_on_focus=False)
            yield self.foot(f"Enter: {self.enter} · Esc: cancel")

    @on(Input.Changed)
    def forget_warning(self) -> None:
        """Another path is another question."""
        self._warned_of = None
        self.complain("")

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Close with the path; where a file is there, only when asked a second time."""
        try:
            path = typed_path(event.value)
            files = self.check(path)
        except ZgtuiError as error:
            self.complain(str(error))
            return
        present = [file.name for file in files if file.exists()]
        if present and self._warned_of != path:
            self._warned_of = path
            exist = "exists" if len(present) == 1 else "exist"
            self.complain(
                f"{' and '.join(present)} already {exist}: press Enter again to overwrite"
            )
            return
        self.dismiss((path, bool(present)))


class ExportDialog(PathDialog):
    """Asks where to write a loss table."""

    title_text = "export the loss table"
    enter = f"export ({any_of(table_endings())})"

    def check(self, path: Path) -> list[Path]:
        """The table and its sidecar."""
        check_destination(path, overwrite=True)
        return [path, sidecar_path(path)]


class MapDialog(PathDialog):
    """Asks where to write the cells of a map."""

    title_text = "export the map"
    enter = f"export ({any_of(table_endings())})"

    def check(self, path: Path) -> list[Path]:
        """The table alone."""
        check_destination(path, overwrite=True, sidecar=False)
        return [path]


class PictureDialog(PathDialog):
    """Asks where to draw a picture."""

    title_text = "draw a picture"
    enter = f"draw ({any_of(FORMATS)})"

    def check(self, path: Path) -> list[Path]:
        """The picture."""
        check_picture(path, overwrite=True)
        return [path]


class ScriptDialog(PathDialog):
    """Asks where to save the script that was copied, or not, as the sentence ``sent`` says."""

    title_text = "PyTorch script of these runs"
    enter = "save (.py)"

    def __init__(self, proposal: Path, sent: str) -> None:
        super().__init__(proposal)
        self.sent = f"{sent} Press Enter to write the file below."

    def on_mount(self) -> None:
        """Say what was sent above the path."""
        self.query_one(Vertical).mount(self.hint(self.sent), before=0)

    def check(self, path: Path) -> list[Path]:
        """The script."""
        if path.suffix != ".py":
            raise UsageError(f"a Python script ends in .py; {path.name!r} does not")
        if not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent}")
        return [path]


def typed_path(text: str) -> Path:
    """The full path meant by ``text``; raises UsageError where there is none."""
    if not text.strip():
        raise UsageError("type a path, such as losses.csv")
    return Path(text.strip()).expanduser().absolute()
