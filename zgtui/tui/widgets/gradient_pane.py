"""The gradients of both runs: lengths, angle, what they are made of, and the gauge of lr·λ."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from zgtui.charts.colours import run_colour
from zgtui.charts.words import ascii_text
from zgtui.config.settings import RUNS, RunName
from zgtui.tui.model.gradients import GradientView, Ranges
from zgtui.tui.model.predicted import GAUGE_END
from zgtui.tui.widgets.titled import Titled

LABEL = 9
NUMBER = 6
"""Columns of the number in front of a gauge."""
MIN_CELLS = 12
"""A gauge with fewer cells says nothing."""
LEGEND = (
    "‖.grad‖ is the length of the gradient applied, ‖g‖ that of this step's own.",
    "carried is what .grad held before the step, fresh is g.",
    "cosine measures the angle of .grad to g: below 0 the step goes uphill.",
    "lr·λ is learning rate × sharpness (largest curvature); ━ is stable.",
    "energy is loss + ½·lr·(carried dot .grad): constant where nothing clears.",
)


class GradientPane(Titled, Vertical):
    """Both runs side by side; ``show`` draws only what changed."""

    DEFAULT_CSS = """
    GradientPane {
        width: 1fr;
        height: 100%;
        min-height: 7;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        padding: 0 1;
        & > Horizontal { height: auto; }
        & > Horizontal > Static { width: 1fr; height: auto; text-wrap: nowrap; }
        & #gradients-A { margin-right: 2; }
        & > .legend { display: none; height: auto; color: $foreground 70%; }
    }
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="gradients")
        self.border_title = "gradients"
        self._ascii = ascii_only
        self._shown: object = None
        self._texts = {name: Static(id=f"gradients-{name}") for name in RUNS}

    def compose(self) -> ComposeResult:
        """A text for each run, and what the words mean."""
        with Horizontal():
            yield from self._texts.values()
        legend = "\n".join(LEGEND)
        if self._ascii:
            legend = ascii_text(legend)
        yield Static(legend, classes="legend", markup=False)

    def on_resize(self) -> None:
        """Bars are as long as there is room."""
        self._shown = None

    def show(self, views: dict[RunName, GradientView], *, dark: bool) -> None:
        """Show what was measured of each run."""
        key = (dict(views), dark, self.size)
        if key == self._shown:
            return
        self._shown = key
        steps = [f"{view.step:,}" for view in views.values() if view.step]
        at = steps[0] if len(set(steps)) == 1 else " (A) and ".join(steps) + " (B)"
        self.entitle("border_title", f"gradients at step {at}" if steps else "gradients")
        for name in RUNS:
            widget = self._texts[name]
            text = gradient_text(name, views[name], widget.size.width, ascii_only=self._ascii)
            text.stylize(f"bold {run_colour(name, dark=dark)}", 0, 1)
            # Of the same height it needs no layout, which costs more than the text.
            widget.update(text, layout=widget.size.height != text.plain.count("\n") + 1)


def gradient_text(name: RunName, view: GradientView, width: int, *, ascii_only: bool) -> Text:
    """The five lines of run ``name``, at most ``width`` cells each; no number is ever cut."""
    lines = [
        _lengths(name, view, width, ascii_only=ascii_only),
        _angle(view, width, ascii_only=ascii_only),
        *_parts(view, width, ascii_only=ascii_only),
        gauge(view.q, width, view.ranges, ascii_only=ascii_only, step=view.q_step),
    ]
    return Text("\n".join(lines))


def _first_that_fits(forms: Sequence[str], width: int) -> str:
    """The fullest of ``forms``, fullest first, with room; nothing where there is none."""
    return next((form for form in forms if len(form) <= width), "")


def _lengths(name: RunName, view: GradientView, width: int, *, ascii_only: bool) -> str:
    if view.grad is None or view.fresh is None:
        return _first_that_fits([f"{name}  not measured yet", name], width)
    held, fresh = ("|.grad|", "|g|") if ascii_only else ("‖.grad‖", "‖g‖")
    times = "x" if ascii_only else "×"
    short = f"{name}  {held} {view.grad:.3g}"
    ratio = "" if view.ratio is None else f" = {view.ratio:.3g} {times} {fresh}"
    both = f"{short}{ratio} {view.fresh:.3g}" if ratio else f"{short}  {fresh} {view.fresh:.3g}"
    # The bars show the second length as well.
    return _first_that_fits([both, short + ratio, f"{name}  {held}{ratio}", short, name], width)


