"""A table of what was tried in this session; each row can be opened again, and all be exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import DataTable, Static

from zgtui.config.settings import RUNS
from zgtui.errors import TableError, UsageError
from zgtui.outputs.autosave import free_path
from zgtui.plural import plural
from zgtui.tables.destination import check_destination, write_rows
from zgtui.tui.model.tried import COLUMNS, Tried
from zgtui.tui.screens.dialogs import Dialog, PathDialog


class TriedScreen(Dialog[Tried]):
    """The result is the row that is to be opened again, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("H,q", "dismiss", "close", id="close-tried", tooltip="Close the table"),
        Binding("e", "export", "export", id="export-tried", tooltip="Export the table as CSV"),
    ]
    DEFAULT_CSS = """
    TriedScreen {
        & > Vertical { width: 120; max-width: 100%; height: 100%; max-height: 34; }
        & DataTable {
            height: 1fr; min-height: 2; background: $surface; scrollbar-size-horizontal: 0;
        }
        & .chosen { height: auto; max-height: 50%; margin-top: 1; scrollbar-size-vertical: 1; }
        & .chosen > Static { height: auto; }
        &.-short .chosen, &.-tiny .chosen { margin-top: 0; }
    }
    """

    def __init__(self, tried: Sequence[Tried]) -> None:
        super().__init__()
        self._tried = tried

    def compose(self) -> ComposeResult:
        """The table, then the whole of the row under the cursor."""
        with Vertical() as box:
            box.border_title = "tried so far"
            yield DataTable(cursor_type="row", zebra_stripes=True)
            with VerticalScroll(classes="chosen", can_focus=False):
                yield Static(markup=False)
            yield self.foot("Enter: open again · e: export as CSV · Esc: close")

    def on_mount(self) -> None:
        """Begin at the newest."""
        table = self.query_one(DataTable)
        table.add_columns("#", "steps", *RUNS, "setting")
        for at, one in enumerate(self._tried, 1):
            results = [self.text(one.result(name)) for name in RUNS]
            table.add_row(str(at), f"{one.steps:,}", *results, self.text(one.setting))
        table.move_cursor(row=len(self._tried) - 1)
        table.focus()

    @on(DataTable.RowHighlighted)
    def tell(self, event: DataTable.RowHighlighted) -> None:
        """Show the setting whole, and the verdict."""
        one = self._tried[event.cursor_row]
        lines = [self.text(line) for line in f"{one.setting}\n{one.verdict}".split("\n") if line]
        self.query_one(".chosen > Static", Static).update("\n".join(lines))

    @on(DataTable.RowSelected)
    def choose(self, event: DataTable.RowSelected) -> None:
        """Close, and open this one again."""
        self.dismiss(self._tried[event.cursor_row])

    def action_export(self) -> None:
        """Ask where to, and write."""

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is None:
                return
            path, overwrite = answer
            rows = [one.row(at) for at, one in enumerate(self._tried, 1)]
            try:
                write_rows(path, COLUMNS, rows, overwrite=overwrite)
            except TableError as error:
                self.complain(str(error))
            else:
                self.confirm(f"Wrote {plural(len(self._tried), 'setting')} to {path}")

        self.app.push_screen(TriedDialog(free_path(Path.cwd() / "tried.csv")), answered)


class TriedDialog(PathDialog):
    """Asks where to write the table of what was tried."""

    title_text = "export what was tried"
    enter = "export (.csv)"

    def check(self, path: Path) -> list[Path]:
        """The table."""
        if path.suffix != ".csv":
            raise UsageError(f"this table is written as .csv; {path.name!r} is not")
        check_destination(path, overwrite=True, sidecar=False)
        return [path]
