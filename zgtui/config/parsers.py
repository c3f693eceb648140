"""What the text of an option means; each parser raises UsageError that says what it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from zgtui.config.settings import MAX_DIGITS
from zgtui.errors import UsageError, suggest
from zgtui.plural import any_of


def whole(
    minimum: int, what: str, maximum: int = 2**63 - 1, *, zero: str = ""
) -> Callable[[str], int]:
    """A whole number from ``minimum`` to ``maximum``; ``what`` names it in the error.

    ``zero`` is a word that means 0.
    """
    bounds = f"of at least {minimum}" if maximum == 2**63 - 1 else f"from {minimum} to {maximum}"
    bounds += _or(zero)

    def parse(text: str) -> int:
        if zero and text.strip().lower() == zero:
            return 0
        digits = text.strip().replace("_", "")
        plain = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
        if not (plain and minimum <= int(digits) <= maximum):
            raise UsageError(f"{what} must be a whole number {bounds}, not {text!r}")
        return int(digits)

    return parse


def _or(word: str) -> str:
    return f" or '{word}'" if word else ""


def positive(what: str, maximum: float = math.inf, *, zero: str = "") -> Callable[[str], float]:
    """A finite number above 0; ``what`` names it in the error, ``zero`` is a word that means 0."""
    limit = f" up to {maximum:g}" if math.isfinite(maximum) else ""
    demand = f"{what} must be a positive number{limit}{_or(zero)}"
    parse = _number(lambda value: 0 < value <= maximum, demand)
    return lambda text: 0.0 if zero and text.strip().lower() == zero else parse(text)


def not_negative(what: str) -> Callable[[str], float]:
    """A finite number of at least 0; ``what`` names it in the error."""
    return _number(lambda value: value >= 0, f"{what} must be a finite number of at least 0")


def _number(fits: Callable[[float], bool], demand: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (fits(value) and math.isfinite(value)):
            raise UsageError(f"{demand}, not {text!r}")
        return value

    return parse


steps = whole(1, "the number of steps", zero="unlimited")
speed = positive("the speed", zero="unlimited")
batch_size = whole(1, "the batch size", zero="full")


def device(text: str) -> str:
    """A device, by its name in PyTorch, or ``auto``."""
    kind, _, index = text.partition(":")
    known = text in {"auto", "cpu", "cuda", "mps"}
    if not (known or (kind == "cuda" and index.isascii() and index.isdigit())):
        raise UsageError(f"the device must be auto, cpu, cuda, cuda:N or mps, not {text!r}")
    return text


def choice(names: Sequence[str], what: str) -> Callable[[str], str]:
    """A parser that takes one of ``names`` and suggests near misses."""

    def parse(text: str) -> str:
        if text not in names:
            raise UsageError(f"{what} must be {any_of(names)}, not {text!r}.{suggest(text, names)}")
        return text

    return parse


def processes(text: str) -> str:
    """A number of processes, or a word of torchrun's."""
    if text in {"auto", "cpu", "gpu"}:
        return text
    return str(whole(1, "the number of processes, if not auto, cpu or gpu,")(text))


def nodes(text: str) -> str:
    """A number of nodes, or MIN:MAX."""
    minimum, colon, maximum = text.partition(":")
    number = whole(1, "the number of nodes, or each end of MIN:MAX,")
    return f"{number(minimum)}{colon}{number(maximum) if colon else ''}"


def not_empty(text: str) -> str:
    """Any text."""
    if not text:
        raise UsageError("a value is missing")
    return text


def names(what: str) -> Callable[[str], tuple[str, ...]]:
    """Names or patterns separated by commas; ``what`` has such a name."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(name for part in text.split(",") if (name := part.strip()))
        if not found:
            raise UsageError(f"the name of {what} is missing")
        return found

    return parse
