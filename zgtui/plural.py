"""Numbers of things, and choices, in words."""

from __future__ import annotations

from collections.abc import Iterable


def any_of(names: Iterable[str]) -> str:
    """``.csv, .tsv or .md``."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def plural(count: int, word: str) -> str:
    """``1 step``, ``2,000 steps``; ``pass`` and ``batch`` take ``es``, ``epoch`` does not."""
    hisses = word.endswith(("s", "ch")) and not word.lower().endswith("epoch")
    ending = "" if count == 1 else "es" if hisses else "s"
    return f"{count:,} {word}{ending}"
