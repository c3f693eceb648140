"""The report as annotations for GitHub Actions: one workflow command a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.findings import RULES
from zgtui.check.repairing.fixes import relative
from zgtui.terminal import printable_lines

if TYPE_CHECKING:
    from zgtui.check.findings import Finding
    from zgtui.check.report import Report

LEVELS = {"error": "error", "warning": "warning", "note": "notice", "inconclusive": "warning"}


def render(report: Report) -> str:
    """A workflow command a line for each finding, then the verdict."""
    proof = [] if report.accumulation is None else [report.accumulation.sentence]
    last = f"zgtui check: {report.verdict}"
    return "\n".join([*map(_annotation, report.findings), *map(_data, proof), last])


def _annotation(finding: Finding) -> str:
    fields = [f"title={_property(f'{finding.code} {RULES[finding.code].title}')}"]
    if finding.site.file:
        file = _property(relative(finding.site.file))
        fields = [f"file={file}", f"line={finding.site.line}", *fields]
    text = "\n".join(filter(None, [finding.placed_sentence, finding.evidence, finding.theory]))
    return f"::{LEVELS[finding.severity]} {','.join(fields)}::{_data(text)}"


def _data(text: str) -> str:
    return printable_lines(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
