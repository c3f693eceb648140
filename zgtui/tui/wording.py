"""What the screen says of a run: sentences that follow from its settings and its losses."""

from __future__ import annotations

from zgtui.losses.trend import Trend
from zgtui.settings import Clearing, RunName
from zgtui.tui.live import Phase

_ASCII = str.maketrans({"·": "-", "●": "*", "▶": ">", "×": "x", "…": "...", "–": "-", "—": "-"})


def ascii_text(text: str) -> str:
    """``text`` in ASCII alone, for terminals that show nothing else."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()


def number(value: float | None) -> str:
    """A loss or a rate in at most four significant digits; a dash where there is none yet."""
    return "–" if value is None else f"{value:.4g}"


def trend_words(trend: Trend) -> str:
    """What the losses do, in a few words; empty while there is nothing to remark."""
    if trend.state == "diverged":
        return f"diverged at step {trend.since}"
    if trend.state == "converged":
        return f"converged at step {trend.since}"
    if trend.state == "swinging":
        period = "" if trend.period is None else f", period {trend.period:.1f} steps"
        return f"swinging{period}"
    if trend.state == "growing":
        factor = "" if trend.growth is None else f" ×{trend.growth:.3g} a step"
        return f"growing{factor}"
    return ""


def state_words(phase: Phase, trend: Trend) -> str:
    """The state line of a run's pane."""
    words = trend_words(trend)
    if phase == "failed":
        return f"stopped · {words}" if words else "stopped"
    if phase == "loading":
        return "starting"
    if not words:
        return phase
    return words if phase == "training" else f"{phase} · {words}"


def explanation(clear_a: Clearing, clear_b: Clearing) -> str:
    """What the two policies make runs under plain SGD do, for the pane beside the code."""
    if clear_a == clear_b:
        return _sentence("A and B", "", clear_a)
    return f"{_sentence('B', 's', clear_b)}\n{_sentence('A', 's', clear_a)}"


def _sentence(who: str, s: str, clear: Clearing) -> str:
    """``s`` ends the verb where ``who`` is one run."""
    if clear.period == 1:
        return f"{who} clear{s} before every step."
    if clear.period == 0:
        return (
            f"{who} never clear{s}: each step goes along the sum of all gradients so far,"
            " as SGD with momentum 1."
        )
    return f"{who} clear{s} every {clear.period} steps: up to {clear.period} gradients add up."


def clearing_note(clear_a: Clearing, clear_b: Clearing) -> dict[RunName, str]:
    """When each run executes the ``zero_grad()`` line, in a word or two."""
    return {
        "A": f"A {_when(clear_a)}",
        "B": f"B {_when(clear_b)}",
    }


def _when(clear: Clearing) -> str:
    return {0: "never", 1: "every"}.get(clear.period, f"1 in {clear.period}")
