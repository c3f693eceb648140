"""Notebooks: their cells read as one file, and lines told as cell and line."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import zgtui
from zgtui.check.formats.json_report import read as read_report
from zgtui.check.formats.json_report import render
from zgtui.check.running.notebook import (
    NotebookError,
    notebook_of,
    open_notebook,
    place_of,
    write_script,
)
from zgtui.check.static.file_reader import read_files

SETUP = ["%matplotlib inline\n", "import torch\n", "!pip install torch\n"]
MODEL = "model = torch.nn.Linear(3, 1)\nopt = torch.optim.SGD(model.parameters(), lr=0.1)"
LOOP = [
    "%%time\n",
    "for x in torch.randn(5, 4, 3):\n",
    "    loss = model(x).mean()\n",
    "    loss.backward()\n",
    "    opt.step()\n",
    "display(loss)\n",
]


def cells(*sources: str | list[str]) -> str:
    code = [{"cell_type": "code", "source": source} for source in sources]
    text = {"cell_type": "markdown", "source": "# Training"}
    return json.dumps({"nbformat": 4, "cells": [text, *code]})


@pytest.fixture
def training(tmp_path: Path) -> Path:
    path = tmp_path / "training.ipynb"
    path.write_text(cells(SETUP, MODEL, LOOP), encoding="utf-8")
    return path


def test_cells_are_joined_and_magics_dropped() -> None:
    notebook = notebook_of(cells(SETUP, MODEL, LOOP))
    ast.parse(notebook.source)
    assert "%" not in notebook.source
    assert "pip" not in notebook.source


def test_every_line_leads_back_to_its_cell() -> None:
    notebook = notebook_of(cells(SETUP, MODEL, LOOP))
    lines = notebook.source.splitlines()
    assert notebook.place(lines.index("import torch") + 1) == (1, 2)
    assert notebook.place(lines.index("    opt.step()") + 1) == (3, 5)


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("text = 'a % b'\nshare = 100 \\\n    % 7", "text = 'a % b'\nshare = 100 \\\n    % 7"),
        ("if x:\n    !ls -l\n    y = 1", "if x:\n    pass\n    y = 1"),
        ("files = !ls", "files = None"),
        ("model?", "pass"),
        ("!pip install a \\\n  b\nx = 1", "pass\n\nx = 1"),
        ("%%bash\nls", "# %%bash\n# ls"),
        ("%%capture out\nx = 1", "\nx = 1"),
        ("todo = ", "# todo = "),
    ],
)
def test_what_is_no_python_is_dropped_and_the_lines_kept(cell: str, python: str) -> None:
    header, *lines = notebook_of(cells(cell)).source.splitlines()
    assert header.startswith("#")
    assert "\n".join(lines) == python


def test_older_notebooks_are_read() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}]}]}
    assert notebook_of(json.dumps(old)).place(3) == (1, 2)


@pytest.mark.parametrize("text", ["x = 1", "[]", '{"cells": [{"source": "x"}]}', '{"cells": 3}'])
def test_what_is_no_notebook_is_said(text: str) -> None:
    with pytest.raises(NotebookError):
        notebook_of(text)


def test_the_script_runs_with_the_lines_of_the_notebook(training: Path, tmp_path: Path) -> None:
    script = write_script(str(training), tmp_path)
    assert len(script.read_text().splitlines()) == len(
        open_notebook(str(training)).source.splitlines()
    )
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=100, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "tensor" in ran.stdout


def test_a_mistake_in_a_notebook_is_told_by_cell_and_line(training: Path) -> None:
    code, out, err = zgtui("check", "--static", str(training))
    assert (code, err) == (1, "")
    assert f"{training}, cell 3, line 5" in out
    assert "3:5 │     opt.step()" in out
    values = json.loads(zgtui("check", "--static", "--json", str(training))[1])
    (finding,) = values["findings"]
    assert (finding["cell"], finding["cell_line"]) == (3, 5)
    assert place_of(str(training), finding["line"]) == (3, 5)
    assert finding["fix"] == ""


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_formats_that_know_no_cells_tell_them_in_the_message(form: str, training: Path) -> None:
    assert "cell 3, line 5" in zgtui("check", "--static", f"--{form}", str(training))[1]


def test_a_saved_report_of_a_notebook_is_shown_again_as_it_was(training: Path) -> None:
    report = read_files([str(training)])
    assert str(read_report(render(report))) == str(report)


def test_a_comment_in_a_cell_silences(tmp_path: Path) -> None:
    quiet = [*LOOP[:4], "    opt.step()  # zgtui: ignore[ZG101]\n"]
    path = tmp_path / "quiet.ipynb"
    path.write_text(cells(SETUP, MODEL, quiet), encoding="utf-8")
    report = read_files([str(path)])
    assert report.findings == ()
    assert [finding.code for finding in report.silenced] == ["ZG101"]


@pytest.mark.parametrize("text", ["", "[" * 100_000])
def test_a_file_that_only_has_the_name_of_a_notebook_is_inconclusive(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "empty.ipynb"
    path.write_text(text, encoding="utf-8")
    report = read_files([str(path)])
    assert report.verdict == "inconclusive"
    assert "it is not a notebook" in report.findings[0].message
