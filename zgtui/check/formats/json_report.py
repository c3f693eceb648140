"""The whole report as one JSON object, to be read by programs and to be shown again later."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

from zgtui.check.findings import RULES, Finding, Severity, SourceLine
from zgtui.check.repairing.accumulation_proof import proof_of, values_of_proof
from zgtui.check.repairing.card import card_of, values_of
from zgtui.check.report import JudgedOptimizer, Report
from zgtui.errors import UsageError
from zgtui.instrument.sites import Site
from zgtui.ipc import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 2
"""Counts up when a field changes its meaning or goes; new fields may come without."""


def render(report: Report) -> str:
    """The report as JSON, indented, as report-schema.json describes it.

    ``verdict`` is pass, fail or inconclusive. Of each of ``findings``: ``code``, ``severity``
    (error, warning, note, inconclusive), ``title``, ``optimizer``, ``message``, ``evidence``,
    ``theory``, ``advice``, ``file`` and ``line`` (null where unknown; in a notebook the line of
    its code cells joined, with ``cell`` and ``cell_line`` beside it), ``sites`` (role → the same),
    ``fix`` (a unified diff or an empty string), ``excerpt`` (the lines that are shown) and
    ``steps_seen``. ``silenced`` holds those that a comment at the line asks not to be told.
    ``steps`` counts the steps that were judged.
    """
    values: dict[str, Any] = {
        "version": VERSION,
        "verdict": report.verdict,
        "subject": report.subject,
        "advisory": report.advisory,
        "steps": report.steps,
        "ending": report.ending,
        "tail": report.tail,
        "optimizers": [
            {
                "optimizer": one.label,
                "verdict": one.verdict,
                "codes": list(one.codes),
                "steps_seen": one.steps_seen,
            }
            for one in report.optimizers
        ],
        "unchecked": list(report.unchecked),
        "findings": [_values(finding) for finding in report.findings],
        "silenced": [_values(finding) for finding in report.silenced],
        "repair": None if report.card is None else values_of(report.card),
        "accumulation": None
        if report.accumulation is None
        else values_of_proof(report.accumulation),
    }
    return json.dumps(values, indent=2)


def _values(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "title": RULES[finding.code].title,
        "optimizer": finding.optimizer,
        "message": finding.message,
        "evidence": finding.evidence,
        "theory": finding.theory,
        "advice": finding.advice,
        "file": finding.site.file or None,
        "line": finding.site.line or None,
        **_cell(finding.site),
        "sites": {
            role: {"file": site.file, "line": site.line, **_cell(site)}
            for role, site in finding.sites.items()
        },
        "fix": finding.fix,
        "excerpt": [asdict(line) for line in finding.excerpt],
        "steps_seen": finding.steps_seen,
    }


def _cell(site: Site) -> dict[str, int]:
    return {} if site.cell is None else {"cell": site.cell[0], "cell_line": site.cell[1]}


def read(text: str) -> Report:
    """The inverse of ``render``.

    Raises:
        UsageError: if this is not such a report, or one of another version.
    """
    try:
        values = parse_json(text)
        version = values["version"]
        if version == VERSION:
            return _report(values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError("this is not a report that 'zgtui check --json' printed") from error
    raise UsageError(f"this is a report of version {version!r}; this zgtui reads {VERSION}")


def _report(values: Mapping[str, Any]) -> Report:
    return Report(
        values["subject"],
        tuple(map(_read_finding, values["findings"])),
        tuple(map(_read_finding, values["silenced"])),
        tuple(map(_read_optimizer, values["optimizers"])),
        tuple(values["unchecked"]),
        steps=values["steps"],
        ending=values["ending"],
        tail=values["tail"],
        advisory=values["advisory"],
        card=None if values["repair"] is None else card_of(values["repair"]),
        accumulation=None
        if values.get("accumulation") is None
        else proof_of(values["accumulation"]),
    )


def _read_optimizer(values: Mapping[str, Any]) -> JudgedOptimizer:
    return JudgedOptimizer(
        values["optimizer"], values["steps_seen"], values["verdict"], tuple(values["codes"])
    )


def _site(values: Mapping[str, Any]) -> Site:
    cell = (values["cell"], values["cell_line"]) if "cell" in values else None
    return Site(values["file"] or "", values["line"] or 0, "", cell)


def _known(code: str) -> str:
    RULES[code]
    return code


def _level(values: Mapping[str, Any]) -> Severity | None:
    """Its own severity, where that is not its code's."""
    severity: Severity = values["severity"]
    if severity not in get_args(Severity):
        raise ValueError(severity)
    return severity if severity != RULES[values["code"]].severity else None


def _read_finding(values: Mapping[str, Any]) -> Finding:
    return Finding(
        code=_known(values["code"]),
        optimizer=values["optimizer"],
        number=0,
        message=values["message"],
        evidence=values["evidence"],
        site=_site(values),
        steps_seen=values["steps_seen"],
        sites={role: _site(site) for role, site in values["sites"].items()},
        theory=values["theory"],
        remedy=values["advice"],
        level=_level(values),
        fix=values["fix"],
        excerpt=tuple(
            SourceLine(**{**line, "roles": tuple(line["roles"])}) for line in values["excerpt"]
        ),
    )
