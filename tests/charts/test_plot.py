from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from zgtui.charts import axes, plot
from zgtui.charts.axes import Axis, Limits
from zgtui.charts.octants import FROM_BRAILLE
from zgtui.charts.plot import CURVE, FRAME, LABEL, InkedRow, Line
from zgtui.config.options import MARKERS, Marker

X = Axis(Limits(0, 20), axes.step_ticks(Limits(0, 20), 30))
Y = Axis(Limits(0, 1), axes.loss_ticks(Limits(0, 1), 10))


def text(rows: list[InkedRow]) -> list[str]:
    return ["".join(piece for _, piece in row) for row in rows]


def cells(rows: list[InkedRow], ink: int) -> set[tuple[int, int]]:
    """Columns and rows in which something of ``ink`` can be seen."""
    found = set()
    for y, row in enumerate(rows):
        x = 0
        for piece_ink, piece in row:
            found |= {
                (x + at, y) for at, cell in enumerate(piece) if cell != " " and piece_ink == ink
            }
            x += len(piece)
    return found


def test_a_framed_plot_has_its_labels_in_the_gutter_and_below() -> None:
    rows = plot.draw(36, 8, X, Y, [], gutter=5, marker="braille")
    assert text(rows) == [
        "  1.0┤                              ",
        "     │                              ",
        "     │                              ",
        "  0.5┤                              ",
        "     │                              ",
        "  0.0┤                              ",
        "     └┬──────┬───────┬──────┬──────┬",
        "      0      5       10     15    20",
    ]
    assert {ink for row in rows for ink, _ in row} == {FRAME, LABEL}


@pytest.mark.parametrize("marker", MARKERS)
def test_every_marker_draws_a_curve_from_corner_to_corner(marker: Marker) -> None:
    rows = plot.draw(21, 8, X, Y, [Line([0, 20], [0, 1])], gutter=None, marker=marker)
    curve = cells(rows, CURVE)
    assert {(0, 7), (20, 0)} <= curve
    assert {x for x, _ in curve} == set(range(21))


def test_ascii_is_ascii_and_nothing_else() -> None:
    lines = [Line([1, 9], [0, 1]), Line([1, 9], [1, 0]), Line([2, 4], [1, 1], dotted=True)]
    rows = plot.draw(40, 12, X, Y, lines, gutter=5, marker="ascii")
    assert all(line.isascii() for line in text(rows))
    assert {"*", "o", ".", "|", "+", "-"} <= set("".join(text(rows)))


@pytest.mark.parametrize("marker", MARKERS)
def test_curves_differ_without_colour(marker: Marker) -> None:
    flat = [
        Line([0, 20], [height, height], dotted)
        for height, dotted in ((0, False), (0.5, False), (1, True))
    ]
    rows = plot.draw(21, 9, X, Y, flat, gutter=None, marker=marker)
    glyphs = [set(text(rows)[row]) - {" "} for row in (8, 4, 0)]
    assert not glyphs[0] & glyphs[1]
    assert not glyphs[2] & (glyphs[0] | glyphs[1])


def test_a_dotted_line_lies_beneath_whatever_the_order() -> None:
    below, above = Line([0, 20], [0.5, 0.5], dotted=True), Line([0, 10], [0.5, 0.5])
    for lines, solid in (([below, above], 1), ([above, below], 0)):
        rows = plot.draw(21, 9, X, Y, lines, gutter=None)
        assert {x for x, _ in cells(rows, CURVE + solid)} == set(range(11))
        assert {x for x, _ in cells(rows, CURVE + 1 - solid)} == set(range(11, 21))


def test_a_single_point_is_a_full_dot() -> None:
    rows = plot.draw(21, 5, X, Y, [Line([10], [0.5])], gutter=None, marker="braille")
    assert text(rows)[2].strip() == "•"


def test_a_plot_may_be_larger_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    rows = plot.draw(200, 60, X, Y, [Line([0, 20], [0, 1])], gutter=5)
    assert (len(rows), {len(line) for line in text(rows)}) == (60, {200})


def test_points_beyond_the_axes_are_drawn_at_their_edge() -> None:
    rows = plot.draw(21, 5, X, Y, [Line([10], [1e300])], gutter=None)
    assert cells(rows, CURVE) == {(10, 0)}


@pytest.mark.parametrize("width", [8, 9, 33, 34, 58])
def test_the_column_of_a_step_is_known(width: int) -> None:
    for step in range(21):
        rows = plot.draw(width, 3, X, Y, [Line([step], [0.5])], gutter=None)
        assert cells(rows, CURVE) == {(plot.column(step / 20, width), 1)}


