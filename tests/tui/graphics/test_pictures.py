"""Curves in pixels, and the sequences that carry them, read back as a terminal would."""

from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise
from typing import Any, cast

import pytest
from PIL import Image, ImageDraw
from textual.geometry import Offset, Region, Size

from tests.support.graphics import decoded, kitty_commands, sixel_pictures
from zgtui.charts import axes, plot
from zgtui.errors import UsageError
from zgtui.tui.graphics.asking import need_pillow
from zgtui.tui.graphics.kitty import NUMBERS, Kitty
from zgtui.tui.graphics.layer import PictureLayer, _common, _without
from zgtui.tui.graphics.pixels import FIRST_CURVE, Drawing, Picture, cut_out, draw
from zgtui.tui.graphics.sixel import Sixel, encoded

CELL = Size(10, 20)
COLOURS = [(16, 20, 24), (90, 90, 90), (120, 120, 120), (86, 180, 233), (255, 176, 0)]
LOSSES = [1.0, 3.0, 0.5, 2.0, 2.0, 0.1, 2.9, 1.5]


def drawn(*lines: plot.Line, cells: Size, log: bool = False) -> Picture:
    x = axes.Axis(axes.Limits(1.0, 8.0), ())
    y = axes.Axis(axes.Limits(-2.0, 1.0) if log else axes.Limits(0.0, 3.0), (), log)
    return draw(Drawing(x, y, lines, COLOURS, levels=[2], uprights=[3], marks=[5]), cells, CELL)


def noisy(width: int, height: int) -> Image.Image:
    """A picture in which every kind of run, colour and odd size occurs."""
    image = Image.new("P", (width, height), 0)
    image.putpalette([part for colour in COLOURS for part in colour])
    pen = ImageDraw.Draw(image)
    for at in range(0, width, 3):
        pen.line((at, 0, width - at, height), fill=1 + at % 4)
    return image


@pytest.mark.parametrize("size", [(40, 60), (7, 1), (300, 47), (1, 6)])
def test_sixels_are_the_picture_pixel_for_pixel(size: tuple[int, int]) -> None:
    image = noisy(*size)
    body = encoded(image).encode().partition(b"q")[2].removesuffix(b"\x1b\\")
    # the protocol tells colours in percent
    told = [tuple(round(round(part * 100 / 255) * 2.55) for part in one) for one in COLOURS]
    image.putpalette([part for colour in told for part in colour])
    assert decoded(body) == image.convert("RGB")


def test_the_curve_passes_through_the_cells_that_text_would_fill() -> None:
    line = plot.Line(list(range(1, 9)), LOSSES)
    cells = Size(60, 20)
    picture = drawn(line, cells=cells)
    x = axes.Axis(axes.Limits(1.0, 8.0), ())
    y = axes.Axis(axes.Limits(0.0, 3.0), ())
    rows = plot.draw(*cells, x, y, [line], gutter=None)
    for row, pieces in enumerate(rows):
        text = "".join(part for _, part in pieces)
        for column, letter in enumerate(text):
            left, top = (column - 0.5) * CELL.width, (row - 0.5) * CELL.height
            near = picture.image.crop(
                (int(left), int(top), int(left) + 2 * CELL.width, int(top) + 2 * CELL.height)
            )
            if letter != " ":
                assert FIRST_CURVE in near.tobytes(), f"no curve at {column}, {row}"


def test_curves_of_one_chart_differ_without_colour() -> None:
    flat = [plot.Line([1, 8], [loss, loss]) for loss in (0.5, 2.5)]
    data = drawn(*flat, cells=Size(40, 20)).image
    thickness = [data.tobytes().count(FIRST_CURVE + at) for at in range(2)]
    assert thickness[1] > 1.3 * thickness[0]


def test_from_the_third_curve_on_they_are_dashed_and_so_is_an_average() -> None:
    cells = Size(80, 40)
    levels = [0.4, 0.8, 1.2, 1.6, 2.0, 2.4]
    lines = [plot.Line([1, 8], [loss, loss]) for loss in levels]
    image = drawn(*lines, plot.Line([1, 8], [2.8, 2.8], dotted=True), cells=cells).image
    shares, counts = [], []
    for at, loss in enumerate([*levels, 2.8]):
        row = round((1 - loss / 3) * (cells.height - 1) * CELL.height + CELL.height / 2)
        inked = [image.getpixel((x, row)) == FIRST_CURVE + at for x in range(10, 790)]
        shares.append(sum(inked) / len(inked))
        counts.append(sum(one and not before for before, one in pairwise([False, *inked])))
    assert shares[:2] == [1.0, 1.0]
    assert all(0.2 < share < 0.8 for share in shares[2:]), shares
    assert counts[2] > counts[3] > counts[4] > counts[5] > 20, "with wider and wider gaps"


def test_a_loss_alone_is_a_point_and_pictures_that_look_alike_are_alike() -> None:
    one, again = (drawn(plot.Line([4], [1.5]), cells=Size(40, 20)) for _ in range(2))
    assert FIRST_CURVE in one.image.tobytes()
    assert one.is_like(again)
    assert not one.is_like(drawn(plot.Line([5], [1.5]), cells=Size(40, 20)))


class Told:
    """Graphics that say in words what they are told to show."""

    def shown(
        self, key: int, at: Offset, _picture: object, _free: object, touched: object, *, new: bool
    ) -> str:
        return f"{'new' if new else 'again'} {key} at {at.x},{at.y}: {touched}\n"

    def forgotten(self, key: int) -> str:
        return f"gone {key}\n"


