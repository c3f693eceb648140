"""The screen as SVG has every word in its column, also where a program fits no letters."""

from __future__ import annotations

import html
import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.tui.runs_stage import FakeLive, RunsApp, lose
from zgtui.tui.svg import settled
from zgtui.tui.themes import use_theme

LINES = ["zero   grad()", "   ⣿⣀  loss 0.25 │", "a & b <c>"]


LETTER_FITTING = ("textLength", "lengthAdjust", "font-face", "font-variant-east-asian")
RENDERERS: dict[str, tuple[str, ...]] = {
    "rsvg-convert": ("-w", "994", "{svg}", "-o", "{png}"),
    "inkscape": ("{svg}", "--export-type=png", "--export-width=994", "--export-filename={png}"),
    "chromium": (
        "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--user-data-dir={folder}", "--window-size=994,636", "--screenshot={png}", "file://{svg}",
    ),
}  # fmt: skip
"""Programs that draw an SVG into a file, as wide as it is."""
ALIKE = 8.0
"""Of 255 levels; the screen as Textual exports it differs by 20."""


class Page(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("\n".join(LINES), markup=False)


async def test_each_word_stands_in_its_column() -> None:
    app = Page()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        exported = app.export_screenshot()
        svg = settled(exported)
    assert "textLength" in exported
    assert not set(LETTER_FITTING) & set(re.findall(r"[\w-]+", svg))
    assert "://" not in re.sub(r"xmlns=\S+|<!--.*?-->", "", svg), "something of the web"
    found = re.findall(r'<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg)
    words = {html.unescape(text): (float(x), float(y)) for x, y, text in found}
    cell = (words["loss"][0] - words["⣿"][0]) / 4
    columns = {word: round((x - words["zero"][0]) / cell, 2) for word, (x, _) in words.items()}
    for line in LINES:
        for match in re.finditer(r"[!-~]+|[^\x00-\x7f]", line):
            assert columns[match.group()] == match.start(), match.group()


async def test_the_last_row_is_not_cut_off_below_its_letters() -> None:
    app = Page()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        svg = settled(app.export_screenshot())
    clip = r'-(clip-terminal|line-\d+)">\s*<rect x="0" y="([\d.]+)" [^>]*height="([\d.]+)"'
    ends = {name: float(y) + float(height) for name, y, height in re.findall(clip, svg)}
    frame, rows = ends.pop("clip-terminal"), sorted(ends.values())
    last = rows[-1] + rows[1] - rows[0]  # the export names none for the last row
    assert frame >= last, "of an underscore nothing is left"


async def picture(folder: Path) -> Path:
    """The screen of two runs, as ``s`` saves it."""
    live = FakeLive()
    lose(live, "A", [0.8**step for step in range(40)])
    lose(live, "B", [1 + math.cos(2.2 * step) for step in range(40)])
    app = RunsApp(live)
    async with app.run_test(size=(80, 24)) as pilot:
        use_theme(app, "zgtui-dark")
        app.main_screen.update_all()
        await pilot.pause()
        file = folder / "screen.svg"
        file.write_text(settled(app.export_screenshot()), encoding="utf-8")
        return file


def drawn(program: str, svg: Path) -> Image.Image:
    png = svg.with_name(f"{program}.png")
    places = {"svg": svg, "png": png, "folder": svg.with_name("profile")}
    arguments = [part.format(**places) for part in RENDERERS[program]]
    subprocess.run([program, *arguments], check=True, capture_output=True, timeout=300)
    return Image.open(png).convert("L")


@pytest.mark.slow
@pytest.mark.parametrize("program", ["inkscape", "chromium"])
async def test_it_looks_the_same_in_every_program(tmp_path: Path, program: str) -> None:
    missing = [one for one in ("rsvg-convert", program) if shutil.which(one) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} is not installed")
    svg = await picture(tmp_path)
    one, other = drawn("rsvg-convert", svg), drawn(program, svg)
    blocks = (
        40,
        12,
    )  # each two columns wide and two lines high: how letters are smoothed is not seen
    averages = [
        shown.resize((994, 636)).crop((9, 41, 985, 626)).resize(blocks, Image.Resampling.BOX)
        for shown in (one, other)
    ]
    apart = ImageChops.difference(*averages)
    assert max(apart.tobytes()) < ALIKE