HOSTILE = """
import math, random, sys
from zgtui.config.options import MARKERS, Marker
from zgtui.charts import axes
from zgtui.config.options import MARKERS, Marker
from zgtui.charts import plot
chance = random.Random(int(sys.argv[1]))
odd = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, -5e-324, 1e-300, 1e300, -1e300,
       sys.float_info.max, -sys.float_info.max, 1.0, 1e16, 1e38, 1 + 2e-16]
def value():
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(odd)
    return chance.uniform(-10, 10) * 10 ** (chance.uniform(-320, 307) if kind < 0.7 else 0)
for case in range(int(sys.argv[2])):
    log = chance.random() < 0.4
    width, height = chance.randint(1, 60), chance.randint(1, 20)
    lines = []
    for _ in range(chance.randint(0, 3)):
        count = chance.choice([0, 1, 2, 3, 10, 2 * width])
        losses = [value() for _ in range(count)]
        steps = sorted(chance.uniform(0, 100) for _ in losses)
        if chance.random() < 0.1:
            steps = [value() for _ in losses]
        lines.append(plot.Line(steps, losses, chance.random() < 0.3))
    kept = [loss for line in lines for loss in line.losses
            if math.isfinite(loss) and (loss > 0 or not log)] or [1.0]
    if chance.random() < 0.2:  # axes that fit other data
        kept = [chance.uniform(0.1, 5)]
    fit, ticks = ((axes.fit_decades, axes.decade_ticks) if log
                  else (axes.fit_losses, axes.loss_ticks))
    limits = fit(min(kept), max(kept))
    steps = axes.fit_steps(chance.choice([1, 100, 10**9, 2**62]))
    gutter = chance.choice([None, 5, 12])
    if gutter and (width < gutter + 2 or height < 3):
        gutter = None
    rows = plot.draw(
        width, height, axes.Axis(steps, axes.step_ticks(steps, width)),
        axes.Axis(limits, ticks(limits, height), log), lines, gutter=gutter,
        marker=chance.choice(MARKERS))
    sizes = [sum(len(text) for _, text in row) for row in rows]
    assert sizes == [width] * height, (case, width, height, sizes)
print("survived")
"""


def test_no_float_at_any_size_brings_the_process_down() -> None:
    root = Path(plot.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, "1", "400"],
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "survived\n", "")


def test_octants_fill_the_dots_that_braille_has() -> None:
    lines = [Line([0, 20], [0, 1])]
    braille, octant = (
        plot.draw(21, 8, X, Y, lines, gutter=None, marker=marker)
        for marker in ("braille", "octant")
    )
    assert cells(octant, CURVE) == cells(braille, CURVE)
    assert not any("\u2800" <= cell <= "\u28ff" for line in text(octant) for cell in line)


# As Unicode 16 names them: BLOCK OCTANT-3, -23, -1357 (half a block), -2345678; a single eighth.
@pytest.mark.parametrize(
    ("eighths", "glyph"),
    [
        ("3", "\U0001cd00"),
        ("23", "\U0001cd01"),
        ("2345678", "\U0001cde5"),
        ("1357", "▌"),
        ("12", "\U0001fb82"),
        ("35", "\U0001fbe6"),
        ("8", "\U0001cea0"),
        ("12345678", "█"),
    ],
)
def test_each_octant_has_the_eighths_of_its_braille_pattern(eighths: str, glyph: str) -> None:
    dots = {"1": 0x01, "2": 0x08, "3": 0x02, "4": 0x10, "5": 0x04, "6": 0x20, "7": 0x40, "8": 0x80}
    assert FROM_BRAILLE[0x2800 + sum(dots[one] for one in eighths)] == glyph
    assert len(set(FROM_BRAILLE.values())) == 256


@pytest.mark.skipif(
    int(unicodedata.unidata_version.split(".")[0]) < 16,
    reason="this Python knows no Unicode 16, which names octants",
)
def test_octants_are_those_of_unicode() -> None:
    for code, glyph in FROM_BRAILLE.items():
        name = unicodedata.name(glyph)
        if name.startswith("BLOCK OCTANT-"):
            places = (0, 2, 4, 1, 3, 5, 6, 7)  # of the dots of braille, by their bits
            filled = sorted(places[bit] + 1 for bit in range(8) if (code - 0x2800) >> bit & 1)
            assert name == "BLOCK OCTANT-" + "".join(map(str, filled))
