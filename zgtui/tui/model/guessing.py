"""Predict, then reveal: what a class guesses of a run, held against what the run then does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from zgtui.config.settings import RunName
from zgtui.curves.trend import Trend

Guess = Literal["converges", "oscillates", "diverges", "the same"]
CHOICES: dict[RunName, dict[str, str]] = {
    "A": {
        "converges": "its loss falls, and stays down",
        "oscillates": "its loss goes up and down for ever",
        "diverges": "its loss grows beyond all bounds",
    },
}
CHOICES["B"] = {**CHOICES["A"], "the same": "it ends as A does"}
REACHED: dict[str, Guess] = {
    "converged": "converges",
    "oscillating": "oscillates",
    "growing": "diverges",
    "diverged": "diverges",
}


@dataclass(frozen=True)
class Outcome:
    """What became of a run so far: its trend, its first loss and the mean of its newest ones."""

    trend: Trend
    first: float | None = None
    recent: float | None = None


def reached(seen: Outcome, *, finished: bool) -> Guess | None:
    """What the run did; None while, or where, it did none of these.

    Minibatches never let a loss rest: a finished run converged where its loss fell to half or
    less, and diverged where it stands at twice or more.
    """
    found = REACHED.get(seen.trend.state)
    if found is not None or not finished or seen.first is None or seen.recent is None:
        return found
    if seen.recent <= seen.first / 2:
        return "converges"
    return "diverges" if seen.recent >= 2 * seen.first else None


def judged(name: RunName, guess: Guess, seen: Mapping[RunName, Outcome], *, finished: bool) -> str:
    """How the guess of run ``name`` stands, in a few words."""
    did = reached(seen[name], finished=finished)
    meant = reached(seen["A"], finished=finished) if guess == "the same" else guess
    words = f"guessed: {guess}"
    if finished and guess == "the same":
        return f"{words}, right" if did == meant else f"{words}, wrong"
    if did is None or meant is None:
        return f"{words}, wrong: none of these" if finished else words
    return f"{words}, right" if did == meant else f"{words}, wrong"
