"""From a request to the files: read the losses, draw them, put each picture in its place."""

from __future__ import annotations

import math
import os
import secrets
from contextlib import suppress
from pathlib import Path

from zgtui.errors import UsageError
from zgtui.losses.arrange import arrange
from zgtui.losses.recording import read_whole
from zgtui.pictures import PictureRequest, check_picture

MISSING = (
    "pictures are drawn with matplotlib, which is not installed: run pip install 'zgtui[plot]'"
)


def draw_request(request: PictureRequest) -> None:
    """Draw every file of ``request``. Raises ZgtuiError; then no file is left half written."""
    files = [Path(file) for file in request.files]
    for file in files:
        check_picture(file, overwrite=request.overwrite)
    try:
        from zgtui.pictures.draw import draw, save  # noqa: PLC0415 - matplotlib may be missing
    except ModuleNotFoundError as error:
        raise UsageError(MISSING) from error
    charts = arrange([read_whole(Path(source)) for source in request.sources], request.series)
    until = math.inf if request.until is None else request.until
    figure = draw(charts, until=until, log=request.log)
    for file in files:
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
        try:
            save(figure, draft, file.suffix.lower())
            if request.overwrite:
                draft.replace(file)
            else:
                os.link(draft, file)
        except FileExistsError:
            check_picture(file, overwrite=False)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"cannot write {file}: {reason}") from error
        finally:
            with suppress(OSError):
                draft.unlink()
