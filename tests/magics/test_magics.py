"""``%%zgtui`` in IPython itself: the cells of the reference, and what goes wrong."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from tests.magics.cells import CELLS, TRAINS
from tests.support.command import children, environment, logged, newest_log
from tests.support.loaded import loaded_by
from tests.support.processes import alive
from tests.support.waiting import until
from zgtui.check.running.notebook import notebook_of
from zgtui.docs import page
from zgtui.runlog.log import LossReader

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not installed"),
]

MORE = {
    "before": "before = model.weight.tolist()",
    "untouched": f"%%zgtui compare\n{TRAINS}\nbefore = 'changed'\nprint('from the cell')",
    "after": "assert before == model.weight.tolist()",
    "right": f"%%zgtui check\n{TRAINS}",
    "trained": "assert before != model.weight.tolist()",
    "fails": "%%zgtui compare\n1 / 0",
    "fails later": f"%%zgtui compare\n{TRAINS}\nraise ValueError('<mine>\\x1b[2J')",
    "no training": "%%zgtui compare\npass",
    "function": "def train():\n" + indent(TRAINS.replace("optimizer.zero_grad()", "pass"), "    "),
    "calls": "%%zgtui check\ntrain()",
    "breaks off": f"%%zgtui check\n{TRAINS}\n1 / 0",
    "does not parse": "%%zgtui check\nfor",
    "forgets and breaks off": "%%zgtui check\ntrain()\nraise ValueError('<mine>')",
    "says its errors again": "1 / 0",
    "leaves": f"%%zgtui check\n{TRAINS}\nraise SystemExit(0)",
    "mistyped": "%%zgtui comprae\npass",
    "nothing": "%%zgtui check",
    "line": "%zgtui check",
    "options": "%%zgtui check --fix\npass",
    "steps": "%%zgtui compare --steps 0\npass",
    "cuda": f"%%zgtui compare\n{TRAINS}",
}
SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
told = []
for cell in json.load(sys.stdin):
    if cell.endswith("# with CUDA"):
        import torch
        torch.cuda.is_initialized = lambda: True
    count = len(shell.user_ns["Out"])
    with capture_output() as output:
        result = shell.run_cell(cell, store_history=True)
    new = list(shell.user_ns["Out"].values())[count:]
    html = new[-1]._repr_html_() if new and hasattr(new[-1], "_repr_html_") else ""
    log = str(getattr(new[-1], "log", "")) if new else ""
    error = result.error_before_exec or result.error_in_exec
    shown = [one.data.get("text/plain", "") for one in output.outputs]
    told.append({
        "said": output.stdout + output.stderr + "\\n".join(shown), "html": html, "log": log,
        "error": "" if error is None else f"{type(error).__name__}: {error}",
    })
print(json.dumps(told))
"""


