"""A notebook as Python: its code cells joined, magics and shell lines dropped, lines kept.

The joined text has the lines of the cells as they are, so that a line of it leads back to a cell;
a script that is written from it runs with the same line numbers.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from zgtui.ipc import parse_json

SUFFIX = ".ipynb"
_MAGIC = re.compile(r"^(\s*)(?:[%!]|\?|[\w.]+\?{1,2}\s*$)")
_ASSIGNED = re.compile(r"^(\s*[\w, ]+=\s*)[%!].*")
_RUNS_ITS_CELL = frozenset(
    {"time", "timeit", "capture", "prun", "python", "python3", "pypy", "zgtui"}
)
_HEADER = "# the code cells of a notebook"
_RUNNABLE = "display = print  # which a notebook has from IPython"


class NotebookError(Exception):
    """A file is no notebook."""


@dataclass(frozen=True)
class Notebook:
    """``source`` is its Python; ``starts`` are the lines of it on which its code cells begin."""

    source: str
    starts: tuple[int, ...]

    def place(self, line: int) -> tuple[int, int]:
        """The code cell that a line of ``source`` is in and the line there, counted from 1."""
        cell = max(1, bisect_right(self.starts, line))
        return cell, line - self.starts[cell - 1] + 1 if self.starts else line

    def script(self) -> str:
        """A script that does what its cells do, with the same lines as ``source``."""
        return self.source.replace(_HEADER, _RUNNABLE, 1)


def notebook_of(text: str) -> Notebook:
    """Join the code cells of a notebook, in the order in which they stand.

    Raises:
        NotebookError: if ``text`` is no notebook.
    """
    lines, starts = [_HEADER], []
    for cell in _code_cells(text):
        starts.append(len(lines) + 1)
        lines += _python(cell)
    return Notebook("\n".join(lines) + "\n", tuple(starts))


@lru_cache(maxsize=256)
def open_notebook(file: str) -> Notebook:
    """The notebook at ``file``, read once.

    Raises:
        OSError: if it cannot be read.
        NotebookError: if it is no notebook.
    """
    return notebook_of(Path(file).read_text(encoding="utf-8"))


def write_script(file: str, folder: Path) -> Path:
    """Write a notebook's cells as a script into ``folder``, to be run in its place.

    Raises:
        OSError: if it cannot be read or written.
        NotebookError: if ``file`` is no notebook.
    """
    script = folder / f"{Path(file).stem}.py"
    script.write_text(open_notebook(file).script(), encoding="utf-8")
    return script


def place_of(file: str, line: int) -> tuple[int, int] | None:
    """The cell and the line in it, for a line of a notebook; None for any other file."""
    if not file.endswith(SUFFIX) or line < 1:
        return None
    try:
        return open_notebook(file).place(line)
    except (OSError, NotebookError):
        return None


def line_of_notebook(file: str, line: int) -> str:
    """A line of a notebook's ``source``; empty where it cannot be read."""
    try:
        lines = open_notebook(file).source.splitlines()
    except (OSError, NotebookError):
        return ""
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _code_cells(text: str) -> list[str]:
    try:
        values: Any = parse_json(text)
        sheets = [values, *values.get("worksheets", ())]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", ())]
        return [_text(cell) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise NotebookError("it is not a notebook's JSON") from error


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)


def _python(cell: str) -> list[str]:
    """The lines of a cell as Python; those of one that is none become comments."""
    lines = cell.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if re.split(r"\W+", first[2:])[0] not in _RUNS_ITS_CELL:
            return _commented(lines)
        lines = ["" if line.strip() == first else line for line in lines]
    if not _parses(lines):
        lines = _without_magics(lines)
    return lines if _parses(lines) else _commented(lines)


def _parses(lines: list[str]) -> bool:
    try:
        ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _commented(lines: list[str]) -> list[str]:
    return [f"# {line}" for line in lines]


def _without_magics(lines: list[str]) -> list[str]:
    found, continues = [], False
    for line in lines:
        match = _MAGIC.match(line)
        if continues or match:
            indent = match[1] if match else line[: len(line) - len(line.lstrip())]
            found.append(f"{indent}pass" if not continues else "")
            continues = line.rstrip().endswith("\\")
        else:
            found.append(_ASSIGNED.sub(r"\1None", line))
    return found
