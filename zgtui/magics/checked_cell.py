"""A cell that is run and watched."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui._watch import Watch
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
    """Run ``cell`` in the notebook's own namespace and watch all optimizers that step in it."""
    run_cell: Any = shell.run_cell  # it has no types
    with Watch(()) as watched:
        run_cell(cell)
    report = watched.report()
    sites = [site for one in report.findings for site in (one.site, *one.sites.values())]
    named = {site.file: shell.compile.format_code_name(site.file) for site in sites}
    return CheckedCell(report, {file: found[1] for file, found in named.items() if found})