def _angle(view: GradientView, width: int, *, ascii_only: bool) -> str:
    cosine = energy = ""
    if view.cosine is not None:
        shown = f"{view.cosine:+.2f}"
        # What rounds to nothing has no sign.
        uphill = view.uphill and shown != "-0.00"
        cosine = f"cosine {shown if uphill or shown != '-0.00' else '+0.00'}"
        cosine += " uphill" if uphill else ""
    if view.energy is not None and view.first_loss is not None:
        energy = f"energy {view.energy:.4g}"
    separator = ("   " if ascii_only else " · ") if cosine and energy else ""
    whole = f"{cosine}{separator}{energy}"
    before = f" of {view.first_loss:.4g}" if energy else ""
    close = whole.replace("cosine", "cos")
    return _first_that_fits([whole + before, whole, close, cosine, energy], width)


def _parts(view: GradientView, width: int, *, ascii_only: bool) -> list[str]:
    """What .grad is made of: what was carried over and what this step added, as two bars."""
    lengths = (("carried", view.carried), ("fresh", view.fresh))
    known = [length for _, length in lengths if length is not None]
    numbers = [f" {length:.3g}" for length in known]
    room = width - LABEL - max(map(len, numbers), default=0)
    longest = max(known, default=0.0)
    lines = []
    for label, length in lengths:
        if length is None:
            lines.append(_first_that_fits([label], width))
            continue
        share = min(1.0, length / longest) if 0 < longest < float("inf") else 0.0
        bar = ("#" if ascii_only else "█") * max(0, round(room * share))
        number = f"{length:.3g}"
        lines.append(_first_that_fits([f"{label:<{LABEL}}{bar} {number}", number], width))
    return lines


def gauge(
    q: float | None,
    width: int,
    ranges: Ranges | None,
    *,
    ascii_only: bool,
    step: int | None = None,
) -> str:
    """lr·λ on a scale, heavy where the run is stable: ``lr·λ 1.2  ━━━●━━━━2──────────``.

    ``ranges`` are those in which it is stable; without them there is no scale. ``step`` stands
    beside it: the one at which it was so.
    """
    name = "lr*lambda" if ascii_only else "lr·λ"
    number = f"{name} -" if q is None else f"{name} {q:.3g}"
    dated = f"{number} at step {step:,}" if q is not None and step is not None else number
    label = f"{dated:<{len(name) + NUMBER}} "
    if ranges == ():
        return _first_that_fits([f"{label}unstable at any rate", dated, number], width)
    cells = width - len(label)
    if ranges is None or cells < MIN_CELLS:
        return _first_that_fits([dated, number], width)
    return label + _scale(q, cells, ranges, ascii_only=ascii_only)


def _scale(q: float | None, cells: int, ranges: Ranges, *, ascii_only: bool) -> str:
    stable, unstable, needle = ("=", "-", "o") if ascii_only else ("━", "─", "●")
    values = [(at + 0.5) / cells * GAUGE_END for at in range(cells)]
    scale = [
        stable if any(low < value < high for low, high in ranges) else unstable for value in values
    ]
    taken = set() if q is None or q != q else {_cell(q, cells)}  # noqa: PLR0124 - nan has no place
    free = set(range(cells)) - taken
    for limit in (border for pair in ranges for border in pair if 0 < border < GAUGE_END):
        text = f"{limit:.3g}"
        start = min(_cell(limit, cells), cells - len(text))
        wanted = set(range(start - 1, start + len(text) + 1)) & set(range(cells))
        if set(range(start, start + len(text))) <= free and wanted <= free | taken:
            scale[start : start + len(text)] = list(text)
            free -= wanted
    for at in taken:
        scale[at] = needle
    return "".join(scale)


def _cell(q: float, cells: int) -> int:
    return min(cells - 1, int(max(0.0, min(1.0, q / GAUGE_END)) * cells))
