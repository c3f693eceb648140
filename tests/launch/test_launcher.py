"""What the launcher of several processes is told, and what its errors mean."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from zgtui.errors import UsageError
from zgtui.launch.launcher import Launcher
from zgtui.launch.words.launcher_errors import not_met, what_failed


def nodes(nnodes: str = "2", rank: int | None = None, at: str | None = "host:29400") -> Launcher:
    return Launcher(nproc_per_node="4", nnodes=nnodes, node_rank=rank, rdzv_endpoint=at)


def test_one_node_meets_on_a_free_port() -> None:
    launcher = nodes("1", at=None)
    assert launcher.arguments("A") == [
        *("--standalone", "--nnodes", "1", "--nproc-per-node", "4"),
    ]
    assert launcher.meeting("A") == ""


@pytest.mark.parametrize(
    ("at", "places"),
    [
        ("host:29500", ["host:29500", "host:29501"]),
        ("host", ["host:29400", "host:29401"]),
        ("10.0.0.7:80", ["10.0.0.7:80", "10.0.0.7:81"]),
        ("[::1]:29500", ["[::1]:29500", "[::1]:29501"]),
    ],
)
def test_the_two_runs_never_meet_each_other(at: str, places: list[str]) -> None:
    for run, place in zip("AB", places, strict=True):
        launcher = nodes(at=at)
        arguments = launcher.arguments(run)  # type: ignore[arg-type]  # A or B
        assert arguments[arguments.index("--rdzv-endpoint") + 1] == place
        assert arguments[arguments.index("--rdzv-id") + 1] == f"zgtui-{run}"
        assert launcher.meeting(run) == f"all 2 nodes to join at {place}"  # type: ignore[arg-type]


@pytest.mark.parametrize(("rank", "backend"), [(None, "c10d"), (1, "static")])
def test_the_rank_of_a_node_is_kept_in_both_runs(rank: int | None, backend: str) -> None:
    arguments = nodes(rank=rank).arguments("B")
    assert arguments[arguments.index("--rdzv-backend") + 1] == backend
    assert ("--node-rank" in arguments) == (rank is not None)


@pytest.mark.parametrize(("rank", "name"), [(None, "join_timeout"), (1, "timeout")])
@pytest.mark.parametrize(("wait", "seconds"), [(20.0, 600), (1000.5, 1061)])
def test_pytorch_never_gives_up_before_the_time_is_over(
    rank: int | None, name: str, wait: float, seconds: int
) -> None:
    arguments = replace(nodes(rank=rank), rdzv_timeout=wait).arguments("A")
    assert arguments[arguments.index("--rdzv-conf") + 1] == f"{name}={seconds}"


@pytest.mark.parametrize(
    ("launcher", "sentence"),
    [
        (nodes(at=None), "more than one node needs --rdzv-endpoint HOST:PORT"),
        (nodes(at="host:x"), "is HOST:PORT, such as host0:29400, not 'host:x'"),
        (nodes(at="host:65535"), "run B uses the next port"),
        (nodes(at="::1"), "is HOST:PORT"),
        (nodes(rank=2), "--node-rank 2 must be below --nnodes 2: ranks start at 0"),
        (nodes("1:4", rank=0), "--node-rank needs a fixed number of nodes, not --nnodes 1:4"),
    ],
)
def test_what_cannot_meet_is_told_before_anything_starts(launcher: Launcher, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        launcher.arguments("A")


def test_nodes_that_may_join_later_are_told_so() -> None:
    assert nodes("1:4").meeting("A") == "at least 1 of 4 nodes to join at host:29400"


@pytest.mark.parametrize(
    ("kind", "message", "told"),
    [
        (
            "DistNetworkError",
            "The server socket has failed to listen. port: 29400, code: -98, name: EADDRINUSE",
            "rendezvous failed: port 29400 is taken by another program",
        ),
        (
            "DistStoreError",
            "Timed out after 601 seconds. 1/2 clients joined.",
            "rendezvous failed: Timed out after 601 seconds. 1/2 clients joined.",
        ),
        ("RendezvousClosedError", "", "rendezvous failed: no reason given"),
        ("RuntimeError", "port: 29400 EADDRINUSE", ""),
    ],
)
def test_why_the_nodes_could_not_meet(kind: str, message: str, told: str) -> None:
    assert not_met(kind, message) == told


@pytest.mark.parametrize(
    ("kind", "message", "told"),
    [
        (
            "RuntimeError",
            "[gloo/transport/tcp/pair.cc:537] Connection closed by peer [10.0.0.7]:2762",
            "another rank is gone (Connection closed by peer)",
        ),
        (
            "DistBackendError",
            "NCCL error: a network error or a remote process exiting prematurely.",
            "another rank is gone (remote process exiting prematurely)",
        ),
        ("RuntimeError", "Connection reset by peer", ""),
        ("ConnectionResetError", "[Errno 104] Connection reset by peer", ""),
    ],
)
def test_a_rank_that_is_left_alone_says_so(kind: str, message: str, told: str) -> None:
    assert what_failed(kind, message) == told
