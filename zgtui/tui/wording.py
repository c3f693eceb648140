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


def state_words(phase: Phase, trend: Trend) -> str:
    """The state line of a run's pane."""
    words = trend.words
    if phase == "failed":
        return f"stopped · {words}" if words else "stopped"
    if phase == "loading":
        return "starting"
    if not words:
        return phase
    return words if phase == "training" else f"{phase} · {words}"


def explanation(clear_a: Clearing, clear_b: Clearing, *, plain_sgd: bool) -> str:
    """What the two policies make the runs do, for the pane beside the code.

    Only under SGD without momentum is never clearing the same as momentum 1.
    """
    if clear_a == clear_b:
        return _sentence("A and B", "", clear_a, plain_sgd=plain_sgd)
    return "\n".join(
        [
            _sentence("B", "s", clear_b, plain_sgd=plain_sgd),
            _sentence("A", "s", clear_a, plain_sgd=plain_sgd),
        ]
    )


def _sentence(who: str, s: str, clear: Clearing, *, plain_sgd: bool) -> str:
    """``s`` ends the verb where ``who`` is one run. Two of these fit into 27 by 5 cells."""
    if clear.period == 1:
        return f"{who} clear{s} before every step."
    if clear.period == 0:
        steps = "it steps" if s else "they step"
        same_as = ", as SGD with momentum 1" if plain_sgd else ""
        return f"{who} never clear{s}: {steps} by the sum of all gradients so far{same_as}."
    return f"{who} clear{s} every {clear.period} steps: gradients add up meanwhile."


def clearing_note(clear_a: Clearing, clear_b: Clearing) -> dict[RunName, str]:
    """When each run executes the ``zero_grad()`` line, in a word or two."""
    return {
        "A": f"A {_when(clear_a)}",
        "B": f"B {_when(clear_b)}",
    }


def _when(clear: Clearing) -> str:
    return {0: "never", 1: "every"}.get(clear.period, f"1/{clear.period}")
