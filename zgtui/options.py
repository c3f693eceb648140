"""Every option, once: what it means, how its text is read, and where it may come from.

A value comes from the command line, else from the environment (``ZGTUI_LR`` for ``--lr``), else
from the configuration file, else it is the default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from zgtui.errors import UsageError, suggest
from zgtui.experiments import check_name
from zgtui.settings import Clearing, parse_lr

Marker = Literal["braille", "hd", "dot", "ascii"]
MARKERS: tuple[Marker, ...] = get_args(Marker)
"""What curves are drawn with, finest first."""


@dataclass(frozen=True)
class Option:
    """One option. ``parse`` reads its text; None makes it a switch without a value."""

    help: str
    metavar: str = ""
    parse: Callable[[str], Any] | None = None
    default: Any = None


def _whole(least: int, what: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        digits = text.strip().replace("_", "")
        if not (digits.isascii() and digits.isdigit() and least <= int(digits) < 2**63):
            raise UsageError(f"{what} is a whole number of at least {least}, not {text!r}")
        return int(digits)

    return parse


def _steps(text: str) -> int:
    return 0 if text.strip().lower() == "unlimited" else _whole(1, "a number of steps")(text)


def _positive(what: str, most: float = math.inf) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 < value <= most and math.isfinite(value)):
            limit = f" up to {most:g}" if math.isfinite(most) else ""
            raise UsageError(f"{what} is a positive number{limit}, not {text!r}")
        return value

    return parse


def _speed(text: str) -> float:
    return 0.0 if text.strip().lower() == "unlimited" else _positive("a speed")(text)


def _device(text: str) -> str:
    kind, _, index = text.partition(":")
    known = kind in {"auto", "cpu", "mps"} and text == kind
    if not (known or (kind == "cuda" and (text == kind or index.isdigit()))):
        raise UsageError(f"a device is auto, cpu, cuda, cuda:N or mps, not {text!r}")
    return text


def _choice(names: Sequence[str], what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise UsageError(
                f"{what} is {', '.join(names[:-1])} or {names[-1]}, not {text!r}."
                + suggest(text, names)
            )
        return text

    return parse


def _text(text: str) -> str:
    if not text:
        raise UsageError("a name is missing")
    return text


OPTIONS: dict[str, Option] = {
    "experiment": Option("what to train; see 'zgtui experiments'", "NAME", check_name, "article"),
    "article-exact": Option(
        "the article's own start: two models built one after the other (experiment article-exact)"
    ),
    "lr": Option("learning rate of both runs (default: the experiment's own)", "RATE", parse_lr),
    "device": Option(
        "auto, cpu, cuda, cuda:N or mps; auto takes cuda, then mps, then cpu (default: auto)",
        "NAME",
        _device,
        "auto",
    ),
    "seed": Option("seed of weights, data and batches (default: 42)", "N", _whole(0, "a seed"), 42),
    "steps": Option(
        "optimizer steps to train, or 'unlimited' (default: the experiment's own)", "N", _steps
    ),
    "clear-a": Option(
        "when run A calls zero_grad(): every, never, or every N steps (default: every)",
        "every|never|N",
        Clearing.parse,
        Clearing.parse("every"),
    ),
    "clear-b": Option(
        "the same for run B (default: never)",
        "every|never|N",
        Clearing.parse,
        Clearing.parse("never"),
    ),
    "speed": Option(
        "steps a second, or 'unlimited' (default: the experiment's own)", "RATE", _speed
    ),
    "paused": Option("start paused, at step 0"),
    "out": Option("loss table (CSV) to keep up to date while training", "FILE", _text),
    "overwrite": Option("let --out replace an existing file"),
    "fps": Option(
        "most frames a second the charts are drawn (default: 10)",
        "RATE",
        _positive("a frame rate", 60),
        10.0,
    ),
    "marker": Option(
        "what curves are drawn with: braille, hd, dot or ascii (default: what the terminal shows)",
        "NAME",
        _choice(MARKERS, "a marker"),
    ),
    "ascii": Option("draw with ASCII characters alone"),
    "theme": Option("colour theme; an unknown name lists them", "NAME", _text, "zgtui-dark"),
}
