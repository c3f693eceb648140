"""The magics in a kernel of Jupyter, run by nbclient as notebooks are run without a browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.magics.cells import CELLS, TRAINS
from tests.support.command import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (find_spec("nbclient") and find_spec("ipykernel")),
        reason="nbclient or ipykernel is not installed",
    ),
    # Of Jupyter's own: how it starts a kernel, and how it closes its sockets.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_a_notebook_shows_the_report_and_stops_at_a_checked_cell_that_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat  # noqa: PLC0415 - only where it is installed
    from nbclient import NotebookClient  # noqa: PLC0415 - likewise
    from nbclient.exceptions import CellExecutionError  # noqa: PLC0415 - likewise

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    forgets = TRAINS.replace("optimizer.zero_grad()", "pass")
    cells = [
        *CELLS[:2],
        f"%%zgtui check\n{forgets}",
        f"%%zgtui compare --steps 9\n{TRAINS}",
        f"%%zgtui check\n{TRAINS}\nraise ValueError('mine')",
        "print('never')",
    ]
    made: Any = nbformat.v4  # its functions have no types
    notebook = made.new_notebook(cells=[made.new_code_cell(one) for one in cells])
    with pytest.raises(CellExecutionError, match="ValueError"):
        NotebookClient(notebook, timeout=500, startup_timeout=300, kernel_name="python3").execute()
    said: list[list[Any]] = [cell.get("outputs", []) for cell in notebook.cells]
    (checked,) = said[2]
    assert "ZG101 error: never cleared" in checked["data"]["text/plain"]
    assert "<b>fail</b>" in checked["data"]["text/html"]
    (compared,) = said[3]
    assert "<img " in compared["data"]["text/html"] or "<pre>" in compared["data"]["text/html"]
    shown, error = (one for one in said[4] if one["output_type"] != "stream")
    assert "inconclusive" in shown["data"]["text/html"]
    assert (error["output_type"], error["ename"]) == ("error", "ValueError")
    assert said[5] == []
