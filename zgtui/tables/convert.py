"""A loss table written anew in another format, in slices beside the screen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from zgtui.errors import TableError
from zgtui.tables.destination import Draft, check_destination, sidecar_path
from zgtui.tables.formats import format_of
from zgtui.tables.lines import TableCells, TailedFile

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from zgtui.tables.formats import Cell, Row

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS: dict[str, Cell] = {
    "": None,
    "true": True,
    "false": False,
    "inf": float("inf"),
    "-inf": float("-inf"),
    "nan": float("nan"),
}


def convert(
    source: Path, path: Path, *, overwrite: bool = False
) -> Generator[tuple[int, int], None, None]:
    """Write all columns of the table ``source`` to ``path``, whose ending names the format.

    Checks the destination at once; then each turn of the generator writes a slice and yields
    (bytes read, bytes in all). The table appears whole after the last slice, beside it what
    stood beside ``source``, or else where it came from; ended early or failed, the generator
    leaves nothing behind. Raises TableError.
    """
    check_destination(path, overwrite=overwrite)
    if path.exists() and path.samefile(source):
        raise TableError(f"{path} is the table that is shown; choose another name")
    return _write(source, path, overwrite=overwrite)


def _write(source: Path, path: Path, *, overwrite: bool) -> Generator[tuple[int, int], None, None]:
    form, file, cells = format_of(path), TailedFile(source), TableCells(source)
    columns: list[str] = []
    table = Draft(path)
    try:
        sidecar = Draft(sidecar_path(path))
        try:
            ended = False
            while not ended:
                news, lines = file.read()
                if news in {"gone", "replaced"}:
                    raise TableError(f"{source} was replaced while it was being read; try again")
                ended = news == "nothing"
                rows = [row for _, row in cells.rows(file.rest() if ended else lines)]
                if rows and not columns:
                    columns = [name.strip() for name in rows.pop(0)]
                    table.write(form.header(columns))
                table.write(form.rows(columns, [_typed(source, columns, row) for row in rows]))
                yield file.position, file.size
            sidecar.write(_sidecar_text(source, path.name))
            table.publish(overwrite=overwrite)
            try:
                sidecar.publish(overwrite=overwrite)
            except TableError:
                if not overwrite:
                    path.unlink()
                raise
        finally:
            sidecar.discard()
    finally:
        table.discard()


def _typed(source: Path, columns: list[str], row: list[str]) -> Row:
    if len(row) != len(columns):
        raise TableError(
            f"{source} has a row of {len(row)} cells below a header of {len(columns)} columns"
        )
    return [_cell(text.strip()) for text in row]


def _cell(text: str) -> Cell:
    """What a cell says: text stays text where it is not plainly a number or a truth."""
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _sidecar_text(source: Path, name: str) -> str:
    try:
        told = json.loads(sidecar_path(source).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = None
    if isinstance(told, dict) and told.get("table") == source.name:
        told["table"] = name
    else:
        told = {"table": name, "made_from": source.name}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
