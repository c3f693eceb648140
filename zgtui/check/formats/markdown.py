"""The report as Markdown, for a pull request: the verdict, each finding with its fix, the card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zgtui.check.findings import RULES
from zgtui.check.formats.text_report import verdict
from zgtui.check.repairing.fixes import relative
from zgtui.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.repairing.card import RepairCard
    from zgtui.check.report import Report


def render(report: Report) -> str:
    """The report, to be pasted or posted as it is."""
    return "\n".join(map(printable, _lines(report)))


def _lines(report: Report) -> Iterator[str]:
    yield f"### zgtui check: {verdict(report)}"
    yield ""
    yield f"{_code(report.subject)}{f': {_plain(report.ending)}' if report.ending else ''}"
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
    yield f"{_plain(finding.sentence)}."
    for name, text in (("Seen", finding.evidence), ("Effect", finding.theory)):
        if text:
            yield f"{name}: {_plain(text)}."
    yield f"Fix: {_plain(finding.advice)}."
    if finding.fix:
        yield ""
        fence = _fence(finding.fix)
        yield from (f"{fence}diff", *finding.fix.splitlines(), fence)


def _card(card: RepairCard) -> Iterator[str]:
    yield ""
    yield f"**Repair card**, seed {card.seed}: {card.sentence}."
    yield ""
    yield f"| | original | with {card.repaired_by} |"
    yield "|---|---|---|"
    for name, as_it_is, repaired in card.rows():
        yield f"| {name} | {_code(as_it_is)} | {_code(repaired)} |"


def _plain(text: str) -> str:
    """``text`` without the tags, links, pictures and mentions that names and errors may hold."""
    return re.sub(r"[<\[@]", lambda found: _SHOWN[found[0]], text)


_SHOWN = {"<": "&lt;", "[": "\\[", "@": "`@`"}


def _fence(text: str) -> str:
    """A line that ends no block of code with ``text`` in it before its end."""
    return "`" * max(3, _longest_row(text) + 1)


def _code(text: str) -> str:
    quotes = "`" * (_longest_row(text) + 1)
    return f"`{text}`" if quotes == "`" else f"{quotes} {text} {quotes}"


def _longest_row(text: str) -> int:
    """How many backticks stand in a row in ``text``."""
    return max(map(len, re.findall("`+", text)), default=0)
