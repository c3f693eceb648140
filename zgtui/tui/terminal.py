"""What the terminal can show, and the keys that its user chose."""

from __future__ import annotations

import locale
import os
from collections.abc import Iterable, Mapping

from textual.binding import Binding

from zgtui.errors import UsageError, suggest
from zgtui.options import Marker


def unicode_shown() -> bool:
    """Whether more than ASCII can be shown."""
    return "utf" in locale.getpreferredencoding(do_setlocale=False).lower()


def default_marker() -> Marker:
    """The Linux console's fonts have no braille patterns."""
    return "dot" if os.environ.get("TERM") == "linux" else "braille"


def keymap(
    keys: Mapping[str, str], bindings: Iterable[Binding], others: Iterable[Binding] = ()
) -> dict[str, str]:
    """The ``[keys]`` table of the configuration, checked: names of keys' actions.

    What it says of ``others``, the keys of another screen, is passed over.
    """
    known = {binding.id for binding in bindings if binding.id}
    elsewhere = {binding.id for binding in others if binding.id}
    for name in keys:
        if name not in known | elsewhere:
            raise UsageError(
                f"[keys] names {name!r}, which no key does.{suggest(name, known)}"
                f" There is: {', '.join(sorted(known))}"
            )
    return {name: key for name, key in keys.items() if name in known}
