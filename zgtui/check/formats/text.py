"""The report of `zgtui check` for people: the verdict, the evidence, the lines and the fix."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from zgtui.check.findings import RULES
from zgtui.check.fixes import fix_of, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from zgtui.check.findings import Finding
    from zgtui.check.runner import Report

COLOURS = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "cyan",
    "inconclusive": "bold yellow",
}
DIFF_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
AROUND = 1
"""Lines shown before and after one that matters."""


def print_report(report: Report, file: TextIO | None = None) -> None:
    """Print it, in colour on a terminal, in plain lines anywhere else."""
    console = Console(file=file or sys.stdout, highlight=False, markup=False, emoji=False)
    for line in lines_of(report):
        console.print(line, soft_wrap=not console.is_terminal)


def text_of(report: Report) -> str:
    """The same as plain text."""
    return "\n".join(line.plain for line in lines_of(report))


def lines_of(report: Report) -> Iterator[Text]:
    """The report, line by line."""
    for finding in report.findings:
        yield from _finding(finding)
        yield Text()
    for finding in report.silenced:
        where = finding.site.file_line
        yield Text(f"{finding.code} at {where} is silenced by a comment", "dim")
    if report.tail:
        yield Text("the end of the script's output:", "bold")
        for line in report.tail.splitlines():
            yield Text(f"  {line}", "dim")
        yield Text()
    for one in report.optimizers:
        steps = f"{one.steps_seen} step{'' if one.steps_seen == 1 else 's'}"
        yield Text(f"{one.label}: {steps} judged", "dim")
    if report.ending:
        yield Text(f"{report.subject}: {report.ending}", "dim")
    yield verdict_line(report)


def verdict_line(report: Report) -> Text:
    """The verdict in plain words."""
    advisory = " (advisory: read in the source, not seen running)" if report.advisory else ""
    if report.verdict == "pass":
        notes = len(report.findings)
        beside = f", with {notes} note{'' if notes == 1 else 's'}" if notes else ""
        what = (
            "nothing found"
            if report.advisory
            else "every optimizer's gradients are cleared when they should be"
        )
        return Text(f"pass: {what}{beside}{advisory}", "bold green")
    codes = ", ".join(dict.fromkeys(finding.code for finding in report.findings))
    if report.verdict == "fail":
        return Text(f"fail: {codes}{advisory}", "bold red")
    why = next(one.message for one in report.findings if one.severity == "inconclusive")
    return Text(f"inconclusive: {why}{advisory}", "bold yellow")


def _finding(finding: Finding) -> Iterator[Text]:
    rule = RULES[finding.code]
    head = Text(f"{finding.code} {finding.severity}: {rule.title}", COLOURS[finding.severity])
    if finding.site.file:
        head.append(f"  {finding.site.file}:{finding.site.line}", "default")
    yield head
    who = f"{finding.optimizer}: " if finding.optimizer else ""
    yield Text(f"  {who}{finding.message}")
    if finding.evidence:
        yield Text(f"  seen: {finding.evidence}")
    yield from _source(finding)
    if finding.theory:
        yield Text(f"  effect: {finding.theory}")
    diff = fix_of(finding)
    yield Text(f"  fix: {finding.advice}", "bold")
    for line in diff.splitlines():
        yield Text(f"    {line}", DIFF_COLOURS.get(line[:1], ""))


def _source(finding: Finding) -> Iterator[Text]:
    """Few lines of the source around each place, those that matter with a marker and their role."""
    roles: dict[str, dict[int, list[str]]] = {}
    places = finding.sites or ({"here": finding.site} if finding.site.file else {})
    for role, site in places.items():
        if line_of(site):
            roles.setdefault(site.file, {}).setdefault(site.line, []).append(role)
    site_of = {site.file: site for site in places.values()}
    for file, marked in roles.items():
        if len(roles) > 1:
            yield Text(f"  {file}", "dim")
        shown = sorted({line + near for line in marked for near in range(-AROUND, AROUND + 1)})
        last = None
        for number in (one for one in shown if one > 0):
            at = type(site_of[file])(file, number, "")
            source = line_of(at)
            if not source and number not in marked:
                continue
            if last is not None and number > last + 1:
                yield Text("         ⋮", "dim")
            last = number
            if number in marked:
                said = " and ".join(sorted(set(marked[number])))
                yield Text(f"  ▶ {number:>5} │ {source}    ← {said}", "bold")
            else:
                yield Text(f"    {number:>5} │ {source}", "dim")
