"""Reads files and reports what is wrong in them, and what could not be judged."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from zgtui.check.findings import Finding, theory_of
from zgtui.check.report import Report, inconclusive, reported
from zgtui.check.running.notebook import SUFFIX, NotebookError, open_notebook, place_of
from zgtui.check.static.lowering import TooLongError
from zgtui.check.static.reading import Found, read
from zgtui.check.static.repairs import with_fix
from zgtui.check.static.source_map import may_train
from zgtui.errors import UsageError
from zgtui.instrument.sites import Site

MEND = "fix the file, then check it again"


def read_files(files: Sequence[str]) -> Report:
    """Read every file, script or notebook.

    Raises:
        UsageError: if one cannot be read.
    """
    found = [finding for name in files for finding in _findings(name)]
    return reported(", ".join(files), found, advisory=True)


def _findings(name: str) -> Iterator[Finding]:
    file = str(Path(name).resolve())
    try:
        text = _text(name, file)
        if not may_train(text) and name.endswith((".py", SUFFIX)):
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a file's own escapes and "is" are warned of
            tree = ast.parse(text)
        everything = read(text, tree)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        reason = getattr(error, "msg", None) or str(error)
        message = f"{Path(name).name} is not Python: {reason}"
        yield inconclusive(message, Site(name, line, ""), remedy=MEND)
    except NotebookError as error:
        message = f"{Path(name).name} cannot be read: {error}"
        yield inconclusive(message, Site(name, 1, ""), remedy=MEND)
    except (TooLongError, RecursionError, MemoryError):
        yield _note(file, Found("", "", "", 1, None, "its functions call one another too often"))
    else:
        yield from (
            with_fix(_finding(file, one)) if one.mistake else _note(file, one) for one in everything
        )


def _text(name: str, file: str) -> str:
    try:
        if name.endswith(SUFFIX):
            return open_notebook(file).source
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {name!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {name!r}: it is not UTF-8 text") from error


def _finding(file: str, found: Found) -> Finding:
    mistake = found.mistake
    assert mistake is not None
    sites = {role: _site(file, line, found) for role, line in mistake.lines.items()}
    theory = theory_of(mistake.code, found.kind or found.optimizer)
    at = _site(file, found.line, found)
    return Finding(mistake.code, found.optimizer, 0, mistake.message, "", at, 0, sites, theory)


def _note(file: str, found: Found) -> Finding:
    site = _site(file, found.line, found)
    return Finding("ZG001", found.optimizer, 0, found.why, "", site, 0)


def _site(file: str, line: int, found: Found) -> Site:
    return Site(file, line, found.function, place_of(file, line))