class Chart:
    """What a layer knows of a chart, which lies at the corner 10, 5 of the screen."""

    def __init__(self) -> None:
        self.content_region, self.canvas = Region(10, 5, 30, 9), Region(2, 0, 20, 2)
        self.picture: object = object()
        self.free = ((0, 0, 20), (1, 0, 20))


def test_a_picture_is_sent_again_where_something_was_written_over_it() -> None:
    chart, covers = Chart(), list[Region]()

    def regions() -> dict[object, tuple[Region, Region]]:
        above = {object(): (region, Region(0, 0, 80, 24)) for region in covers}
        return {**above, chart: (chart.content_region, chart.content_region)}

    layer = PictureLayer(cast("Any", Told()), lambda: cast("Any", [chart]), cast("Any", regions))
    assert layer.over([], full=False) == "new 0 at 12,5: ()\n"
    assert layer.over([(5, 0, 12), (9, 0, 80)], full=False) == "", "beside it"
    assert layer.over([(6, 0, 20)], full=False) == "again 0 at 12,5: ((1, 0, 8),)\n"
    assert layer.over([], full=True) == "new 0 at 12,5: ()\n"
    chart.picture = object()
    assert layer.over([], full=False) == "new 0 at 12,5: ()\n"
    covers.append(Region(0, 0, 80, 7))
    assert layer.over([], full=False) == "gone 0\n"
    assert layer.over([(5, 0, 80)], full=False) == "", "under what covers it"
    covers.clear()
    assert layer.over([], full=False) == "new 0 at 12,5: ()\n"
    chart.picture = None
    assert layer.over([], full=False) == "gone 0\n"


def test_a_curve_breaks_where_a_logarithmic_axis_has_no_place_for_it() -> None:
    line = plot.Line([1, 4, 5, 8], [1.0, 1.0, 0.0, 1.0])
    picture = drawn(line, cells=Size(40, 20), log=True)
    row = (20 - 1) / 3 * 20 + 10  # of 1.0 between 0.01 and 10
    middle = [picture.image.getpixel((at, int(row))) for at in range(230, 380)]
    assert FIRST_CURVE not in middle


def test_words_and_the_crosshair_stay_text_and_the_picture_leaves_them_room() -> None:
    rows: list[plot.InkedRow] = [
        ((plot.LABEL, "1┤"), (plot.CURVE, "⠒⠒"), (plot.GRID, "┊"), (plot.NOTICE, "lr")),
        ((plot.LABEL, "0┤"), (plot.CROSS, "┃"), (plot.CURVE, "▲⠒"), (plot.BLANK, "  ")),
    ]
    left, free = cut_out(rows, Region(2, 0, 5, 2))
    assert ["".join(text for _, text in row) for row in left] == ["1┤   lr", "0┤┃▲   "]
    assert free == ((0, 0, 3), (1, 2, 5))


def test_a_sixel_picture_leaves_out_what_covers_it() -> None:
    picture = Picture(noisy(60, 60), Size(6, 3))
    free = [(0, 0, 6), (1, 0, 2), (1, 4, 6), (2, 0, 2), (2, 4, 6)]
    sent = Sixel(CELL).shown(0, Offset(5, 7), picture, free, (), new=True).encode()
    places = [(one.column, one.row, one.image.size) for one in sixel_pictures(sent)]
    assert places == [(5, 7, (60, 20)), (5, 8, (20, 40)), (9, 8, (20, 40))]


def test_a_picture_for_kitty_is_sent_in_pieces_and_placed_cell_by_cell() -> None:
    image = Image.effect_noise((600, 400), 90).convert("P")
    kitty, picture = Kitty(CELL), Picture(image, Size(60, 20))
    sent = kitty.shown(1, Offset(3, 4), picture, (), [(2, 10, 12)], new=True)
    assert max(len(piece.partition(";")[2]) for piece in sent.split("\x1b_G")[1:-1]) <= 4098
    (command,) = kitty_commands(sent.encode())
    assert command.image == image.convert("RGB")
    keys = command.keys
    assert (keys["a"], keys["U"], keys["c"], keys["r"], keys["q"]) == ("T", "1", "60", "20", "2")
    number = int(keys["i"])
    colour = f"\x1b[38;2;{number >> 16};{number >> 8 & 255};{number & 255}m"
    cells = "".join(f"\U0010eeee{NUMBERS[2]}{NUMBERS[column]}" for column in (10, 11))
    assert sent.endswith(f"\x1b[7;14H{colour}{cells}\x1b[0m")
    again = kitty.shown(1, Offset(3, 4), picture, (), [(0, 0, 1)], new=False)
    assert not kitty_commands(again.encode())


def test_the_marks_that_number_cells_are_those_of_the_protocol() -> None:
    assert len(NUMBERS) == len(set(NUMBERS)) == 297
    assert list(NUMBERS) == sorted(NUMBERS)
    assert {unicodedata.combining(mark) for mark in NUMBERS} == {230}
    assert not any(unicodedata.decomposition(mark) for mark in NUMBERS)
    assert [NUMBERS[at] for at in (0, 1, 2, 296)] == ["\u0305", "\u030d", "\u030e", "\U0001d244"]


def test_without_pillow_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError, match=r"pip install 'zgtui\[image\]'"):
        need_pillow()


def test_cells_that_something_covers_are_left_out_and_what_was_written_comes_again() -> None:
    free = [(0, 0, 10), (1, 0, 10)]
    assert list(_without(free, [Region(3, 1, 4, 5)])) == [(0, 0, 10), (1, 0, 3), (1, 7, 10)]
    assert list(_common(free, [(1, 8, 20), (5, 0, 9)])) == [(1, 8, 10)]
