"""The report as Markdown, for a pull request: the verdict, each finding with its fix, the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.findings import RULES
from zgtui.check.fixes import relative
from zgtui.check.formats.text_report import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.card import RepairCard
    from zgtui.check.findings import Finding
    from zgtui.check.report import Report


def render(report: Report) -> str:
    """The report, to be pasted or posted as it is."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"### zgtui check: {verdict(report)}"
    yield ""
    yield f"{_code(report.subject)}{f': {report.ending}' if report.ending else ''}"
    for finding in report.findings:
        yield from _finding(finding)
    if report.accumulation is not None:
        yield ""
        yield f"{report.accumulation.sentence}."
    if report.card is not None:
        yield from _card(report.card)


def _finding(finding: Finding) -> Iterator[str]:
    where = f" at {_code(f'{relative(finding.site.file)}:{finding.site.line}')}"
    yield ""
    yield f"**{finding.code} {RULES[finding.code].title}**{where if finding.site.file else ''}"
    yield ""
    yield f"{finding.sentence}."
    for name, text in (("Seen", finding.evidence), ("Effect", finding.theory)):
        if text:
            yield f"{name}: {text}."
    yield f"Fix: {finding.advice}."
    if finding.fix:
        yield ""
        yield from ("```diff", *finding.fix.splitlines(), "```")


def _card(card: RepairCard) -> Iterator[str]:
    yield ""
    yield f"**Repair card**, seed {card.seed}: {card.sentence}."
    yield ""
    yield f"| | as it is | with {card.repaired_by} |"
    yield "|---|---|---|"
    for name, as_it_is, repaired in card.rows():
        yield f"| {name} | {_code(as_it_is)} | {_code(repaired)} |"


def _code(text: str) -> str:
    return f"`{text}`" if "`" not in text else f"`` {text} ``"
