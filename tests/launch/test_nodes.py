"""Two nodes on one machine, as two launches that meet over loopback."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.script_runs import ROOT, SCRIPTS, Variant, losses_of_two_ranks, same_bits
from tests.support.tables import read_table

DEADLINE = 300.0
"""Seconds after which what does not come about fails; eight processes import PyTorch."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3 * DEADLINE),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


class Node:
    """One launch of ``zgtui run --nnodes 2``, its output in a file."""

    def __init__(self, folder: Path, rank: int, port: int, *words: str, steps: int = 5) -> None:
        folder.mkdir()
        self.folder, self._output = folder, folder / "said"
        command = [sys.executable, "-m", "zgtui", "run", "--headless", "--nproc-per-node", "1"]
        meeting = ["--nnodes", "2", "--node-rank", str(rank)]
        meeting += ["--rdzv-endpoint", f"127.0.0.1:{port}"]
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [*command, *meeting, *words, str(SCRIPTS / "run" / "ddp.py")],
                cwd=folder,
                stdout=output,
                stderr=output,
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": "1",
                    "PYTHONPATH": str(ROOT),
                    "STEPS": str(steps),
                    "XDG_STATE_HOME": str(folder / "state"),
                },
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def hear(self, pattern: str) -> None:
        """Wait until it has said so."""
        deadline = time.monotonic() + DEADLINE
        while not re.search(pattern, self.said):
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.05)

    def left(self) -> list[int]:
        """The processes of this launch that still live."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdecimal() and (entry / "cwd").readlink() == self.folder:
                    found.append(int(entry.name))
        return found


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    made: list[Node] = []

    def start(rank: int, port: int, *words: str, steps: int = 5) -> Node:
        made.append(Node(tmp_path / f"node{rank}", rank, port, *words, steps=steps))
        return made[-1]

    yield start
    for node in made:
        node.process.kill()
        node.process.wait()
        deadline = time.monotonic() + DEADLINE
        while node.left():
            assert time.monotonic() < deadline, "something is left"
            time.sleep(0.02)


Launch = Callable[..., Node]


@contextlib.contextmanager
def two_ports(taken: int = 2) -> Iterator[int]:
    """Hold ``taken`` of two ports, one after the other, as another program would; the first."""
    while True:
        with contextlib.ExitStack() as held:
            port, listeners = 0, []
            try:
                for _ in range(2):
                    listeners.append(held.enter_context(socket.socket()))
                    listeners[-1].bind(("127.0.0.1", port))
                    listeners[-1].listen()
                    port = listeners[-1].getsockname()[1] + 1
            except (OSError, OverflowError):  # the second is another program's, or is none
                continue
            for free in listeners[taken:]:
                free.close()
            yield port - 2
            return


@pytest.fixture
def port() -> int:
    """The first of two ports that are free."""
    with two_ports() as first:
        return first


def test_both_runs_of_two_nodes_are_the_edited_script_and_each_node_charts_its_first_rank(
    launch: Launch, port: int, tmp_path: Path
) -> None:
    first = launch(0, port, "--out", "losses.csv")
    first.hear(f"waiting for all 2 nodes to join at 127.0.0.1:{port}")
    late = launch(1, port, "--out", "losses.csv")
    assert [node.process.wait(DEADLINE) for node in (first, late)] == [0, 0]
    assert not first.left()
    assert not late.left()
    tables = [read_table(node.folder / "losses.csv") for node in (first, late)]
    variants: dict[str, Variant] = {"A": "bare", "B": "deleted"}
    for run, variant in variants.items():
        reference = losses_of_two_ranks(tmp_path / run, variant)
        assert same_bits(list(tables[0].series[run].losses), reference)
        other = list(tables[1].series[run].losses)
        assert len(other) == 5
        assert other != reference
    assert "the losses are those of" not in first.said
    assert "rank 1 of 2, the first on this node; rank 0 trains on another\n" in late.said
    for node in (first, late):
        assert "both runs had the same first loss" in node.said
        assert "your script clears its gradients at every step" in node.said
        assert "called neither" not in node.said


@pytest.mark.parametrize("killed", [0, 1])
def test_when_a_node_is_killed_the_other_says_so_and_ends(
    killed: int, launch: Launch, port: int
) -> None:
    nodes = [launch(rank, port, steps=1_000_000) for rank in (0, 1)]
    for node in nodes:
        for run in "AB":
            node.hear(rf"{run} step [\d,]+ loss")
    nodes[killed].process.kill()
    left = nodes[1 - killed]
    assert left.process.wait(DEADLINE) == 1
    for run in "AB":
        ending = (
            rf"^{run}: the script failed after [\d,]+ steps: another rank is gone \(.*\) at ddp.py"
        )
        assert re.search(ending, left.said, re.MULTILINE), left.said
    assert "called neither" not in left.said
    assert not left.left()


def test_a_port_that_is_taken_is_told_and_nothing_is_said_of_the_script(launch: Launch) -> None:
    with two_ports() as port:
        node = launch(0, port)
        assert node.process.wait(DEADLINE) == 1
    for run, number in (("A", port), ("B", port + 1)):
        taken = f"port {number} is taken by another program"
        assert f"{run}: rendezvous failed: {taken}\n" in node.said
    assert "the script" not in node.said
    assert "your script called" not in node.said
    assert not node.left()


def test_where_the_port_of_one_run_is_taken_the_other_trains_and_each_node_says_its_own(
    launch: Launch,
) -> None:
    """PyTorch would wait for ever: that program accepts what it never answers."""
    with two_ports(taken=1) as port:
        nodes = [launch(rank, port, "--rdzv-timeout", "30") for rank in (0, 1)]
        assert [node.process.wait(DEADLINE) for node in nodes] == [1, 1]
    assert f"A: rendezvous failed: port {port} is taken by another program\n" in nodes[0].said
    assert (
        f"A: rendezvous failed: timed out after 30 s waiting for all 2 nodes to"
        f" join at 127.0.0.1:{port}: a node was not started, or another program is using the port"
    ) in nodes[1].said
    for node in nodes:
        assert "B: the script ended after 5 steps" in node.said
        assert "called neither" not in node.said
        assert "the script failed" not in node.said
        assert "same first loss" not in node.said, "there is nothing to compare"
        assert not node.left()


def test_a_node_that_stays_alone_ends_and_says_what_it_waited_for(
    launch: Launch, port: int
) -> None:
    node = launch(0, port, "--rdzv-timeout", "15")
    assert node.process.wait(DEADLINE) == 1
    for run, at in (("A", port), ("B", port + 1)):
        waited = f"timed out after 15 s waiting for all 2 nodes to join at 127.0.0.1:{at}: a node"
        assert f"{run}: rendezvous failed: {waited}" in node.said
    assert "your script called" not in node.said
    assert not node.left()
