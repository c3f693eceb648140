"""Small training loops of many kinds, right and wrong; the first line of each says which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.script_runs import NO_SCALER, SCRIPTS, Warm, same_bits
from zgtui.check.observations import FILE, from_lines
from zgtui.check.report import report_of

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = SCRIPTS / "check" / "loops"
LOOPS = sorted(path.name for path in FOLDER.glob("*.py"))
EXPECT = re.compile(
    r"# expect: (pass|inconclusive|ZG\d{3})(?: with (ZG\d{3}))?(?: at line (\d+))?\n"
)
"""The verdict or the code that makes it; after ``with`` stands a note beside it."""


@pytest.mark.parametrize("script", LOOPS)
def test_a_loop_is_judged_as_its_first_line_says(
    checking: Warm, tmp_path: Path, script: str
) -> None:
    first = (FOLDER / script).read_text(encoding="utf-8").splitlines(keepends=True)[0]
    expected = EXPECT.fullmatch(first)
    assert expected is not None
    word, note, line = expected.groups()
    seen = tmp_path / "seen"
    done = checking.run(
        seen,
        f"check/loops/{script}",
        policy="as-is",
        recorder="zgtui.check.recording.script_recording:make",
    )
    if NO_SCALER in done.text:
        pytest.skip("this PyTorch has no torch.amp.GradScaler")
    assert done.code == 0, done.text
    report = report_of(script, [from_lines((seen / FILE).read_text().splitlines(keepends=True))])
    found = {finding.code for finding in report.findings if finding.severity != "note"}
    notes = {finding.code for finding in report.findings if finding.severity == "note"}
    if script.startswith("scale_"):
        assert notes == ({note} if note else set())
    if not word.startswith("ZG"):
        assert (report.verdict, found) == (word, {"ZG000"} if word == "inconclusive" else set())
    else:
        assert (report.verdict, found) == ("fail", {word})
    lines = {finding.site.line for finding in report.findings if finding.code in {word, note}}
    assert line is None or int(line) in lines


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
    seen = checking.run(
        tmp_path / "seen",
        name,
        policy="as-is",
        recorder="zgtui.check.recording.script_recording:make",
        tail=tail,
    )
    assert bare.printed
    assert same_bits(bare.printed, seen.printed)
