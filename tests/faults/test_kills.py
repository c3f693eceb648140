"""Some cells of the kill matrix; ``python -m tests.faults kills`` tries all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults.kills import Case, judge

pytestmark = [
    pytest.mark.slow,
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform != "linux", reason="the tables of processes differ"),
]
SOME = [
    Case("docs", "SIGINT", 0.3),
    Case("train", "STOP CONT TERM", 1.5),
    Case("check", "closed terminal", 6.0),
]


@pytest.mark.parametrize("case", SOME, ids=str)
def test_whatever_ends_it_leaves_nothing_behind(case: Case, tmp_path: Path) -> None:
    assert judge(case, tmp_path) == []
