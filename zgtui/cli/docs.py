"""``zgtui docs``: the reference on a screen, or as plain text where there is none."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from zgtui.cli.stdout import no_terminal
from zgtui.docs import INDEX, page
from zgtui.docs.plain import plain
from zgtui.errors import UsageError


def docs(names: Sequence[str], values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Show one topic, or the list of topics; returns the exit code.

    Raises:
        UsageError: if there is no such topic, or more than one is named.
    """
    if len(names) > 1:
        raise UsageError("docs shows one topic at a time, such as 'zgtui docs keys'")
    topic = page(names[0] if names else INDEX)
    ascii_only = bool(values["ascii"]) or "utf" not in (sys.stdout.encoding or "").lower()
    if ascii_only or no_terminal(keys=True):
        print(plain(topic, ascii_only=ascii_only), end="")
        return 0
    from zgtui.tui.start import start_docs  # noqa: PLC0415 - textual is for this case alone

    return start_docs(topic.name, values, keys)
