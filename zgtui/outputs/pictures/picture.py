"""Pictures of loss curves for papers and slides, drawn with matplotlib (extra ``plot``).

This module says what to draw and where to; only `zgtui.outputs.pictures.figure` imports
matplotlib, and the screen leaves the drawing to a process of its own,
``python -m zgtui.outputs.pictures.picture``.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from zgtui.errors import UsageError, ZgtuiError, need_extra
from zgtui.lazy_dataclass import dataclass
from zgtui.plural import any_of
from zgtui.tables.destination import draft_of, give_new_name
from zgtui.terminal import tell

END_SECONDS = 1.0
"""So long the drawing process may clear up."""
FORMATS = (".png", ".svg", ".pdf")


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """What to draw: ``sources`` are loss tables and logs of runs, ``files`` where to.

    ``until`` is the last step drawn (None: all), ``series`` the curves and ``runs`` the runs, by
    name or pattern (empty: all), ``log`` a logarithmic loss axis.
    """

    sources: Sequence[str]
    files: Sequence[str]
    series: Sequence[str] = ()
    runs: Sequence[str] = ()
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
        for name in ("sources", "files", "series", "runs"):
            values[name] = tuple(values[name])
        return cls(**values)


def check_picture(path: Path, *, overwrite: bool) -> None:
    """Raise UsageError if a picture can evidently not be drawn to ``path``."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path.name!r} has no known picture format: use {any_of(FORMATS)}")
    if path.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder; choose a file name")
    if path.exists() and not path.is_file():
        raise UsageError(f"cannot write {path}: it is a device or a pipe; choose a file name")
    if not overwrite and os.path.lexists(path):
        raise UsageError(f"{path} already exists: choose another name, or add --overwrite")
    if not path.parent.is_dir():
        raise UsageError(
            f"cannot write {path}: there is no folder {path.parent}; make it or choose another"
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(
            f"cannot write {path}: no permission to write in the folder {path.parent};"
            " choose another"
        )


def need_matplotlib() -> None:
    """Raise UsageError if matplotlib is not installed."""
    need_extra("matplotlib", "plot", "pictures are drawn with")


def draw_request(request: PictureRequest) -> None:
    """Draw every file of ``request``. Raises ZgtuiError; then no file is left half written."""
    from zgtui.curves.arrange import arrange  # noqa: PLC0415 - screens only ask for pictures
    from zgtui.curves.recordings.opening import Opening, read_all  # noqa: PLC0415 - likewise

    files = [Path(file) for file in request.files]
    for file in files:
        check_picture(file, overwrite=request.overwrite)
    need_matplotlib()
    from zgtui.outputs.pictures.figure import draw, save  # noqa: PLC0415 - matplotlib may be missing

    sources = [Path(source) for source in request.sources]
    opening = Opening(sources, wanted=request.series, runs=request.runs)
    charts = arrange(read_all(opening), request.series, runs=request.runs)
    until = math.inf if request.until is None else request.until
    figure = draw(charts, until=until, log=request.log)
    for file in files:
        publish(file, partial(save, figure), overwrite=request.overwrite)


def publish(file: Path, save: Callable[[Path, str], None], *, overwrite: bool) -> None:
    """Have ``save``, given a path and the ending of a format, write what becomes ``file``.

    Raises:
        UsageError: if it cannot be written; then nothing is left half written.
    """
    draft, descriptor = file, -1
    try:
        draft, descriptor = draft_of(file)
        save(draft, file.suffix.lower())
        if overwrite:
            draft.replace(file)
        else:
            give_new_name(draft, file)
    except FileExistsError:
        check_picture(file, overwrite=False)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot write {file}: {reason}") from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
            with suppress(OSError):
                draft.unlink()


def main() -> int:
    """Draw; returns the exit code."""
    end_in_order()
    try:
        draw_request(PictureRequest.from_json(sys.stdin.read()))
    except ZgtuiError as error:
        tell(str(error), file=sys.stderr)
        return error.exit_code
    return 0


async def draw_beside(request: PictureRequest) -> None:
    """Draw ``request``; the screen goes on meanwhile. Raises UsageError if that fails."""
    await run_beside("zgtui.outputs.pictures.picture", request.to_json())


async def run_beside(module: str, text: str) -> None:
    """Have a process of its own run ``module``, with ``text`` on stdin.

    Raises:
        UsageError: if that fails, with the last line that it told.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"cannot start the drawing process: {error.strerror}") from error
    try:
        _, told = await process.communicate(text.encode())
    except asyncio.CancelledError:
        await _end(process)
        raise
    if process.returncode:
        lines = told.decode(errors="replace").strip().splitlines()
        raise UsageError(lines[-1] if lines else "the drawing process failed without a message")


def end_in_order() -> None:
    """Have SIGTERM end this process as an exception does: what is half drawn is removed."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


async def _end(process: asyncio.subprocess.Process) -> None:
    """In order if it can, in any case soon."""
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except asyncio.TimeoutError:
            process.kill()
    await process.wait()


if __name__ == "__main__":
    sys.exit(main())
