"""The gradients of both runs: lengths, angle, what they are made of, and the gauge of lr·λ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from zgtui.charts.colours import run_colour
from zgtui.config.settings import RUNS, RunName

GAUGE_END = 5.0
"""lr·λ at the right end of the gauge; above it the needle stays there."""
LIMITS = (2.0, 4.0)
"""Stable below: a run that clears every step, one that never does (claims.md 3)."""
LABEL = 9


@dataclass(frozen=True)
class GradientView:
    """What the pane shows of one run; None where nothing was measured."""

    grad: float | None = None
    fresh: float | None = None
    carried: float | None = None
    ratio: float | None = None
    cosine: float | None = None
    q: float | None = None
    q_step: int | None = None
    """The step that λ was measured at, where that is not about now."""
    energy: float | None = None
    first_loss: float | None = None


class GradientPane(Horizontal):
    """Both runs side by side; ``show`` draws only what changed."""

    DEFAULT_CSS = """
    GradientPane {
        width: 1fr;
        height: 100%;
        min-height: 7;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        padding: 0 1;
        & > Static { width: 1fr; height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #gradients-A { margin-right: 2; }
    }
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="gradients")
        self.border_title = "gradients"
        self._ascii = ascii_only
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """A text for each run."""
        for name in RUNS:
            yield Static(id=f"gradients-{name}")

    def on_resize(self) -> None:
        """Bars are as long as there is room."""
        self._shown = None

    def show(self, views: dict[RunName, GradientView], *, dark: bool) -> None:
        """Show what was measured of each run."""
        key = (dict(views), dark, self.size)
        if key == self._shown:
            return
        self._shown = key
        for name in RUNS:
            widget = self.query_one(f"#gradients-{name}", Static)
            text = gradient_text(name, views[name], widget.size.width, ascii_only=self._ascii)
            text.stylize(f"bold {run_colour(name, dark=dark)}", 0, 1)
            widget.update(text)


def gradient_text(name: RunName, view: GradientView, width: int, *, ascii_only: bool) -> Text:
    """The five lines of run ``name``, at most ``width`` cells each."""
    lines = [
        _lengths(name, view, width, ascii_only=ascii_only),
        _angle(view, width, ascii_only=ascii_only),
        *_parts(view, width, ascii_only=ascii_only),
        gauge(view.q, width, ascii_only=ascii_only, step=view.q_step),
    ]
    return Text("\n".join(line[:width] for line in lines))


def _first_that_fits(forms: Sequence[str], width: int) -> str:
    """The fullest of ``forms``, fullest first, with room; no number is ever cut."""
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
        cosine = f"cosine {view.cosine:+.2f}{' uphill' if view.cosine < 0 else ''}"
    if view.energy is not None and view.first_loss is not None:
        energy = f"energy {view.energy:.4g}"
    separator = ("   " if ascii_only else " · ") if cosine and energy else ""
    whole = f"{cosine}{separator}{energy}"
    before = f" of {view.first_loss:.4g}" if energy else ""
    close = whole.replace("cosine", "cos")
    return _first_that_fits([whole + before, whole, close, cosine, energy], width)


def _parts(view: GradientView, width: int, *, ascii_only: bool) -> list[str]:
    """What .grad is made of: what was carried over and what this step added, as two bars."""
    room = width - LABEL - 8
    longest = max(view.carried or 0.0, view.fresh or 0.0)
    lines = []
    for label, length in (("carried", view.carried), ("fresh", view.fresh)):
        if length is None or longest == 0 or room < 1:
            lines.append(label)
            continue
        cells = round(room * min(1.0, length / longest)) if longest != float("inf") else 0
        bar = ("#" if ascii_only else "█") * cells
        lines.append(f"{label:<{LABEL}}{bar} {length:.3g}")
    return lines


def gauge(q: float | None, width: int, *, ascii_only: bool, step: int | None = None) -> str:
    """lr·λ on a scale with its two limits: ``lr·λ 1.2  ───●────2────────4──``.

    ``step`` stands beside it: the one at which it was so.
    """
    name = "lr*l" if ascii_only else "lr·λ"
    number = f"{name} -" if q is None else f"{name} {q:.3g}"
    if q is not None and step is not None:
        number += f" at step {step:,}"
    label = f"{number:<{LABEL + 1}} "
    cells = width - len(label)
    if cells < 12:
        return label.rstrip()
    scale = ["-" if ascii_only else "─"] * cells
    for limit in LIMITS:
        scale[_cell(limit, cells)] = f"{limit:g}"
    if q is not None and q == q:  # noqa: PLR0124 - not a number has no place on a scale
        scale[_cell(q, cells)] = "o" if ascii_only else "●"
    return label + "".join(scale)


def _cell(q: float, cells: int) -> int:
    return round(max(0.0, min(1.0, q / GAUGE_END)) * (cells - 1))
