"""`zgtui explain`: one text for each code, told alike by the command, the reference and SARIF."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.blocks import README
from tests.support.processes import zgtui
from tests.support.script_runs import Warm
from tests.support.terminal import Terminal
from zgtui.check.demos import RIGHT, demo
from zgtui.check.explanations import EXPLANATIONS, commands, outcome, rows, sides, theory
from zgtui.check.findings import RULES
from zgtui.check.observations import FILE, from_lines
from zgtui.check.report import Report, report_of
from zgtui.cli.main import command, main
from zgtui.docs import topics
from zgtui.lessons import LESSONS

JUDGED = [code for code in RULES if code not in {"ZG000", "ZG001"}]


def test_every_code_that_blames_a_loop_is_explained() -> None:
    assert list(EXPLANATIONS) == JUDGED


@pytest.mark.parametrize("code", JUDGED)
def test_the_reference_shows_the_same_loops(code: str) -> None:
    text = topics()["check"].text
    told = f"{code}  {textwrap.indent(sides(code), ' ' * 7).lstrip()}\n"
    assert told in text
    shown = ", ".join(f"`{command}`" for command in commands(code))
    assert f"| {RULES[code].title} | {shown} |\n" in text


@pytest.mark.parametrize("code", RULES)
def test_each_code_has_a_row_of_the_readme(code: str) -> None:
    row = f"| {code} | {RULES[code].title} | {RULES[code].advice} |\n"
    assert (row in README.read_text("utf-8")) == (code in JUDGED)


@pytest.mark.parametrize("code", RULES)
def test_a_code_is_explained_within_the_width_of_a_terminal(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", code.lower()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{code} {RULES[code].severity}: {RULES[code].title}"
    assert max(map(len, lines)) <= 80
    whole = " ".join(" ".join(lines).split())
    assert all(f"{name} {text}" in whole for name, text in rows(code))
    assert f"fix {RULES[code].advice}" in whole
    assert f"theory {theory(code)}" in whole
    begins = next(at for at, line in enumerate(lines) if line.startswith("  theory"))
    assert lines[begins + 3].startswith("  fix "), "the theory takes three lines"


@pytest.mark.parametrize("code", [code for code in RULES if code not in JUDGED])
def test_a_code_that_blames_no_loop_says_so_and_why(code: str) -> None:
    assert theory(code).startswith("This is not about ")
    assert ", so there is no demo. " in theory(code)


@pytest.mark.parametrize("code", JUDGED)
def test_what_is_offered_to_see_it_live_exists(code: str) -> None:
    assert EXPLANATIONS[code].lesson in {"", *LESSONS}
    demo_first, *others = commands(code)
    assert demo_first == f"zgtui explain --demo {code}"
    assert ("see it", f"{demo_first}: {outcome(code)}") in rows(code)
    for line in others:
        command("app").parse(line.split()[1:])


@pytest.mark.parametrize("code", JUDGED)
def test_a_script_names_its_mistake_as_the_report_does(code: str) -> None:
    assert demo(code).read_text(encoding="utf-8").startswith(f'"""{code}: {RULES[code].title}.\n')


def judged(
    code: str, checking: Warm, folder: Path, *arguments: str
) -> tuple[Report, Sequence[float]]:
    """What `zgtui check` says of the script that shows ``code``, and its last two losses."""
    done = checking.run(
        folder, str(demo(code)), policy="as-is",
        recorder="zgtui.check.recording.script_recording:make",
        prefix=f"import sys; sys.argv += {list(arguments)}\n",
    )  # fmt: skip
    assert done.code == 0, done.text
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    return report_of(code, [from_lines(lines)]), done.logged[-2:]


def ends_at(losses: Sequence[float], told: str) -> bool:
    """Whether the last loss is the one ``told``: of two optimizers, that of either."""
    if not told:
        return not math.isfinite(losses[-1]) or losses[-1] > 1e9
    return any(loss == pytest.approx(float(told), rel=0.1, abs=1e-5) for loss in losses)


@pytest.mark.parametrize("code", JUDGED)
def test_a_demo_has_that_mistake_alone_and_right_none_and_ends_at_the_losses_told(
    code: str, checking: Warm, tmp_path: Path
) -> None:
    wrong, a = judged(code, checking, tmp_path / "wrong")
    assert {one.code for one in wrong.findings} == {code}
    right, b = judged(code, checking, tmp_path / "right", RIGHT)
    assert (right.verdict, right.findings) == ("pass", ())
    told_a, told_b = EXPLANATIONS[code].ends
    assert told_a != told_b
    assert ends_at(a, told_a), a
    assert ends_at(b, told_b), b


@pytest.mark.terminal
def test_the_wrong_loop_is_trained_beside_the_right_one_on_the_screen(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "explain", "--demo", "ZG201", columns=120)) as terminal:
        terminal.shows("A  wrong loop")
        terminal.shows("B  right loop")
        terminal.shows("B converged")
        terminal.shows("the demo clears its gradients between backward() and step()")
        terminal.shows("ZG201: zero_grad() discards what backward() computed")
        terminal.type("q")
        assert terminal.ended() == 0
    assert not list(tmp_path.glob("*.py")), "nothing is left where it was called"


def test_without_a_screen_both_are_told_in_lines_and_exit_codes_are_those_of_run() -> None:
    code, out, _ = zgtui("explain", "--demo", "ZG401")
    assert code == 0
    assert "B converged" in out
    assert "A is stuck" in out
    assert re.search(r"^A +wrong loop .*\nB +right loop ", out, re.MULTILINE)
    assert f"ZG401: {theory('ZG401')}" in out
    assert "your script" not in out


def test_the_script_is_printed_to_be_checked_and_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "--script", "zg103"]) == 0
    (tmp_path / "demo.py").write_text(capsys.readouterr().out)
    for arguments, expected in (([], 1), ([RIGHT], 0)):
        done = subprocess.run(
            [sys.executable, "-m", "zgtui", "check", "--quiet", "demo.py", *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip
        assert done.returncode == expected, done.stdout
    assert main(["check", "--static", str(tmp_path / "demo.py")]) in {0, 1}


@pytest.mark.parametrize("option", ["--demo", "--script"])
@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ([], "shows one code, such as zgtui explain"),
        (["ZG101", "ZG103"], "shows one code"),
        (["ZG000"], "ZG000 is not about a loop, so there is no demo"),
    ],
)
def test_one_code_is_shown_that_blames_a_loop(
    option: str, codes: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", option, *codes]) == 2
    assert sentence in capsys.readouterr().err


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(RULES)


def test_a_code_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ZG11"]) == 2
    assert "there is no code 'ZG11'. Did you mean 'ZG101'" in capsys.readouterr().err
