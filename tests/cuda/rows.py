"""A plugin of pytest that writes how each test ended as soon as it has: a kill loses none of it.

``$CUDA_CHECK_ROWS`` names the file, which gets an object of JSON a line, ``$CUDA_CHECK`` the check.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

ROWS, CHECK = "CUDA_CHECK_ROWS", "CUDA_CHECK"
WHY_CHARACTERS = 500


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write a line for each test, and for what fails before or after it."""
    if report.when != "call" and report.passed:
        return
    row = {
        "check": os.environ.get(CHECK, ""),
        "test": report.nodeid,
        "how": report.outcome,
        "seconds": round(report.duration, 2),
    }
    if not report.passed:
        row["why"] = _why(report)
    with Path(os.environ[ROWS]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _why(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):  # of a test that was skipped: file, line and reason
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    told: str = getattr(crash, "message", str(report.longrepr))
    return told[:WHY_CHARACTERS]
