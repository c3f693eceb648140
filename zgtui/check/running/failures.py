"""A script that fails because the gradients it asks for were cleared: that is a finding itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.findings import Finding
from zgtui.check.observations import ClearSeen, StepSeen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.check.observations import Observation
    from zgtui.instrument.sites import Site

MESSAGE = (
    "cleared between backward() and step(): a gradient that the script goes on to use is gone,"
    " and it fails"
)


def asked_in_vain(recording: Iterable[Observation], failed: Site) -> Finding | None:
    """ZG201, where the line that ``failed`` had asked for gradients that a clearing threw away.

    The last that was recorded tells of it, as nothing came after.
    """
    clear: Site | None = None
    last: StepSeen | None = None
    for one in recording:
        if isinstance(one, ClearSeen) and one.dropped:
            clear = one.site
        if isinstance(one, StepSeen):
            last = one
    if clear is None or last is None or not last.missed:
        return None
    if (last.site.file, last.site.line) != (failed.file, failed.line):
        return None
    evidence = f"{last.site.file_line} found None where backward() had left a gradient"
    return Finding("ZG201", "", 0, MESSAGE, evidence, clear, 0, {"clear": clear})
