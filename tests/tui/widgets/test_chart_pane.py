"""What the lower border of a pane says: whole notes, in the colours of what they are of."""

from __future__ import annotations

import pytest
from rich.color import Color

from tests.tui.runs_stage import FakeLive, Runs, lose, showing
from zgtui.config.settings import RUNS
from zgtui.tui.widgets.chart_pane import Note, fitting_notes

STEPS, ZOOMED = (
    Note("newest 2,500,000 steps", "screen.whole_run"),
    Note("loss axis zoomed", short="zoomed"),
)
LOG, SPIKES = (
    Note("log axis: the loss rose over 100×", short="log axis"),
    Note("spikes cut off (0 shows all)", short="spikes cut off"),
)
LEGEND = Note("A: x ⠒⠒ B: x ▀▀", coloured=(("A: x ⠒⠒", "#ff0000"), (" B: x ▀▀", "#00ff00")))


@pytest.mark.parametrize(("notes", "width", "said"), [
    ([STEPS, ZOOMED], 41, [STEPS, ZOOMED]),
    ([STEPS, ZOOMED], 40, ["newest 2,500,000 steps", "zoomed"]),
        ([STEPS, ZOOMED], 30, [STEPS]),
    ([STEPS, ZOOMED, LOG], 50, ["newest 2,500,000 steps", "zoomed", "log axis"]),
    ([LOG, SPIKES], 34, ["log axis", "spikes cut off"]),
    ([LOG, SPIKES], 12, ["log axis"]),
    ([LEGEND, SPIKES], 34, ["A: x ⠒⠒ B: x ▀▀", "spikes cut off"]),
    ([LEGEND, SPIKES], 5, [LEGEND]),
    ([], 5, []),
])  # fmt: skip
def test_notes_are_whole_or_not_there(
    notes: list[Note], width: int, said: list[Note | str]
) -> None:
    texts = [one.text for one in fitting_notes(notes, width)]
    assert texts == [one if isinstance(one, str) else one.text for one in said]


async def test_no_note_is_cut_off_on_the_usual_screen() -> None:
    live = FakeLive()
    for name in RUNS:
        lose(live, name, [1.0 / step for step in range(1, 301)])
    async with showing(live) as (screen, pilot):
        said = []
        for key in ("full_stop", "F", "colon", "S", "X", "Y", "A"):
            await pilot.press(key)
            screen.update_all()
            await pilot.pause()
            said += lower_borders(screen)
            assert "…" not in said[-1] + said[-2], said
        assert any("newest 250 steps · zoomed" in line for line in said), said


def lower_borders(screen: Runs) -> list[str]:
    """The last line of each pane."""
    strips = screen._compositor.render_strips()
    areas = [screen.pane(name).region for name in RUNS]
    return [strips[one.bottom - 1].crop(one.x, one.right).text for one in areas]


async def test_the_legend_of_both_runs_has_their_colours() -> None:
    live = FakeLive()
    for name in RUNS:
        lose(live, name, [3.0, 2.0, 1.0])
    async with showing(live) as (screen, pilot):
        await pilot.press("A")
        screen.update_all()
        await pilot.pause()
        strip = screen._compositor.render_strips()[screen.pane("A").region.bottom - 1]
        colours = {
            piece.text.strip(): piece.style.color
            for piece in strip
            if piece.style is not None and piece.text.strip()
        }
        wanted = screen.app.theme_variables
        assert colours["A ⠒⠒"] == Color.parse(wanted["run-a"])
        assert colours["B ▀▀"] == Color.parse(wanted["run-b"])
