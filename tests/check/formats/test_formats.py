"""One report in every format: made without a script, so that each field is seen in each."""

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import zgtui.check
from tests.support.json_schema import Schema
from tests.support.ptys import shown_on
from zgtui.check.explanations import rows, sides
from zgtui.check.findings import RULES, Finding, SourceLine
from zgtui.check.formats import FORMATS
from zgtui.check.formats.json_report import read
from zgtui.check.formats.text_report import print_report
from zgtui.check.repairing.card import RepairCard, Side
from zgtui.check.report import JudgedOptimizer, Report
from zgtui.instrument.sites import Site

SCHEMA = Schema(json.loads(Path(zgtui.check.__file__).with_name("report-schema.json").read_text()))
SITE = Site("/home/me/train.py", 9, "")
FINDING = Finding(
    "ZG101",
    "SGD at train.py:3 (weight)",
    1,
    "never clears",
    "4 backward passes, 3 of them already applied",
    SITE,
    9,
    {"step": SITE, "backward": Site("/home/me/train.py", 8, "")},
    theory="acts as momentum 1",
    fix="--- a/train.py\n+++ b/train.py\n@@ -9 +9,2 @@\n     opt.step()\n+    opt.zero_grad()\n",
    excerpt=(
        SourceLine("/home/me/train.py", 8, "    loss.backward()", ("backward",)),
        SourceLine("/home/me/train.py", 9, "    opt.step()", ("step",)),
    ),
)
UNCLEAR = Finding("ZG000", "", 0, "only 1 step", "", Site("", 0, ""), 0, remedy="run it longer")
CARD = RepairCard(
    7,
    "the fix",
    Side((1.0, 0.5, math.inf), "aa" * 32, "bb" * 32),
    Side((1.0, 0.25, math.nan), "aa" * 32, "cc" * 32),
)
REPORT = Report(
    "python train.py",
    (FINDING, UNCLEAR),
    (FINDING,),
    (
        JudgedOptimizer("SGD at train.py:3 (weight)", 9, "fail", ("ZG101",)),
        JudgedOptimizer("Adam at train.py:4 (head)", 9, "pass"),
        JudgedOptimizer("Adam at train.py:5 (tail)", 8, "pass"),
        JudgedOptimizer("Adam at train.py:5 (tail)", 9, "pass"),
    ),
    ("Adam at train.py:6: not checked: it never stepped",),
    steps=35,
    ending="ended early, after 35 steps: that is enough for a verdict",
    tail="one line",
    card=CARD,
)
REPORTS = {
    "everything": REPORT,
    "nothing": Report("python train.py", ()),
    "read": Report("a.py", (FINDING,), advisory=True),
}


