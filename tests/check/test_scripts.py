"""Scripts as people write them, right and wrong; the first line of each says which."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.expectations import (
    CHECK,
    WATCHED,
    assert_expected,
    expectation_of,
    names_in,
)
from tests.support.script_runs import NO_SCALER, SCRIPTS, Warm, same_bits
from zgtui.check.findings import RULES
from zgtui.check.observations import FILE, from_lines
from zgtui.check.repairing.edits import diff, read_source
from zgtui.check.repairing.fixes import edits_of
from zgtui.check.report import Report, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str], Report]

RECORDER = "zgtui.check.recording.script_recording:make"


@pytest.fixture
def check(checking: Warm, tmp_path: Path) -> Check:
    def checked(script: str) -> Report:
        seen = tmp_path / f"seen{len(list(tmp_path.iterdir()))}"
        done = checking.run(seen, script, policy="as-is", recorder=RECORDER)
        if NO_SCALER in done.text:
            pytest.skip("this PyTorch has no torch.amp.GradScaler")
        assert done.code == 0, done.text
        lines = (seen / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
        return report_of(script, [from_lines(lines)])

    return checked


@pytest.mark.parametrize("script", names_in(*WATCHED))
def test_a_script_is_judged_as_its_first_line_says(check: Check, script: str) -> None:
    report, expected = check(script), expectation_of(SCRIPTS / script)
    assert_expected(report, expected)
    if expected.verdict == "pass":
        assert report.optimizers
        assert report.steps >= 3
    for finding in report.findings:
        if expected.line or finding.code != "ZG000":  # which may be about no line
            assert Path(finding.site.file).name == Path(script).name
            assert finding.site.line


def test_every_code_has_several_scripts() -> None:
    scripts = [expectation_of(path) for path in (CHECK / "wrong").glob("*.py")]
    for code in set(RULES) - {"ZG001"}:  # a reading of the source has scripts of its own
        assert sum(code in script.told for script in scripts) >= 2, code


@pytest.mark.parametrize(
    "script",
    ["asam_wrap_ok.py", "dp_vmap_ok.py", "gan_leak_after.py", "lbfgs_ok.py", "lomo_bad.py"],
)
def test_a_watched_loop_ends_with_the_same_weights(
    checking: Warm, tmp_path: Path, script: str
) -> None:
    """The loop is extended to print its parameters: every bit of them."""
    tail = (
        "\nfor thing in list(globals().values()):\n"
        "    if isinstance(thing, nn.Module):\n"
        "        for p in thing.parameters():\n"
        "            print(f'loss={p.double().sum().item()!r}')\n"
        "print(f'loss={torch.rand(1).item()!r}')\n"
    )
    name = f"check/loops/{script}"
    bare = checking.run(tmp_path / "bare", name, tail=tail)
    seen = checking.run(tmp_path / "seen", name, policy="as-is", recorder=RECORDER, tail=tail)
    assert bare.printed
    assert same_bits(bare.printed, seen.printed)


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


def test_a_clearing_of_another_model_is_not_told_as_the_first_of_this_one(check: Check) -> None:
    (finding,) = check("check/loops/wrong_net_cleared.py").findings
    assert finding.message == "its gradients were never cleared in 16 steps"


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
        "ZG501_chunks.py", "ZG501_continues.py", "ZG501_every_second.py", "ZG501_modulo.py",
        "ZG502_twice.py", "ZG502_other_number.py", "ZG502_by_all_batches.py",
        "ZG502_twice_in_a_counted_loop.py", "ZG502_twice_as_many.py", "ZG504_leaks.py",
        "ZG504_thrown.py",
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
