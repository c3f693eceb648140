"""`zgtui run` in a real terminal with a real script, from its first line to its last."""

from __future__ import annotations

import csv
import shutil
import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.processes import mentioning
from tests.support.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE, Terminal
from tests.support.waiting import until

pytestmark = pytest.mark.terminal

SCRIPTS = Path(__file__).parents[1] / "scripts"


def test_a_real_script_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    script = tmp_path / "train_for_long.py"
    shutil.copy(SCRIPTS / "run" / "unseeded.py", script)
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("range(400 ", "range(10**9 "), encoding="utf-8")
    words = ("run", "--paused", "train_for_long.py", "--own-option")
    with closing(Terminal(tmp_path, *words)) as terminal:
        terminal.shows("zero_grad() never")
        assert len(mentioning("train_for_long.py --own-option")) > 2
        terminal.shows("paused")
        terminal.type("nn")
        terminal.shows("A step 2 · B step 2")
        terminal.type("z")
        terminal.until(lambda lines: "zero_grad() never" not in "".join(lines), "B clears")
        terminal.type("+")
        terminal.shows("lr ×1.259")
        terminal.type("O")
        terminal.shows("output of B")
        terminal.type("nn")
        terminal.until(lambda lines: "".join(lines).count("│loss=") >= 2, "both scripts' output")
        terminal.type("e")
        terminal.shows("export the loss table")
        terminal.type("\r")
        terminal.shows("Wrote 4 steps of both runs")
        terminal.type("q")
        assert terminal.ended() == 0
        said = terminal.output[terminal.output.rfind(LEAVE_ALTERNATE) :].decode()
        assert ENTER_ALTERNATE in terminal.output
        assert terminal.modes == terminal.modes_before
        verdicts = said.count("your script clears its gradients")
        assert verdicts == 1, "what was seen of it"
        assert said.count("your script") - verdicts == 1, "A, which clears anyway"
        assert said.count("zero_grad() every step") == 1, "B as it was last"
        assert "both runs had the same first loss" in said
        assert f"run log: {terminal.state}" in " ".join(said.split())
        until(lambda: not mentioning("train_for_long.py"), "the end of both runs")
    with (tmp_path / "losses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    a, b = ([row["loss"] for row in rows if row["run"] == run] for run in "AB")
    assert len(a) == len(b) >= 2
    assert a[0] == b[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both_scripts(number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "waits_for_long.py").write_text("import time\ntime.sleep(1000)\n")
    with closing(Terminal(tmp_path, "run", "waits_for_long.py")) as terminal:
        terminal.shows("starting")
        assert mentioning("waits_for_long.py")
        terminal.send(number)
        assert terminal.ended() == 128 + number
        assert b"Traceback" not in terminal.output
        until(lambda: not mentioning("waits_for_long.py"), "the end of both runs")


def test_the_worse_exit_code_of_both_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("def go():\n    raise KeyError('x')\n\ngo()\n")
    with closing(Terminal(tmp_path, "run", "fails.py", columns=120)) as terminal:
        terminal.shows("── failed before its first step: KeyError")
        terminal.shows("fails.py:2 in go")
        terminal.type("q")
        assert terminal.ended() == 1
