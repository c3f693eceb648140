"""The map of where each loop is stable; a cell of it is opened as a comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from zgtui.charts.colours import OUTCOME_COLOURS
from zgtui.charts.heat_map import LETTERS, common_words, setting_words
from zgtui.charts.words import ascii_text
from zgtui.config.settings import EVERY, MAP_AXES, NEVER, Clearing, MapAxis, Settings
from zgtui.errors import ZgtuiError
from zgtui.outputs.autosave import free_path
from zgtui.outputs.pictures.map_picture import MapPicture, draw_map_beside
from zgtui.tables.map_table import write_map
from zgtui.theory.dynamics import Rule
from zgtui.theory.stability_map import OUTCOMES, MapGrid, StabilityMap
from zgtui.tui.keys import bindings, hidden_bindings
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.screens.closing import ClosesOnce
from zgtui.tui.screens.dialogs import MapDialog, PathDialog, PictureDialog
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.tui.widgets.map_cells import HeatMap

REFRESH_SECONDS = 0.1


NARROW = 40
"""With fewer columns what the colours mean stands closer together."""


class MapScreen(ClosesOnce, Screen[None]):
    """Shows the map of what ``live`` trains; a cell that is opened restarts it.

    ``axis`` are the first rows to show, ``clearing`` the policy where these are something else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("map"), *hidden_bindings()]
    DEFAULT_CSS = """
    MapScreen {
        background: $background;
        & > #about { height: 2; padding: 0 1; background: $panel; }
        & > HeatMap { height: 1fr; margin: 1 0 0 0; }
        & > #legend { height: 1; padding: 0 1; }
        & > #cell { height: 4; padding: 0 1; color: $foreground; }
        /* Else it would leave none to the cells. */
        &.-low > #about { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low > HeatMap { margin: 0; }
        &.-low > #cell { height: 2; }
    }
    """

    def __init__(
        self,
        live: RemoteComparison,
        *,
        ascii_only: bool,
        axis: MapAxis = "clearing",
        clearing: Clearing = NEVER,
    ) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-tall")]
        self._live = live
        self._ascii = ascii_only
        self._axis: MapAxis = axis
        self._clearing = clearing
        self._asked: MapGrid | None = None
        self._asked_of = ""
        self._shown: tuple[object, ...] = ()
        """What the texts were made of that stand there now."""

    def compose(self) -> ComposeResult:
        """What it is of, the cells, what their colours mean, and what the cursor is on."""
        yield Static(id="about", markup=False)
        yield HeatMap(ascii_only=self._ascii)
        yield Static(id="legend", markup=False)
        yield Static(id="cell", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Ask for it, and keep up with it."""
        self.map.focus()
        self._keeping_up = self.set_interval(REFRESH_SECONDS, self._keep_up)

    @property
    def map(self) -> HeatMap:
        """The cells."""
        return self.query_one(HeatMap)

    # Showing

    def _keep_up(self) -> None:
        """Ask where the map asked for is no longer the one to show; show what has come."""
        live, columns, rows = self._live, *self.map.room
        if live.started is not None and columns and rows:
            grid = MapGrid(self._axis, columns, rows, self._clearing)
            if (grid, live.started.log) != (self._asked, self._asked_of):
                self._asked, self._asked_of = grid, live.started.log
                live.ask_map(grid)
        self._show()

    def _show(self) -> None:
        live, made = self._live, self._made
        about = (live.settings.experiment, live.map_problem, self._axis, self._clearing)
        shown = (made, *about, self.map.cursor, self.map.theory, self.size.width < NARROW)
        if shown == self._shown:
            return
        self._shown = shown
        if made is not None and self.map.made is None:
            self.map.cursor = (0, min(made.grid.columns - 1, made.grid.columns // 4))
        self.map.made = made
        self._put("#about", self._about(made))
        self.query_one("#legend", Static).update(self._legend(made))
        self._put("#cell", "" if made is None else self._cell(made))

    @property
    def _made(self) -> StabilityMap | None:
        """What has come of the map that was asked for."""
        made = self._live.map
        return made if made is not None and made.grid == self._asked else None

    def _put(self, name: str, text: str) -> None:
        text = "\n".join(map(ascii_text, text.split("\n"))) if self._ascii else text
        self.query_one(name, Static).update(text)

    def _about(self, made: StabilityMap | None) -> str:
        grid = MapGrid(self._axis, 1, 2, self._clearing) if made is None else made.grid
        about = f"{self._live.settings.experiment}: {common_words(grid)}"
        if self._live.map_problem:
            return f"{about}\n{self._live.map_problem}"
        if made is None:
            return f"{about}\nwaiting for the training process …"
        if not made.measured:
            count = made.grid.columns * made.grid.rows
            return f"{about}\ntheory; training {count:,} runs: step {made.step:,} of {made.steps:,}"
        if self.map.theory:
            return f"{about}\ntheory"
        return f"{about}\nafter {made.steps:,} steps, {made.agreement()}"

    def _legend(self, made: StabilityMap | None) -> Text:
        outcomes = () if made is None else OUTCOMES
        mark = LETTERS if self._ascii else dict.fromkeys(OUTCOMES, "█")
        gap = "   " if self.size.width >= NARROW else " "
        return Text.assemble(
            *(
                part
                for outcome in outcomes
                for part in ((mark[outcome], OUTCOME_COLOURS[outcome]), f" {outcome}{gap}")
            )
        )

    def _cell(self, made: StabilityMap) -> str:
        """The setting under the cursor, what theory says of it, and what it came to.

        That may take two lines of four, and stands below what no screen is to cut off.
        """
        row, column = self._cursor(made)
        verdict = made.prediction(row, column)
        setting = setting_words(made.grid.rule(row))
        says: list[str] = [verdict.state]
        if verdict.period is not None:
            says.append(f"the loss has a period of {verdict.period:.3g} steps")
        if verdict.growth not in {None, 1.0}:
            says.append(f"each step multiplies the loss by {verdict.growth:.3g} in the long run")
        trained = f"; trained: {made.measured[row][column]}" if made.measured else ""
        return (
            f"lr {made.lr(column):.4g} (lr·λ {made.grid.q(column):.3g}), {setting}\n"
            f"Enter opens it as run {self._opened_as(made.grid.rule(row))}\n"
            f"theory: {', '.join(says)}{trained}"
        )

    @staticmethod
    def _opened_as(rule: Rule) -> str:
        if rule.clearing == EVERY:
            return "A, beside the same settings with zero_grad() never"
        return "B, beside the same settings with zero_grad() every step"

    def _cursor(self, made: StabilityMap) -> tuple[int, int]:
        row, column = self.map.cursor
        return min(row, made.grid.rows - 1), min(column, made.grid.columns - 1)

    # Keys

    def _action_move_cursor(self, rows: int, columns: int) -> None:
        made = self._made
        if made is not None:
            row, column = self._cursor(made)
            self.map.cursor = (
                min(max(row + rows, 0), made.grid.rows - 1),
                min(max(column + columns, 0), made.grid.columns - 1),
            )
            self._show()

    def _action_move(self, columns: int) -> None:
        self._action_move_cursor(0, columns)

    def _action_next_rows(self) -> None:
        self._axis = MAP_AXES[(MAP_AXES.index(self._axis) + 1) % len(MAP_AXES)]
        self._keep_up()

    def _action_toggle_clearing(self) -> None:
        if self._axis == "clearing":
            self.notify(
                "Here the rows are when zero_grad() is called:"
                " press {key:next-rows} for other rows."
            )
            return
        self._clearing = self._clearing.toggled
        self._keep_up()

    def _action_theory(self) -> None:
        self.map.theory = not self.map.theory
        self._show()

    def _action_close(self) -> None:
        self.dismiss()

    @on(HeatMap.DoubleClicked)
    def _action_open_cell(self) -> None:
        made = self._made
        if made is None or self.app.screen is not self:
            return
        self._keeping_up.stop()  # no map is asked for of what is opened
        self._live.restart(
            opened(self._live.present_settings(), made, *self._cursor(made)), running=True
        )
        self.dismiss()

    # Files

    def ask_export(self) -> None:
        """Ask where to write a table of all cells."""
        self._ask(MapDialog(free_path(Path.cwd() / "stability-map.csv")), write_map)

    def ask_picture(self) -> None:
        """Ask where to draw it."""

        def draw(made: StabilityMap, path: Path, *, overwrite: bool) -> None:
            name = self._live.settings.experiment
            picture = MapPicture.of(made, name, path, overwrite=overwrite)
            self.run_worker(self._draw(picture), exit_on_error=False)

        self._ask(PictureDialog(free_path(Path.cwd() / "stability-map.png")), draw)

    def _ask(self, dialog: PathDialog, write: Callable[..., None]) -> None:
        made = self._made
        if made is None or not made.measured:
            self.notify("The map is still being trained: wait until all cells are trained.")
            return

        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is None:
                return
            path, overwrite = answer
            try:
                write(made, path, overwrite=overwrite)
            except ZgtuiError as error:
                self.notify(str(error), severity="error")
            else:
                if path.suffix not in {".png", ".svg", ".pdf"}:
                    self.notify(f"Wrote {path}")

        self.app.push_screen(dialog, answered)

    async def _draw(self, picture: MapPicture) -> None:
        try:
            await draw_map_beside(picture)
        except ZgtuiError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(f"Drew {picture.file}")


def opened(present: Settings, made: StabilityMap, row: int, column: int) -> Settings:
    """The comparison whose run B is a cell of ``made``; A is the same and clears every step.

    Of a cell that clears every step, A is the cell, and B never clears.
    """
    rule, lr = made.grid.rule(row), made.lr(column)
    settings = replace(
        present,
        optimizer="SGD",
        momentum=rule.momentum or None,
        nesterov=False,
        weight_decay=made.weight_decay(row, column) or None,
        clip=None,
        schedule="constant",
        batch_size=0,
        twin=False,
    )
    clear = NEVER if rule.clearing == EVERY else rule.clearing
    settings = settings.with_run("A", clear=EVERY, lr=lr, accumulate=1)
    return settings.with_run("B", clear=clear, lr=lr, accumulate=1)
