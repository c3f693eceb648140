"""A key pressed by a click on it in the footer."""

from __future__ import annotations

from textual.binding import Binding

from tests.tui.scripts_stage import ScriptStage
from tests.tui.stage import Stage
from zgtui.tui.widgets.key_footer import KeyFooter


async def by_footer(stage: Stage | ScriptStage, binding: Binding) -> None:
    """Point at the key of ``binding``, which explains it, and click: nothing covers it then."""
    footer = stage.screen.query_one(KeyFooter)
    (item,) = (one for one in footer.placed if one.key.action == binding.action)
    await stage.pilot.hover(KeyFooter, offset=(item.column, 0))
    assert footer.tooltip == binding.tooltip
    await stage.pilot.click(KeyFooter, offset=(item.column, 0))
    await stage.until(lambda: footer.tooltip is None, "words that cover what comes up")