def shell(cells: Iterable[str], folder: Path) -> list[dict[str, Any]]:
    """What IPython shows of each cell, all in one session."""
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input=json.dumps(list(cells)),
        env=environment(IPYTHONDIR=str(folder / "ipython"), ZGTUI_STATE_DIR=str(folder / "state")),
        capture_output=True,
        text=True,
        check=False,
        timeout=500,  # all cells of a file, on a machine that does other things too
    )
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All cells in one session: each begins with what the others have left."""
    cells = [*CELLS, *MORE.values()]
    cells[-1] += "  # with CUDA"
    return shell(cells, tmp_path_factory.mktemp("session"))


@pytest.fixture
def example(session: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return session[: len(CELLS)]


@pytest.fixture
def more(session: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return dict(zip(MORE, session[len(CELLS) :], strict=True))


def test_the_reference_shows_the_cells_that_are_run() -> None:
    assert all(cell in page("notebook").text for cell in CELLS[1:])


def test_a_cell_that_never_clears_is_reported_with_its_lines(example: list[dict[str, Any]]) -> None:
    checked = example[2]
    assert checked["error"] == ""
    assert re.search(r"ZG101 error: never cleared  In\[\d+\]:4\n", checked["said"])
    assert "▶     4 │     optimizer.step()    ← step" in checked["said"]
    assert "ipython-input" not in checked["said"]
    assert "<b>fail</b>" in checked["html"]
    assert "ZG101 error: never cleared" in checked["html"]


def test_a_comparison_has_a_verdict_and_a_picture(example: list[dict[str, Any]]) -> None:
    compared = example[3]
    assert compared["error"] == ""
    assert "never clears its gradients" in compared["said"]
    assert re.search(r"A  zero_grad\(\) every step\n  40 steps up to 40", compared["said"])
    (data,) = re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"', compared["html"])
    picture = base64.b64decode(data).decode("utf-8")
    assert picture.rstrip().endswith("</svg>")
    a, b = (LossReader(Path(compared["log"]), run).read(99).tolist() for run in "AB")
    assert (len(a), len(b)) == (40, 40)
    assert a[:2] == b[:2]
    assert a[2:] != b[2:]


def test_a_comparison_leaves_the_notebook_as_it_is(more: dict[str, dict[str, Any]]) -> None:
    assert "never clears its gradients" in more["untouched"]["said"]
    assert "from the cell" not in more["untouched"]["said"]
    assert (more["untouched"]["error"], more["after"]["error"]) == ("", "")


def test_a_check_trains_in_the_notebook_itself(more: dict[str, dict[str, Any]]) -> None:
    assert "9 steps judged" in more["right"]["said"]
    assert "<b>pass</b>" in more["right"]["html"]
    assert more["trained"]["error"] == ""


def test_a_line_of_another_cell_is_named_by_that(more: dict[str, dict[str, Any]]) -> None:
    places = re.findall(r"ZG101 error: never cleared  In\[(\d+)\]:(\d+)", more["calls"]["said"])
    (place,) = places
    assert place[1] == "5"


def test_a_checked_cell_that_raises_has_failed_and_is_reported_on_all_the_same(
    more: dict[str, dict[str, Any]],
) -> None:
    broke = more["breaks off"]
    assert broke["error"] == "ZeroDivisionError: division by zero"
    assert "inconclusive: the cell failed: ZeroDivisionError: division by zero" in broke["said"]
    assert broke["said"].count("Traceback") == 1
    assert "checked_cell" not in broke["said"]  # ours is no part of the traceback
    assert more["does not parse"]["error"] == (
        "UsageError: the cell has a syntax error; nothing was run"
    )
    assert "SyntaxError" in more["does not parse"]["said"]
    assert "ZG101 error: never cleared" in more["forgets and breaks off"]["said"]
    assert more["forgets and breaks off"]["error"] == "ValueError: <mine>"
    assert more["says its errors again"]["said"].count("Traceback") == 1
    assert more["leaves"]["error"] == ""
    assert "<b>pass</b>" in more["leaves"]["html"]


def test_a_cell_that_fails_is_told_and_what_it_trained_is_shown(
    more: dict[str, dict[str, Any]],
) -> None:
    assert (
        more["fails"]["error"] == "UsageError: the cell failed: ZeroDivisionError: division by zero"
    )
    assert more["fails later"]["error"] == ""
    assert "run A failed:" in more["fails later"]["said"]
    assert "ValueError: &lt;mine&gt;" in more["fails later"]["html"]
    assert "ValueError: <mine>" in more["fails later"]["said"]
    assert "\x1b" not in more["fails later"]["said"] + more["fails later"]["html"]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("no training", "took no step with a loss"),
        ("mistyped", "Did you mean 'compare'?"),
        ("nothing", "the cell body is empty"),
        ("line", "cell magic `%%zgtui` exists"),
        ("options", "check takes no '--fix' here"),
        ("steps", "compare takes --steps N, a number of steps, not '--steps 0'"),
        ("cuda", "this notebook has used CUDA"),
    ],
)
def test_wrong_use_is_told_without_a_traceback(
    cell: str, sentence: str, more: dict[str, dict[str, Any]]
) -> None:
    assert more[cell]["error"].startswith("UsageError: ")
    assert sentence in more[cell]["error"]
    assert "Traceback" not in more[cell]["said"]


def test_the_runs_of_a_cell_end_with_the_notebook(tmp_path: Path) -> None:
    endless = f"%%zgtui compare\nwhile True:\n{indent(TRAINS, '    ')}"
    with subprocess.Popen(
        [sys.executable, "-c", SHELL],
        stdin=subprocess.PIPE,
        env=environment(IPYTHONDIR=str(tmp_path / "ipython"), ZGTUI_STATE_DIR=str(tmp_path)),
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps([*CELLS[:2], endless]))
        process.stdin.close()
        until(lambda: len([*tmp_path.glob("sessions/*/1/[AB].f64")]) == 2, "both runs")
        until(lambda: logged(newest_log(tmp_path), "B"), "a loss")
        runs = children(process.pid)
        assert len(runs) == 2
        process.kill()
    until(lambda: not any(map(alive, runs)), "the end of both runs")


def test_check_reads_the_cells_below_the_magic() -> None:
    cells = [{"cell_type": "code", "source": f"%%zgtui compare\n{TRAINS}"}]
    assert "    optimizer.step()" in notebook_of(json.dumps({"cells": cells})).source.splitlines()


def test_loading_the_extension_costs_no_torch() -> None:
    loaded = loaded_by("import zgtui; zgtui.load_ipython_extension")
    assert not loaded & {"torch", "IPython", "textual"}
