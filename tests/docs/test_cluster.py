"""The recipes for a cluster, as far as one machine goes: the job, the look at it, and tmux."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.blocks import blocks, readme
from tests.support.command import environment, logged, on_path
from tests.support.tables import tidy_table
from tests.support.terminal import Terminal
from tests.support.waiting import until
from zgtui.docs import page

(JOB, TMUX) = [block for block in blocks(page("cluster").path) if block.language == "bash"]
LONG = 10**6


@pytest.fixture
def node(tmp_path: Path) -> dict[str, str]:
    """The environment of a job: ``srun`` starts what it is given, and ``zgtui`` is on the path."""
    path = on_path(tmp_path / "bin", srun='exec "$@"')
    return environment(PATH=path, SLURM_JOB_ID="1234", SLURM_SUBMIT_DIR=str(tmp_path))


def job(text: str, folder: Path, node: dict[str, str]) -> subprocess.Popen[str]:
    script = folder / "job.sh"
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    return subprocess.Popen(
        [script], cwd=folder, env=node, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def test_the_job_says_what_it_needs_as_slurm_reads_it() -> None:
    first, *lines = JOB.text.splitlines()
    assert first == "#!/bin/bash"
    options = [line for line in lines if line.startswith("#")]
    assert len(options) >= 4
    assert all(re.fullmatch(r"#SBATCH --[a-z-]+=\S+", line) for line in options)
    assert [line for line in lines if not line.startswith("#")] == lines[len(options) :]


@pytest.mark.slow
def test_the_job_trains_and_its_table_is_shown_on_another_node(
    node: dict[str, str], tmp_path: Path
) -> None:
    with job(JOB.text.replace("--steps 2000", "--steps 40"), tmp_path, node) as process:
        out, _ = process.communicate(timeout=200)
    assert process.returncode == 0, out
    (line,) = [words for words in JOB.commands if words[0] == "exec"]
    assert line[:4] == ["exec", "srun", "zgtui", "train"]
    shown = subprocess.run(
        ["zgtui", "view", "losses-1234.csv"],
        cwd=tmp_path, env=node, capture_output=True, text=True, check=True, timeout=100,
    ).stdout  # fmt: skip
    assert shown.count("40 steps up to 40") == 2


@pytest.mark.slow
def test_at_its_time_limit_the_job_ends_with_its_table_complete(
    node: dict[str, str], tmp_path: Path
) -> None:
    table = tmp_path / "losses-1234.csv"
    with job(JOB.text.replace("--steps 2000", f"--steps {LONG}"), tmp_path, node) as process:
        until(lambda: table.exists() and table.stat().st_size > 10_000, "a growing table")
        os.killpg(process.pid, signal.SIGTERM)
        out, _ = process.communicate(timeout=100)
    assert process.returncode == 128 + signal.SIGTERM, out
    header, *rows = table.read_text("utf-8").splitlines()
    assert {row.count(",") for row in rows} == {header.count(",")}
    assert {row.partition(",")[0] for row in rows} == {"A", "B"}


def line_of(*beginning: str) -> list[str]:
    """The words of the command of the page that begins so."""
    lines = [words for block in blocks(page("cluster").path) for words in block.commands]
    (found,) = [words for words in lines if tuple(words[: len(beginning)]) == beginning]
    return found


FOLLOW = ("zgtui", "view", "--follow", "losses-1234.csv")


@pytest.mark.slow
@pytest.mark.terminal
def test_a_job_that_trains_is_followed_from_the_login_node(
    node: dict[str, str], tmp_path: Path
) -> None:
    words = line_of(*FOLLOW)[1:]
    with job(JOB.text.replace("--steps 2000", f"--steps {LONG}"), tmp_path, node) as process:
        try:
            until((tmp_path / words[-1]).exists, "the table")
            with closing(Terminal(tmp_path, *words)) as terminal:
                terminal.shows("following")
                terminal.until(lambda lines: steps_in(lines) > 100, "the first steps")
                seen = steps_in(terminal.lines)
                terminal.until(lambda lines: steps_in(lines) > seen, "further steps")
                terminal.type("q")
                assert terminal.ended() == 0
            assert process.poll() is None, "the job trains on"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=100)


def steps_in(lines: list[str]) -> int:
    """The highest step that a screen names."""
    return max((int(found) for found in re.findall(r"step (\d+)", " ".join(lines))), default=0)


@pytest.mark.slow
def test_a_script_of_ones_own_is_trained_twice_in_a_job(
    node: dict[str, str], tmp_path: Path
) -> None:
    (block,) = readme("file")
    (tmp_path / "train.py").write_text(block.text)
    last = shlex.join(line_of("exec", "srun", "zgtui", "run"))
    assert '"losses-$SLURM_JOB_ID.csv"' in page("cluster").text
    last = last.replace("'losses-$SLURM_JOB_ID.csv'", '"losses-$SLURM_JOB_ID.csv"')
    first, *head = JOB.text.splitlines()[:-1]
    with job("\n".join([first, *head, last]), tmp_path, node) as process:
        out, _ = process.communicate(timeout=200)
    assert process.returncode == 0, out
    rows = (tmp_path / "losses-1234.csv").read_text("utf-8").splitlines()[1:]
    assert {row.partition(",")[0] for row in rows} == {"A", "B"}
    assert "zero_grad() never" in out


@pytest.mark.slow
@pytest.mark.terminal
def test_a_loop_that_logs_in_a_job_is_followed_from_the_login_node(
    node: dict[str, str], tmp_path: Path
) -> None:
    (call,) = re.findall(r"^(zgtui\.log\(.+\))\s+# in the job$", page("cluster").text, re.MULTILINE)
    code = f"import os, sys, zgtui\nfor loss in (3.0, 2.0):\n    {call}\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env=node, stdin=subprocess.PIPE
    ) as process:
        words = line_of("zgtui", "view", "--follow", "runs/1234")[1:]
        until(lambda: logged(tmp_path / "runs" / "1234", "A") == [3.0, 2.0], "both losses")
        with closing(Terminal(tmp_path, *words)) as terminal:
            terminal.shows("following")
            terminal.until(lambda lines: steps_in(lines) == 2, "both steps")
            terminal.type("q")
            assert terminal.ended() == 0
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """tmux with a server of its own."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    command = ["tmux", "-f", os.devnull, "-S", str(tmp_path / "socket")]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True, timeout=60)


@pytest.mark.terminal
def test_what_runs_in_tmux_goes_on_when_nobody_is_attached(tmux: list[str], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    tidy_table(tmp_path / "losses.csv", 9)
    node = {**environment(PATH=on_path(tmp_path / "bin")), "TMUX": ""}
    words = TMUX.commands[0]
    assert words[:-1] == ["tmux", "new-session", "-d", "-s", "train"]
    started = [*tmux, *words[1:-1], "-x", "100", "-y", "30", "zgtui view losses.csv"]
    subprocess.run(started, cwd=tmp_path, env=node, check=True, timeout=60)

    def screen() -> str:
        done = subprocess.run(
            [*tmux, "capture-pane", "-p", "-t", "train"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        return done.stdout

    until(lambda: "losses.csv" in screen() and "zero_grad()" in screen(), "the charts")
    subprocess.run([*tmux, "send-keys", "-t", "train", "q"], check=True, timeout=60)
    until(lambda: not screen(), "the end of the session")
