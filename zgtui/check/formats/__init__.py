"""How a report is told: one file for each format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.check.formats import github, json_report, markdown, sarif, text_report

if TYPE_CHECKING:
    from zgtui.check.report import Report


@dataclass(frozen=True)
class ReportFormat:
    """``render`` is pure: all it tells stands in the report."""

    help: str
    render: Callable[[Report], str]


FORMATS: dict[str, ReportFormat] = {
    "text": ReportFormat("print the report as text", text_report.render),
    "json": ReportFormat("print the report as JSON", json_report.render),
    "markdown": ReportFormat("print Markdown for a pull request", markdown.render),
    "github": ReportFormat("print annotations for GitHub Actions", github.render),
    "sarif": ReportFormat("print SARIF 2.1.0 for code scanning", sarif.render),
}
