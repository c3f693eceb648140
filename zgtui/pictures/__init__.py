"""Pictures of loss curves for papers and slides, drawn with matplotlib (extra ``plot``).

This module says what to draw and where to; only `zgtui.pictures.draw` imports matplotlib, and the
screen leaves the drawing to a process of its own, ``python -m zgtui.pictures``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zgtui.errors import UsageError

FORMATS = (".png", ".svg", ".pdf")


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """What to draw: ``sources`` are loss tables and logs of runs, ``files`` where to.

    ``until`` is the last step drawn (None: all), ``series`` the names of the curves (empty: all),
    ``log`` a logarithmic loss axis.
    """

    sources: Sequence[str]
    files: Sequence[str]
    series: Sequence[str] = ()
    until: float | None = None
    log: bool = False
    overwrite: bool = False

    def to_json(self) -> str:
        """One line; ``from_json`` reads it back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> PictureRequest:
        """The inverse of ``to_json``; raises ValueError, TypeError or KeyError on anything else."""
        values: dict[str, Any] = json.loads(text)
        for name in ("sources", "files", "series"):
            values[name] = tuple(values[name])
        return cls(**values)


def check_picture(path: Path, *, overwrite: bool) -> None:
    """Raise UsageError where a picture can evidently not be drawn to ``path``."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            f"{path.name!r} does not say which kind of picture it is: end it in .png, .svg or .pdf"
        )
    if path.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder; choose a file name")
    if not overwrite and os.path.lexists(path):
        raise UsageError(f"{path} exists already: choose another name, or add --overwrite")
    if not path.parent.is_dir():
        raise UsageError(
            f"cannot write {path}: there is no folder {path.parent}; make it or choose another"
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(
            f"cannot write {path}: the folder {path.parent} is not yours to write in;"
            " choose another"
        )
