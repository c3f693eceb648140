"""The hook for pre-commit, tried by pre-commit itself on a small repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import on_path

HOOKS = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
LOOP = """\
import torch
model = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(9, 2):
    {clear}
    model(x).sum().backward()
    opt.step()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """With nobody's git settings, and a ``zgtui`` to be found."""
    named = {
        f"GIT_{who}_{what}": "me" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    ours = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {
        **ours,
        **named,
        "HOME": str(tmp_path),
        "PATH": on_path(tmp_path / "bin"),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PYTHONPATH": str(HOOKS.parent),
    }


def repository(folder: Path, environment: dict[str, str], **files: str) -> Path:
    """A git repository with these files committed."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    if not files:
        shutil.copy(HOOKS, folder)
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    return folder


def test_a_loop_that_forgets_to_clear_stops_the_commit(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    hooks = repository(tmp_path / "zgtui", environment)
    mine = repository(
        tmp_path / "mine",
        environment,
        forgets=LOOP.format(clear="pass"),
        clears=LOOP.format(clear="opt.zero_grad()"),
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pre_commit",
            "try-repo",
            hooks,
            "zgtui-check-static",
            "--all-files",
        ],
        cwd=mine,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"ZG101 error: never cleared  \S*forgets\.py:7\n", done.stdout), done.stdout
    assert "clears.py:" not in done.stdout
