"""`zgtui explain`: one text for each code, told alike by the command, the reference and SARIF."""

from __future__ import annotations

import textwrap

import pytest

from zgtui.check.explanations import EXPLANATIONS, effects, sides
from zgtui.check.findings import RULES
from zgtui.cli.main import command, main
from zgtui.docs import topics
from zgtui.lessons import LESSONS

JUDGED = [code for code in RULES if code not in {"ZG000", "ZG001"}]


def test_every_code_that_blames_a_loop_is_explained() -> None:
    assert list(EXPLANATIONS) == JUDGED


@pytest.mark.parametrize("code", JUDGED)
def test_the_reference_shows_the_same_loops(code: str) -> None:
    told = f"{code}  {textwrap.indent(sides(code), ' ' * 7).lstrip()}\n"
    assert told in topics()["check"].text


@pytest.mark.parametrize("code", RULES)
def test_a_code_is_explained_within_the_width_of_a_terminal(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", code.lower()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{code} {RULES[code].severity}: {RULES[code].title}"
    assert max(map(len, lines)) <= 80
    whole = " ".join(" ".join(lines).split())
    assert f"fix {RULES[code].advice}" in whole
    assert all(f"effect {text}" in whole for text in effects(code))


@pytest.mark.parametrize("code", JUDGED)
def test_what_is_offered_to_see_it_live_exists(code: str) -> None:
    one = EXPLANATIONS[code]
    assert not one.lesson or one.lesson in LESSONS
    if one.live:
        command("app").parse(one.live.split()[1:])


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(RULES)


def test_a_code_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ZG11"]) == 2
    assert "there is no code 'ZG11'. Did you mean 'ZG101'" in capsys.readouterr().err
