"""A cell that is run and watched."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui._watch import Watch
from zgtui.check.report import inconclusive
from zgtui.errors import UsageError
from zgtui.magics.rich import COLOURS, pre
from zgtui.terminal import printable_lines

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from zgtui.check.report import Report


@dataclass(frozen=True, repr=False)
class CheckedCell:
    """What was seen of the training in a cell; ``report`` has the findings.

    ``cells`` are the names of the cells that findings are in, by the files that IPython runs.
    """

    report: Report
    cells: Mapping[str, str]

    def __repr__(self) -> str:
        """The report as text."""
        text = str(self.report)
        for file, cell in self.cells.items():
            text = text.replace(f"{file}:", f"{cell}:").replace(f"{Path(file).name}:", f"{cell}:")
        return printable_lines(text)

    def _repr_html_(self) -> str:
        verdict = self.report.verdict
        head = f'<p style="color:{COLOURS[verdict]}"><b>{html.escape(verdict)}</b></p>'
        return f"<div>{head}{pre(repr(self))}</div>"


def checked(shell: InteractiveShell, cell: str) -> CheckedCell:
    """Run ``cell`` in the notebook's own namespace and watch all optimizers that step in it.

    Raises:
        UsageError: if it is no Python; IPython has shown why.
        BaseException: what the cell raised, once what was seen until then is shown.
    """
    __tracebackhide__ = True  # the traceback is about the cell
    with Watch(()) as watched, _silent(shell) as silent:
        result = silent.run_cell(cell)
    if result.error_before_exec is not None:
        raise UsageError("the cell has a syntax error; nothing was run")
    error = result.error_in_exec
    if error is None or isinstance(error, SystemExit):
        return _named(shell, watched.report())
    from IPython.display import display  # noqa: PLC0415 - there by now

    show: Any = display  # it has no types
    show(_named(shell, _broken(watched.report(), error)))
    raise error


@contextmanager
def _silent(shell: InteractiveShell) -> Iterator[Any]:
    """``shell``, which leaves it to whoever runs a cell in it to show what that raises."""
    silent: Any = shell
    before = vars(silent).get("showtraceback")
    silent.showtraceback = _ignored
    try:
        yield silent
    finally:
        del silent.showtraceback
        if before is not None:
            silent.showtraceback = before


def _ignored(*_arguments: object, **_more: object) -> None:
    """In place of what shows a traceback."""


def _broken(report: Report, error: BaseException) -> Report:
    """``report`` of a cell that ended by ``error``: no mistake was found only as far as it came."""
    if report.verdict == "fail":
        return report
    ended = inconclusive(
        f"the cell failed: {type(error).__name__}: {error}",
        remedy="fix the error, then rerun the check",
    )
    kept = [one for one in report.findings if one.severity != "inconclusive"]
    return replace(report, findings=(*kept, ended))


def _named(shell: InteractiveShell, report: Report) -> CheckedCell:
    sites = [site for one in report.findings for site in (one.site, *one.sites.values())]
    named = {site.file: shell.compile.format_code_name(site.file) for site in sites}
    return CheckedCell(report, {file: found[1] for file, found in named.items() if found})
