"""Every theme of ours can be read, and its two runs told apart, whatever colours the eye tells.

Contrast is that of WCAG 2.2. Colour vision without one kind of cone is simulated by the matrices of
Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
deficiency", IEEE TVCG 15 (2009), severity 1.0, which act on linear RGB.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color

from tests.tui.runs_stage import FakeLive, RunsApp, lose
from tests.tui.stage import Stage, running_app
from zgtui.charts.colours import run_colour
from zgtui.charts.overlay import Mark
from zgtui.config.settings import RUNS, Clearing, Settings
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.themes import THEMES, use_theme

LINES, TEXT = 3.0, 4.5
"""The least contrast of what is no text, and of text (WCAG 1.4.11 and 1.4.3)."""
APART = 25.0
"""The least distance of the two runs, in units of CIE 1976 L*a*b*: a just noticeable one is 2.3."""
VISION = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}
Triple = tuple[float, float, float]


def linear(colour: Color) -> Triple:
    r, g, b = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    )
    return r, g, b


def times(matrix: tuple[Triple, ...], rgb: Triple) -> Triple:
    x, y, z = (sum(weight * part for weight, part in zip(row, rgb, strict=True)) for row in matrix)
    return x, y, z


def contrast(one: Color, other: Color) -> float:
    low, high = sorted(times(((0.2126, 0.7152, 0.0722),) * 3, linear(it))[0] for it in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Triple) -> Triple:
    """CIE 1976 L*a*b* of linear sRGB under D65."""
    to_xyz = (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    )
    clipped = times(to_xyz, tuple(min(max(part, 0.0), 1.0) for part in rgb))  # type: ignore[arg-type]  # three stay three
    x, y, z = (
        part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29
        for part in (
            value / white for value, white in zip(clipped, (0.95047, 1, 1.08883), strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(style: Style, part: str) -> Color:
    found = style.color if part == "ink" else style.bgcolor
    assert found is not None
    return Color.from_rich_color(found)


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_axes_and_words_of_charts_stand_out(theme: str) -> None:
    live = FakeLive()
    lose(live, "A", [1.0, 0.5, 0.25])
    lose(live, "B", [1.0, 2.0, 0.25])
    live.runs["A"].changes.append(Mark(2, "lr 0.5"))
    app = RunsApp(live)
    async with app.run_test() as pilot:
        use_theme(app, theme)
        app.main_screen.own_axes = True
        app.main_screen.update_all()
        await pilot.pause()
        area = app.main_screen.pane("A").region
        strips = app.screen._compositor.render_strips()[area.y : area.bottom]
        inside = [strip.crop(area.x + 1, area.right - 1) for strip in strips]
        found = {LINES: 0, TEXT: 0}
        for strip in inside[1:-1]:
            for segment in strip:
                if segment.text.strip() and segment.style:
                    words = any(map(str.isalnum, segment.text))
                    least = TEXT if words else LINES
                    found[least] += 1
                    ink, paper = (seen(segment.style, part) for part in ("ink", "paper"))
                    assert contrast(ink, paper) >= least, segment
        assert min(found.values()) > 3
        note = next(one for one in inside[-1] if "own loss axis" in one.text)
        assert note.style
        assert contrast(seen(note.style, "ink"), seen(note.style, "paper")) >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_colour_that_means_something_can_be_read(theme: object) -> None:
    for ground in ("background", "surface", "panel"):
        for name in ("foreground", "primary", "secondary", "accent", "success", "warning", "error"):
            ink, paper = (Color.parse(getattr(theme, one)) for one in (name, ground))
            assert contrast(ink, paper) >= TEXT, f"{name} on {ground}"


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("dark", [True, False])
def test_the_two_runs_differ_to_every_eye(vision: str, dark: bool) -> None:  # noqa: FBT001 - parametrised
    ends = [
        lab(times(VISION[vision], linear(Color.parse(run_colour(name, dark=dark)))))
        for name in RUNS
    ]
    assert min(math.dist(one, other) for one, other in pairwise(ends)) >= APART


@pytest.mark.parametrize(("theme", "dark"), [("ansi-dark", True), ("ansi-light", False)])
async def test_on_the_terminals_own_background_the_runs_have_their_colours(
    theme: str, *, dark: bool
) -> None:
    live = FakeLive()
    lose(live, "A", [1.0, 0.5, 0.25] * 10)
    lose(live, "B", [1.0, 2.0, 0.25] * 10)
    app = RunsApp(live)
    async with app.run_test() as pilot:
        use_theme(app, theme)
        await pilot.press("S")  # the losses faint behind their average
        await pilot.pause()
        drawn = [
            segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.text.strip()
        ]
        assert {style.bgcolor.name for style in drawn if style.bgcolor} == {"default"}
        for name in RUNS:
            ink = Color.parse(run_colour(name, dark=dark)).rich_color
            assert {bool(style.dim) for style in drawn if style.color == ink} == {True, False}


def words_below(stage: Stage) -> list[str]:
    """All text on the screen with less contrast than text needs."""
    found = []
    for segment in (
        part for strip in stage.app.screen._compositor.render_strips() for part in strip
    ):
        style = segment.style
        if style is None or style.color is None or style.bgcolor is None:
            continue
        front, back = map(Color.from_rich_color, (style.color, style.bgcolor))
        front = front.blend(back, 0.5) if style.dim else front
        if any(map(str.isalnum, segment.text)) and contrast(front, back) < TEXT:
            found.append(f"{segment.text.strip()}: {front.hex} on {back.hex}")
    return found


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=str)
async def test_every_word_of_the_app_can_be_read(
    folder: Path, theme: str, size: tuple[int, int]
) -> None:
    settings = Settings(clip=5.0).with_run("A", clear=Clearing(4), accumulate=1)
    display = Display(fps=30, theme=theme)
    async with running_app(folder.parent, settings, display, size=size) as stage:
        await stage.train(12)
        for key in ("tab", "k", "w", "i", "escape", "A", "I", "Z"):
            await stage.press(key)
            await stage.until(lambda: not words_below(stage), f"words to read after {key}")
