"""A script for each code: it trains the wrong loop, or the right one where it is asked to."""

from __future__ import annotations

from pathlib import Path

RIGHT = "right"
"""The argument of a script that has it train the right loop."""


def demo(code: str) -> Path:
    """The script that shows ``code``."""
    return Path(__file__).with_name(f"{code.lower()}.py")
