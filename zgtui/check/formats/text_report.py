"""The report of `zgtui check` for people: the verdict, the evidence, the lines and the fix."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from zgtui.check.explanations import EXPLANATIONS
from zgtui.check.findings import RULES
from zgtui.plural import plural
from zgtui.terminal import columns_of, encodable, printable, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from zgtui.check.findings import Finding
    from zgtui.check.repairing.card import RepairCard
    from zgtui.check.report import JudgedOptimizer, Report

COLOURS = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "cyan",
    "inconclusive": "bold yellow",
}
NAMES = 3
"""Places of optimizers named in a line; of more, the number is told."""
VERDICT_COLOURS = {"pass": "bold green", "fail": "bold red", "inconclusive": "bold yellow"}
DIFF_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
StyledLine = tuple[tuple[str, str], ...]
"""Pieces of text, each with its style."""


class Quoted(StyledLine):
    """A line of code, of a diff or of output: it stays one line, for it may be copied."""

    __slots__ = ()


def render(report: Report) -> str:
    """The report as plain text."""
    return "\n".join("".join(text for text, _ in line) for line in _harmless(report))


def print_report(report: Report, file: TextIO | None = None) -> None:
    """Print it, in colour on a terminal, in plain lines anywhere else."""
    from rich.console import Console  # noqa: PLC0415 - not for what only renders
    from rich.text import Text  # noqa: PLC0415 - as above

    stream = file or sys.stdout
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    for line in _harmless(report):
        text = Text.assemble(*((encodable(text, stream), style) for text, style in line))
        columns = 0 if isinstance(line, Quoted) else columns_of(stream)
        indent, (first, *others) = rows_of(text.plain, columns)
        for row in [text[first], *(Text(" " * indent) + text[row] for row in others)]:
            # a word that is too long for a line stays whole
            console.print(row, soft_wrap=True)


def _harmless(report: Report) -> Iterator[StyledLine]:
    """The lines, safe for a terminal."""
    for line in _lines(report):
        yield type(line)((printable(text), style) for text, style in line)


def _lines(report: Report) -> Iterator[StyledLine]:
    for finding in report.findings:
        yield from _finding(finding)
        yield (("", ""),)
    for finding in report.silenced:
        where = finding.site.file_line
        yield ((f"{finding.code} at {where} is silenced by a comment", "dim"),)
    if report.tail:
        yield (("the end of the script's output:", "bold"),)
        for line in report.tail.splitlines():
            yield Quoted([(f"  │ {line}", "dim")])
        yield (("", ""),)
    for line in optimizer_lines(report):
        yield ((line, "dim"),)
    for sentence in report.unchecked:
        yield ((sentence, "dim"),)
    if report.ending:
        yield ((f"{report.subject}: {report.ending}", "dim"),)
    if report.accumulation is not None:
        yield ((report.accumulation.sentence, "bold"),)
    if report.card is not None:
        yield from _card(report.card)
    yield from _more(report)
    yield ((verdict(report), VERDICT_COLOURS[report.verdict]),)


def _more(report: Report) -> Iterator[StyledLine]:
    if codes := sorted({one.code for one in report.findings} & EXPLANATIONS.keys()):
        yield ((f"more: zgtui explain {' '.join(codes)}", "dim"),)


def optimizer_lines(report: Report) -> Iterator[str]:
    """A line for each group of optimizers of which the same was found."""
    groups: dict[tuple[str, ...], list[JudgedOptimizer]] = {}
    for one in report.optimizers:
        groups.setdefault((one.verdict, *one.codes), []).append(one)
    for (verdict_of_group, *codes), members in groups.items():
        labels = Counter(one.label for one in members)
        names = [f"{label} ×{n}" if n > 1 else label for label, n in labels.items()]
        more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
        low, high = min(one.steps_seen for one in members), max(one.steps_seen for one in members)
        steps = f"{low} to {high}" if low != high else str(low)
        each = " each" if len(members) > 1 else ""
        what = f" ({', '.join(codes)})" if codes else ""
        judged = f"{steps} step{'' if high == 1 else 's'}{each} judged"
        yield f"{verdict_of_group}{what}: {', '.join(names[:NAMES])}{more}: {judged}"


def _card(card: RepairCard) -> Iterator[StyledLine]:
    yield ((f"repair card, seed {card.seed}: {card.sentence}", "bold"),)
    rows = [("", "original", f"with {card.repaired_by}"), *card.rows()]
    widths = [max(len(row[at]) for row in rows) for at in range(2)]
    for name, *both in rows:
        yield ((f"  {name:<{widths[0]}}  {both[0]:<{widths[1]}}  {both[1]}", ""),)
    yield (("", ""),)


def verdict(report: Report) -> str:
    """The verdict in plain words."""
    advisory = " (advisory: read in the source, not seen running)" if report.advisory else ""
    return f"{report.verdict}: {_reason(report)}{advisory}"


def _reason(report: Report) -> str:
    if report.verdict == "fail":
        return ", ".join(dict.fromkeys(finding.code for finding in report.findings))
    if report.verdict == "inconclusive":
        return next(one.message for one in report.findings if one.severity == "inconclusive")
    notes = len(report.findings)
    beside = f", with {plural(notes, 'note')}" if notes else ""
    if report.advisory:
        return f"nothing found{beside}"
    return f"every optimizer's gradients are cleared when they should be{beside}"


def _finding(finding: Finding) -> Iterator[StyledLine]:
    head = f"{finding.code} {finding.severity}: {RULES[finding.code].title}"
    where = f"  {finding.site.file}{finding.site.position}" if finding.site.file else ""
    yield ((head, COLOURS[finding.severity]), (where, ""))
    yield ((f"  {finding.sentence}", ""),)
    if finding.evidence:
        yield ((f"  seen: {finding.evidence}", ""),)
    yield from _source(finding)
    if finding.theory:
        yield ((f"  effect: {finding.theory}", ""),)
    yield ((f"  fix: {finding.advice}", "bold"),)
    for line in finding.fix.splitlines():
        yield Quoted([(f"    {line}", DIFF_COLOURS.get(line[:1], ""))])


def _source(finding: Finding) -> Iterator[StyledLine]:
    """The lines around each place, those that matter with a marker and their role."""
    several = len({line.file for line in finding.excerpt}) > 1
    file, last = "", 0
    for line in finding.excerpt:
        if several and line.file != file:
            yield ((f"  {line.file}", "dim"),)
        elif last and line.number > last + 1:
            yield (("         ⋮", "dim"),)
        file, last = line.file, line.number
        number = line.place or str(line.number)
        if line.roles:
            roles = " and ".join(line.roles)
            yield Quoted([(f"  ▶ {number:>5} │ {line.text}    ← {roles}", "bold")])
        else:
            yield Quoted([(f"    {number:>5} │ {line.text}", "dim")])
