"""``zgtui docs``: the reference on a screen, or as plain text where there is none."""

from __future__ import annotations

import sys

from zgtui.cli import Invocation, Subcommand
from zgtui.config.options import pick
from zgtui.docs import INDEX, page
from zgtui.docs.plain import plain
from zgtui.errors import UsageError
from zgtui.outputs.stdout import no_terminal
from zgtui.terminal import tell_text


def docs(call: Invocation) -> int:
    """Show one topic, or the list of topics; returns the exit code.

    Raises:
        UsageError: if there is no such topic, or more than one is named.
    """
    names, values = call.words, call.values
    if len(names) > 1:
        raise UsageError("docs shows one topic at a time, such as 'zgtui docs keys'")
    topic = page(names[0] if names else INDEX)
    ascii_only = bool(values["ascii"]) or "utf" not in (sys.stdout.encoding or "").lower()
    if ascii_only or no_terminal(keys=True):
        tell_text(plain(topic, ascii_only=ascii_only).rstrip("\n"))
        return 0
    from zgtui.tui.start import start_docs  # noqa: PLC0415 - textual is for this case alone

    return start_docs(topic.name, values, call.keys)


COMMAND = Subcommand(
    "docs",
    "show the reference: all topics, or one of them",
    pick("ascii", "theme"),
    docs,
    "[TOPIC]",
    examples=(
        "zgtui docs                              # all topics",
        "zgtui docs check",
        "zgtui docs theory | less",
    ),
)
