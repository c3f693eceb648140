"""The report of `zgtui check` for machines: JSON, GitHub's annotations, SARIF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui import __version__
from zgtui.check.findings import RULES
from zgtui.check.fixes import fix_of

if TYPE_CHECKING:
    from zgtui.check.findings import Finding
    from zgtui.check.runner import Report

SCHEMA = 2
"""Counts up when a field changes its meaning or goes; new fields may come without."""
LEVELS = {"error": "error", "warning": "warning", "note": "note", "inconclusive": "warning"}
ANNOTATIONS = {"error": "error", "warning": "warning", "note": "notice", "inconclusive": "warning"}


def as_json(report: Report) -> str:
    """The whole report as one JSON object, indented.

    ``verdict`` is pass, fail or inconclusive. Of each of ``findings``: ``code``, ``severity``
    (error, warning, note, inconclusive), ``title``, ``optimizer``, ``message``, ``evidence``,
    ``theory``, ``advice``, ``file`` and ``line`` (null where unknown), ``sites`` (role → file,
    line),
    ``fix`` (a unified diff or an empty string) and ``steps_seen``. ``silenced`` holds those that
    a comment at the line asks not to be told. ``steps`` counts the steps that were judged.
    """
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "verdict": report.verdict,
        "subject": report.subject,
        "advisory": report.advisory,
        "steps": report.steps,
        "ending": report.ending,
        "optimizers": [
            {"optimizer": one.label, "steps_seen": one.steps_seen} for one in report.optimizers
        ],
        "findings": [_values(finding) for finding in report.findings],
        "silenced": [_values(finding) for finding in report.silenced],
    }
    return json.dumps(values, indent=2)


def _values(finding: Finding) -> dict[str, Any]:
    rule = RULES[finding.code]
    return {
        "code": finding.code,
        "severity": finding.severity,
        "title": rule.title,
        "optimizer": finding.optimizer,
        "message": finding.message,
        "evidence": finding.evidence,
        "theory": finding.theory,
        "advice": finding.advice,
        "file": finding.site.file or None,
        "line": finding.site.line or None,
        "sites": {
            role: {"file": site.file, "line": site.line} for role, site in finding.sites.items()
        },
        "fix": fix_of(finding),
        "steps_seen": finding.steps_seen,
    }


def as_github(report: Report) -> str:
    """A workflow command a line for each finding, then the verdict."""
    lines = []
    for finding in report.findings:
        title = f"{finding.code} {RULES[finding.code].title}"
        fields = [f"title={_property(title)}"]
        if finding.site.file:
            fields = [
                f"file={_property(_relative(finding.site.file))}",
                f"line={finding.site.line}",
                *fields,
            ]
        text = "\n".join(filter(None, [_sentence(finding), finding.evidence, finding.theory]))
        lines.append(f"::{ANNOTATIONS[finding.severity]} {','.join(fields)}::{_data(text)}")
    return "\n".join([*lines, f"zgtui check: {report.verdict}"])


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0, for code scanning."""
    used = sorted({finding.code for finding in report.findings})
    rules = [
        {
            "id": code,
            "name": RULES[code].title.title().replace(" ", ""),
            "shortDescription": {"text": RULES[code].title},
            "help": {"text": RULES[code].advice},
            "defaultConfiguration": {"level": LEVELS[RULES[code].severity]},
        }
        for code in used
    ]
    results = [
        {
            "ruleId": finding.code,
            "level": LEVELS[finding.severity],
            "message": {"text": ". ".join(filter(None, [_sentence(finding), finding.evidence]))},
            **({"locations": [_location(finding)]} if finding.site.file else {}),
        }
        for finding in report.findings
    ]
    driver = {"name": "zgtui check", "version": __version__, "rules": rules}
    values = {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(values, indent=2)


def _location(finding: Finding) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": Path(_relative(finding.site.file)).as_posix()},
            "region": {"startLine": max(1, finding.site.line)},
        }
    }


def _sentence(finding: Finding) -> str:
    return f"{finding.optimizer}: {finding.message}" if finding.optimizer else finding.message


def _relative(file: str) -> str:
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
