"""Where in the user's own files a call came from."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, FrameType

_LIBRARIES = tuple(
    {
        str(Path(path)) + "/"
        for name in ("stdlib", "platstdlib")
        if (path := sysconfig.get_paths().get(name))
    }
)
_OURS = str(Path(__file__).resolve().parents[1]) + "/"
MAX_CODES = 4096
"""Code objects that are remembered; a script may make new ones in every step."""
_users: dict[int, bool] = {}
"""By ``id``, since a code object's hash is worked out from all of it each time that it is asked."""
_asked: list[CodeType] = []
"""Keeps alive what those are the ``id`` of."""


@dataclass(frozen=True)
class Site:
    """A line of a file.

    In a notebook, ``line`` counts the lines of all code cells joined; ``cell`` is the code cell
    and the line in it, both from 1.
    """

    file: str
    line: int
    function: str
    cell: tuple[int, int] | None = None

    @property
    def position(self) -> str:
        """The line as it is written behind the name of its file."""
        return (
            f":{self.line}" if self.cell is None else f", cell {self.cell[0]}, line {self.cell[1]}"
        )

    @property
    def file_line(self) -> str:
        """The file's name and the line, as messages tell them."""
        return f"{Path(self.file).name}{self.position}"


Stack = tuple[tuple["CodeType", int], ...]
"""The user's frames of a call, innermost first: a code object and the instruction in it. Two
calls through one helper line differ here where their callers do."""


def is_user_code(file: str) -> bool:
    """Whether ``file`` is the user's own, not an installed library, Python's or ours."""
    if "/site-packages/" in file or "/dist-packages/" in file:
        return False
    return not (file.startswith(("<frozen", _OURS)) or file.startswith(_LIBRARIES))


def _frames_users(frame: FrameType) -> bool:
    code = frame.f_code
    known = _users.get(id(code))
    if known is None:
        if len(_asked) == MAX_CODES:
            _users.clear()
            _asked.clear()
        _asked.append(code)
        known = _users[id(code)] = is_user_code(code.co_filename)
    return known


def innermost(caller: FrameType | None = None) -> FrameType | None:
    """The user's innermost frame, or the nearest one outside torch and this package.

    It is looked for from ``caller`` on, or from where this is called.
    """
    frame: FrameType | None = caller or sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
    nearest = None
    while frame is not None:
        # Asked around each backward: what is known is found without a call of its own.
        users = _users.get(id(frame.f_code))
        if users or (users is None and _frames_users(frame)):
            return frame
        if nearest is not None:
            frame = frame.f_back
            continue
        file = frame.f_code.co_filename
        if "/torch/" not in file and not file.startswith((_OURS, "<frozen")):
            nearest = frame
        frame = frame.f_back
    return nearest


def site_of(frame: FrameType | None) -> Site:
    """The line that ``frame`` is at."""
    if frame is None:
        return Site("<unknown>", 0, "<unknown>")
    code = frame.f_code
    return Site(code.co_filename, frame.f_lineno, code.co_name)


def call_stack() -> Stack:
    """The user's frames above the caller."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
    stack = []
    while frame is not None:
        if _frames_users(frame):
            stack.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(stack)
