"""Scripts as people get them wrong, each with its code, and right ones that must not alarm."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.script_runs import SCRIPTS, Warm
from zgtui.check.findings import RULES
from zgtui.check.observations import FILE, from_lines
from zgtui.check.repairing.edits import diff, read_source
from zgtui.check.repairing.fixes import edits_of
from zgtui.check.report import Report, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str], Report]

WRONG = sorted(path.name for path in (SCRIPTS / "check" / "wrong").glob("*.py"))
RIGHT = sorted(path.name for path in (SCRIPTS / "check" / "right").glob("*.py"))
EARLIER_RIGHT = [
    "accumulation.py", "adversarial.py", "by_hand_none.py", "by_hand_zero.py",
    "clipping.py", "custom_optimizer.py", "foreach.py", "frozen.py", "fused.py", "gan.py",
    "lbfgs_closure.py", "penalty.py", "plain_loop.py", "shared_backward.py", "two_losses.py",
]  # fmt: skip
EARLIER_WRONG = {
    "accumulation_forgotten.py": "ZG101",
    "amp_forgotten.py": "ZG101",
    "cleared_too_late.py": "ZG201",
    "forgotten.py": "ZG101",
    "gan_forgotten.py": "ZG101",
    "gan_helper.py": "ZG101",
    "lbfgs_forgotten.py": "ZG101",
    "once_per_epoch.py": "ZG103",
    "zeroed_too_late.py": "ZG201",
}
TELLING = {"error", "warning", "inconclusive"}


@pytest.fixture
def check(checking: Warm, tmp_path: Path) -> Check:
    def checked(script: str) -> Report:
        seen = tmp_path / f"seen{len(list(tmp_path.iterdir()))}"
        done = checking.run(
            seen, script, policy="as-is", recorder="zgtui.check.recording.script_recording:make"
        )
        assert done.code == 0, done.text
        lines = (seen / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
        return report_of(script, [from_lines(lines)])

    return checked


def codes(report: Report) -> set[str]:
    """All but notes."""
    return {finding.code for finding in report.findings if finding.severity in TELLING}


@pytest.mark.parametrize("script", WRONG)
def test_a_mistake_is_told_by_its_code_and_no_other(check: Check, script: str) -> None:
    code = script.partition("_")[0]
    report = check(f"check/wrong/{script}")
    assert code in {finding.code for finding in report.findings}
    assert codes(report) <= {code}
    wanted = {"inconclusive": "inconclusive", "note": "pass"}.get(RULES[code].severity, "fail")
    assert report.verdict == wanted
    for finding in report.findings:
        assert Path(finding.site.file).name == script
        assert finding.site.line


@pytest.mark.parametrize("script", RIGHT)
def test_a_right_script_is_clean(check: Check, script: str) -> None:
    report = check(f"check/right/{script}")
    assert report.findings == ()
    assert report.verdict == "pass"
    assert report.optimizers
    assert report.steps >= 3


@pytest.mark.parametrize("script", EARLIER_RIGHT)
def test_scripts_that_clear_are_clean(check: Check, script: str) -> None:
    assert not codes(check(script))


@pytest.mark.parametrize("script", sorted(EARLIER_WRONG))
def test_scripts_that_do_not_clear_are_found(check: Check, script: str) -> None:
    assert codes(check(script)) == {EARLIER_WRONG[script]}


def test_every_code_has_several_scripts() -> None:
    for code in set(RULES) - {"ZG001"}:  # a reading of the source has scripts of its own
        assert sum(script.startswith(code) for script in WRONG) >= 2, code
    assert len(WRONG) + len(RIGHT) >= 60


def test_a_comment_at_the_line_silences_its_code_alone(check: Check) -> None:
    report = check("check/right/silenced.py")
    assert [finding.code for finding in report.silenced] == ["ZG101"]


def test_the_parameters_that_stay_are_named(check: Check) -> None:
    (finding,) = check("check/wrong/ZG102_head_only.py").findings
    assert "body.weight, body.bias" in finding.message
    assert "head" not in finding.message


def test_the_evidence_counts_backward_passes(check: Check) -> None:
    (finding,) = check("check/wrong/ZG101_accumulation.py").findings
    assert finding.evidence == (
        "the gradient applied at step 4 held 16 backward passes, 12 of them already applied"
    )
    assert finding.steps_seen == 4


def test_an_optimizer_that_has_its_turn_later_is_not_checked(check: Check) -> None:
    report = check("check/loops/head_trained_first_ok.py")
    assert [one.steps_seen for one in report.optimizers] == [20]
    (later,) = report.unchecked
    assert later.endswith("not checked: it never stepped")


def applied(text: str, diff: str) -> str:
    """``text`` with a unified diff applied to it."""
    lines, out, at = text.splitlines(keepends=True), [], 0
    for line in diff.splitlines(keepends=True)[2:]:
        hunk = re.match(r"@@ -(\d+)", line)
        if hunk:
            out += lines[at : int(hunk[1]) - 1]
            at = int(hunk[1]) - 1
        elif line.startswith("+"):
            out.append(line[1:])
        else:
            assert line[1:] == lines[at]
            out += [lines[at]] if line.startswith(" ") else []
            at += 1
    return "".join([*out, *lines[at:]])


@pytest.mark.parametrize(
    "script",
    [
        "ZG101_accumulation.py", "ZG102_weights_by_hand.py", "ZG103_lbfgs.py", "ZG106_heads.py",
        "ZG201_critic_fixed_before.py", "ZG201_in_the_helper.py", "ZG202_inner_loop.py",
        "ZG501_chunks.py", "ZG501_modulo.py",
        "ZG502_twice.py", "ZG502_other_number.py", "ZG502_by_all_batches.py",
        "ZG502_twice_in_a_counted_loop.py", "ZG504_leaks.py", "ZG504_thrown.py",
        "../loops/skipped_batch_stays.py",
    ],
)  # fmt: skip
def test_the_fix_that_is_shown_repairs_the_script(
    check: Check, script: str, tmp_path: Path
) -> None:
    (finding,) = check(f"check/wrong/{script}").findings
    tried = []
    for number, edit in enumerate(edits_of(finding)):
        source = read_source(edit.file)
        repaired = tmp_path / f"repaired{number}.py"
        text = applied(source.text, diff(source, edit.applied(source)))
        repaired.write_text(text, encoding="utf-8")
        again = check(str(repaired))
        tried.append((again.verdict, [one for one in again.findings if one.level is None]))
        if tried[-1] == ("pass", []):
            break
    assert tried[-1] == ("pass", [])
