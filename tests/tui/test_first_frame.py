"""What is done before the first frame is on the screen: as much as it takes, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from inspect import getattr_static
from pathlib import Path

import pytest
from textual._compositor import ReflowResult
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.widget import Widget

from tests.tui.stage import Stage, running_app, staged
from zgtui.tui.app import ZgtuiApp
from zgtui.tui.narrow_updates import NarrowCompositor
from zgtui.tui.screens.chart_screen import STATES, Display
from zgtui.tui.widgets.chart import LossChart

MAX_WIDGETS = 17
"""On the usual screen: 16 when this was written, two of them Textual's own."""
MAX_RULES = 60
"""That are parsed for it: 54 when this was written; with those of all states they are 190."""


@pytest.fixture
def at_first_frame(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Widget], None]], None]:
    """Has what is given look at the screen when it is painted for the first time."""
    looks: list[Callable[[Widget], None]] = []
    render = NarrowCompositor.render_full_update

    def painted(compositor: NarrowCompositor, **how: bool) -> object:
        while looks:
            assert compositor.root is not None
            looks.pop()(compositor.root)
        return render(compositor, **how)

    monkeypatch.setattr(NarrowCompositor, "render_full_update", painted)
    return looks.append


async def test_few_widgets_are_mounted_and_few_rules_parsed(
    folder: Path, at_first_frame: Callable[[Callable[[Widget], None]], None]
) -> None:
    found: list[int] = []

    def count(screen: Widget) -> None:
        found.extend((len(screen.walk_children()), len(screen.app.stylesheet.rules)))

    at_first_frame(count)
    async with running_app(folder.parent, size=(120, 36)):
        widgets, rules = found
        assert widgets <= MAX_WIDGETS
        assert rules <= MAX_RULES


@pytest.mark.parametrize(
    ("size", "ascii_only", "before"),
    [
        ((120, 36), False, False),
        ((170, 50), False, False),
        ((120, 36), True, True),
        ((50, 36), False, True),
        ((120, 14), False, True),
        ((30, 8), False, True),
    ],
)
async def test_looks_that_no_first_frame_has_are_read_after_it(
    size: tuple[int, int],
    ascii_only: bool,  # noqa: FBT001 - one case of several
    before: bool,  # noqa: FBT001 - likewise
    folder: Path,
    at_first_frame: Callable[[Callable[[Widget], None]], None],
) -> None:
    found: list[bool] = []
    at_first_frame(lambda screen: found.append(screen.app.stylesheet.has_source(str(STATES))))
    display = Display(theme="zgtui-dark", ascii_only=ascii_only)
    async with running_app(folder.parent, display=display, size=size) as stage:
        assert found == [before]
        await stage.until(lambda: stage.app.stylesheet.has_source(str(STATES)), "all looks")


def places(stage: Stage) -> dict[str, Region]:
    """Where each widget is."""
    return {repr(one): one.region for one in stage.screen.query("*") if one.region}


async def test_a_screen_that_is_made_small_meanwhile_looks_as_one_that_begins_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = ZgtuiApp._begin
    async with running_app(folder.parent / "small", size=(50, 14)) as stage:
        await stage.until(lambda: stage.screen.query("Banner"), "what is mounted later")
        await stage.pilot.pause()
        small = places(stage)
    monkeypatch.setattr(ZgtuiApp, "_begin", lambda _app: None)
    late = staged(folder.parent / "late")
    try:
        async with late.app.run_test(size=(120, 36)) as pilot:
            late.pilot = pilot
            await pilot.resize_terminal(50, 14)
            await late.until(lambda: late.screen.has_class("-narrow"), "a small screen")
            assert not late.app.stylesheet.has_source(str(STATES))
            begin(late.app)
            await late.until(lambda: late.workers, "a worker")
            late.app.tick()
            await late.until(lambda: places(late) == small, "the looks of a small screen")
    finally:
        late.dispose()


async def test_looks_that_were_read_hold_for_the_very_next_widget(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ZgtuiApp, "_begin", lambda _app: None)
    late = staged(folder)
    async with late.app.run_test(size=(120, 36)):
        sheet = late.app.stylesheet
        assert "#code" not in sheet.rules_map
        late.screen.complete_looks()
        assert "#code" in sheet.rules_map


async def test_the_pane_that_gets_the_focus_gets_its_looks_once(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    at_first_frame: Callable[[Callable[[Widget], None]], None],
) -> None:
    applied: Counter[DOMNode] = Counter()
    apply = Stylesheet.apply

    def note(sheet: Stylesheet, node: DOMNode, **how: object) -> None:
        applied[node] += 1
        apply(sheet, node, **how)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(Stylesheet, "apply", note)
    before: Counter[DOMNode] = Counter()
    at_first_frame(lambda _screen: before.update(applied))
    async with running_app(folder.parent, size=(120, 36)) as stage:
        pane = stage.screen.pane("B")
        assert stage.screen.focused is pane
        assert before[pane] == before[stage.screen.pane("A")] == 1


async def test_the_background_of_a_chart_is_found_once_for_all_its_rows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent, size=(120, 36)) as stage:
        await stage.train(3)
        found: list[LossChart] = []
        style = getattr_static(Widget, "rich_style").fget

        def note(chart: LossChart) -> object:
            found.append(chart)
            return style(chart)

        monkeypatch.setattr(LossChart, "rich_style", property(note), raising=False)
        chart = stage.chart("A")
        chart._styles_cache.clear()
        assert len(chart.render_lines(chart.size.region)) > 10
        assert found == [chart]


async def test_the_screen_is_laid_out_again_only_where_it_gets_another_size(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent, size=(120, 36), running=False) as stage:
        await stage.until(lambda: stage.screen.query("Banner"), "what is mounted later")
        await stage.pilot.pause()
        compositor = stage.screen._compositor
        reflow, sizes = compositor.reflow, list[Size]()

        def note(parent: Widget, size: Size) -> ReflowResult:
            sizes.append(size)
            return reflow(parent, size)

        monkeypatch.setattr(compositor, "reflow", note)
        await stage.pilot.resize_terminal(120, 36)
        assert sizes == []
        await stage.pilot.resize_terminal(80, 24)
        assert set(sizes) == {Size(80, 24)}
        assert stage.screen.region.size == (80, 24)
