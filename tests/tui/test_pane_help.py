"""The help explains whatever pane has the focus, in every app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.screen import Screen
from textual.widgets import Input

from tests.support.tables import tidy_table
from tests.tui.docs_stage import reading
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import running_app
from tests.tui.view_stage import viewing
from zgtui.tui.pane_help import PANES, pane_help


def explained(screen: Screen[Any]) -> list[str]:
    """What the help says of each pane of ``screen`` that can have the focus, in turn."""
    said = []
    # In a line to type into, the key for the help is a letter.
    for widget in [one for one in screen.focus_chain if not isinstance(one, Input)]:
        screen.set_focus(widget)
        said.append(pane_help(screen))
        assert said[-1], f"nothing is said of {widget}"
    return said


async def test_panes_of_the_app_are_explained(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        a, b = explained(stage.screen)
        assert "run A." in a
        assert "run B." in b
        await stage.press("M")
        await stage.until(lambda: stage.app.map_screen is not None, "the map")
        assert explained(stage.app.screen) == [PANES["HeatMap"]]


async def test_panes_of_scripts_are_explained(folder: Path) -> None:
    async with running_scripts(folder) as stage:
        a, b = explained(stage.screen)
        assert "run A of your script" in a
        assert "run B of your script" in b
        await stage.press("o")
        assert explained(stage.screen) == [a, b], "output is read, not worked with"


async def test_panes_of_tables_are_explained(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40)) as viewer:
        screen = viewer.app.main_screen
        assert len(explained(screen)) == len(screen.panes)


async def test_panes_of_the_reference_are_explained() -> None:
    async with reading("table", size=(120, 30)) as reader:
        assert set(explained(reader.screen)) == {
            PANES["TopicViewer"],
            PANES["MarkdownTableOfContents"],
        }
