"""What the screen of ``zgtui`` says in words, beside its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.config.settings import RunName
from zgtui.tui.model.base import rate_words
from zgtui.tui.model.predicted import Guess, guess_words

if TYPE_CHECKING:
    from zgtui.tui.model.live import RemoteComparison

RESTART = "press {key:restart} to restart"


def notes(live: RemoteComparison, *, theory: bool, secret: bool) -> list[str]:
    """The result and why; what failed, alone, where it did."""
    if live.phase == "failed":
        return [
            f"{live.failure}.",
            "The losses so far are kept: press {key:export} to export them; " + RESTART + ".",
        ]
    if live.phase == "loading":
        return ["The training process is importing PyTorch. The keys already work."]
    from zgtui.tui.model.explanation import explain, facts_of  # noqa: PLC0415 - there is nothing yet

    return explain(facts_of(live, theory=theory, secret=secret))


def state(live: RemoteComparison, name: RunName, guess: Guess | None) -> str:
    """What run ``name`` does; the guess first, where there is one."""
    phase, trend = live.phase, live.trend(name).words
    words = {"failed": "stopped", "loading": "starting"}.get(phase, phase)
    if trend and phase != "loading":
        words = trend if phase == "training" else f"{words} · {trend}"
    return f"{guess_words(live, name, guess)} · {words}" if guess else words


def progress(live: RemoteComparison) -> str:
    """How far it is, and what to do where it does not go on."""
    if live.phase == "loading":
        return f"importing PyTorch … {live.loading_seconds:.0f} s"
    if live.silence:
        return f"no answer for {live.silence:.0f} s · {RESTART}"
    if live.phase == "failed":
        return f"stopped at step {live.step:,} · {RESTART}"
    if live.phase == "training":
        rate = rate_words(live.rate, live.settings.speed or 0.0)
        return f"● step {live.step:,}{f' · {rate}' if rate else ''}"
    return f"{live.phase} · step {live.step:,}"
