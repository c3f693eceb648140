"""``zgtui serve``: the app in a browser."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from zgtui.cli import Invocation, Subcommand, need_pytorch
from zgtui.config.options import pick
from zgtui.errors import UsageError, need_extra, suggest

SERVED = ("app", "run", "view", "map", "docs")
"""The commands that have a screen."""


def serve(call: Invocation) -> int:
    """Serve until it is ended; returns the exit code.

    Raises:
        UsageError: if that cannot be served, or not there.
    """
    words = list(call.words) or ["app"]
    check_served(words)
    need_extra("textual-serve", "serve", "zgtui serve needs the package", module="textual_serve")
    from zgtui.outputs.web.web_server import Serving, serve  # noqa: PLC0415 - an extra, for this alone

    values = call.values
    # The name of the app is no command: it goes without.
    spoken = words[1:] if words[0] == "app" else words
    return serve(
        Serving(
            host=values["host"],
            port=values["port"],
            visitors=values["visitors"],
            words=[sys.executable, "-m", "zgtui", *spoken],
        )
    )


def check_served(words: Sequence[str]) -> None:
    """Raise UsageError if every visitor would be told that it cannot be shown."""
    from zgtui.cli.main import command  # noqa: PLC0415 - it imports this module

    name, *rest = words
    if name not in SERVED:
        raise UsageError(
            f"{name!r} has no screen to serve.{suggest(name, SERVED)}"
            f" Available: {', '.join(SERVED)}"
        )
    served = command(name)
    served.parse(rest)
    if served.trains:
        need_pytorch()


COMMAND = Subcommand(
    "serve",
    "show the app in a browser: each visitor gets their own training run",
    pick("host", "port", "visitors"),
    serve,
    "[COMMAND [ARGUMENT …]]",
    verbatim=True,
    examples=(
        "zgtui serve                             # prints the address to open",
        "zgtui serve --port 9000 app --experiment spirals",
        "zgtui serve view --follow runs/",
    ),
)
