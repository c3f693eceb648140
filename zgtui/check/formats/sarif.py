"""The report as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui import __version__
from zgtui.check.explanations import EXPLANATIONS, rows, sides
from zgtui.check.findings import RULES
from zgtui.check.repairing.accumulation_proof import values_of_proof
from zgtui.check.repairing.card import values_of
from zgtui.check.repairing.fixes import relative

if TYPE_CHECKING:
    from zgtui.check.findings import Finding
    from zgtui.check.report import Report

LEVELS = {"error": "error", "warning": "warning", "note": "note", "inconclusive": "warning"}


def render(report: Report) -> str:
    """The report as one SARIF log with one run."""
    rules = [_rule(code) for code in sorted({finding.code for finding in report.findings})]
    driver = {"name": "zgtui check", "version": __version__, "rules": rules}
    results = [_result(finding) for finding in report.findings]
    values = {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{"tool": {"driver": driver}, "results": results, **_properties(report)}],
    }
    return json.dumps(values, indent=2)


def _properties(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if report.card is not None:
        found["repair"] = values_of(report.card)
    if report.accumulation is not None:
        found["accumulation"] = values_of_proof(report.accumulation)
    return {"properties": found} if found else {}


def _rule(code: str) -> dict[str, Any]:
    rule = RULES[code]
    return {
        "id": code,
        "name": rule.title.title().replace(" ", ""),
        "shortDescription": {"text": rule.title},
        "help": _help(code),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _help(code: str) -> dict[str, str]:
    advice = RULES[code].advice
    if code not in EXPLANATIONS:
        return {"text": advice}
    loops, told = sides(code), [f"{name}: {text}" for name, text in rows(code) if name != "fix"]
    return {
        "text": "\n\n".join([advice, loops, "\n".join(told)]),
        "markdown": "\n\n".join([advice, f"```text\n{loops}\n```", *told]),
    }


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "level": LEVELS[finding.severity],
        "message": {"text": ". ".join(filter(None, [finding.placed_sentence, finding.evidence]))},
        **({"locations": [_location(finding)]} if finding.site.file else {}),
    }


def _location(finding: Finding) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": Path(relative(finding.site.file)).as_posix()},
            "region": {"startLine": max(1, finding.site.line)},
        }
    }