@pytest.mark.parametrize("name", REPORTS)
def test_json_is_as_its_schema_says_and_is_read_back(name: str) -> None:
    text = FORMATS["json"].render(REPORTS[name])
    SCHEMA.check(json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON")))
    again = read(text)
    assert FORMATS["json"].render(again) == text
    for form, entry in FORMATS.items():
        assert entry.render(again) == entry.render(REPORTS[name]), form


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_the_verdict_and_each_finding(form: str) -> None:
    text = FORMATS[form].render(REPORT)
    assert "ZG101" in text
    assert "ZG000" in text
    assert "only 1 step" in text
    assert FORMATS[form].help
    if form != "sarif":  # a scanner decides for itself
        assert "fail" in text


def test_optimizers_that_share_a_verdict_share_a_line() -> None:
    lines = FORMATS["text"].render(REPORT).splitlines()
    assert "fail (ZG101): SGD at train.py:3 (weight): 9 steps judged" in lines
    both = "Adam at train.py:4 (head), Adam at train.py:5 (tail) ×2"
    assert f"pass: {both}: 8 to 9 steps each judged" in lines
    assert "Adam at train.py:6: not checked: it never stepped" in lines


def test_the_card_tells_the_first_step_that_differs_and_both_losses_there() -> None:
    assert CARD.first_difference == 2
    text = FORMATS["text"].render(REPORT)
    assert "repair card, seed 7: the losses differ from step 2 on" in text
    rows = {line[:16].strip(): line[16:].split() for line in text.splitlines() if line[:2] == "  "}
    assert rows["loss at step 2"] == ["0.5", "0.25"]
    assert rows["last loss"] == ["inf", "nan"]
    assert rows["weights before"] == ["aa" * 6, "aa" * 6]
    assert rows["weights after"] == ["bb" * 6, "cc" * 6]
    same = RepairCard(7, "the fix", CARD.as_it_is, CARD.as_it_is)
    assert same.sentence == "both runs are equal to the last bit"


def test_sarif_and_github_name_the_rule_and_the_place() -> None:
    (run,) = json.loads(FORMATS["sarif"].render(REPORT))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["ZG101", "ZG000"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"ZG101", "ZG000"}
    helps = {rule["id"]: rule["help"] for rule in run["tool"]["driver"]["rules"]}
    assert sides("ZG101") in helps["ZG101"]["text"]
    assert f"\n\n```text\n{sides('ZG101')}\n```\n\n" in helps["ZG101"]["markdown"]
    for name, text in rows("ZG101"):
        assert text in helps["ZG101"]["text"], name
        assert text in helps["ZG101"]["markdown"], name
    assert run["properties"]["repair"]["seed"] == 7
    first = FORMATS["github"].render(REPORT).splitlines()[0]
    title = f"title=ZG101 {RULES['ZG101'].title}"
    assert first.startswith(f"::error file=/home/me/train.py,line=9,{title}::SGD at train.py:3 ")


def test_a_file_gets_plain_text_without_escape_sequences() -> None:
    out = io.StringIO()
    print_report(REPORT, out)
    assert out.getvalue() == FORMATS["text"].render(REPORT) + "\n"


LONG = f"    loss = {' + '.join(['the_loss_of_a_head'] * 6)}"
"""A line of code that no terminal of 80 columns has room for."""
LONG_REPORT = replace(
    REPORT,
    findings=(
        replace(
            FINDING,
            evidence=f"{FINDING.evidence}, at each of the steps that came after the first one",
            fix=f"{FINDING.fix} {LONG}\n",
            excerpt=(SourceLine("/home/me/train.py", 8, LONG, ("backward",)),),
        ),
    ),
    tail=f"{LONG} printed",
)


def test_a_terminal_gets_sentences_broken_and_what_may_be_copied_in_one_piece() -> None:
    told = without_styles(shown_on(80, partial(print_report, LONG_REPORT))).splitlines()
    assert f"     {LONG}" in told, "of the diff"
    assert f"  ▶     8 │ {LONG}    ← backward" in told
    assert f"  │ {LONG} printed" in told
    assert max(len(line) for line in told if LONG not in line) <= 80


def test_a_file_gets_whole_lines_though_colours_are_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    print_report(LONG_REPORT, out)
    assert without_styles(out.getvalue()) == FORMATS["text"].render(LONG_REPORT) + "\n"


def without_styles(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_a_stream_that_takes_ascii_alone_gets_escapes_for_the_rest() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_report(replace(REPORT, subject="损.py", ending="ended × 2"), out)
    out.seek(0)
    assert "\\u635f.py: ended \\xd7 2" in out.read()


def test_markdown_takes_no_tags_links_or_mentions_from_a_script() -> None:
    said = "<img src=x> ![](http://x) @team"
    hostile = replace(FINDING, optimizer=said, evidence=said)
    report = replace(
        REPORT, subject=f"```{said}", findings=(hostile,), ending=f"ValueError: {said}"
    )
    text = FORMATS["markdown"].render(report)
    plain = re.sub("````.*````", "", text)
    assert plain.count("&lt;img src=x>") == 3
    assert "<img" not in plain
    assert "![](" not in plain
    assert "@team" not in plain
    assert f"```` ```{said} ````" in text
