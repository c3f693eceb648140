"""The screen as SVG has every word in its column, also where a program fits no letters."""

from __future__ import annotations

import html
import re

from textual.app import App, ComposeResult
from textual.widgets import Static

from zgtui.tui.svg import settled

LINES = ["zero   grad()", "   ⣿⣀  loss 0.25 │", "a & b <c>"]


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
    assert "textLength" not in svg
    found = re.findall(r'<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg)
    words = {html.unescape(text): (float(x), float(y)) for x, y, text in found}
    cell = (words["loss"][0] - words["⣿"][0]) / 4
    columns = {word: round((x - words["zero"][0]) / cell, 2) for word, (x, _) in words.items()}
    for line in LINES:
        for match in re.finditer(r"[!-~]+|[^\x00-\x7f]", line):
            assert columns[match.group()] == match.start(), match.group()
