"""Several processes per run, on this machine or on several, through ``torch.distributed.run``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from zgtui.config.settings import RUNS, RunName
from zgtui.errors import UsageError

DEFAULT_PORT = 29400
"""The launcher's own, where an endpoint names none."""
LAST_PORT = 65535
_TORCH_SECONDS = 600
"""How long PyTorch waits for the other nodes at least: it has other uses for that time as well."""
_MARGIN_SECONDS = 60
_ENDPOINT = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """How many processes a run has, and where those of several nodes meet.

    ``rdzv_endpoint`` is needed with more than one node; alone, a node meets on a free port.
    ``rdzv_timeout`` is how long a run waits for all nodes, in seconds: PyTorch waits for ever where
    another program has the port and accepts what it never answers.
    """

    nproc_per_node: str
    nnodes: str = "1"
    node_rank: int | None = None
    rdzv_endpoint: str | None = None
    rdzv_id: str = "zgtui"
    rdzv_timeout: float = 300.0

    def arguments(self, run: RunName) -> list[str]:
        """The launcher's options for ``run``: two runs never meet each other.

        Raises:
            UsageError: if several nodes have no endpoint, or one that is none, or if the rank is
                not that of a node.
        """
        nodes = ["--nnodes", self.nnodes, "--nproc-per-node", self.nproc_per_node]
        if self.nnodes == "1" and self.rdzv_endpoint is None:
            return ["--standalone", *nodes]
        meeting = ["--rdzv-endpoint", self.endpoint(run), "--rdzv-id", f"{self.rdzv_id}-{run}"]
        seconds = max(_TORCH_SECONDS, math.ceil(self.rdzv_timeout) + _MARGIN_SECONDS)
        if self.node_rank is None:
            meeting += ["--rdzv-conf", f"join_timeout={seconds}"]
            return [*nodes, "--rdzv-backend", "c10d", *meeting]
        meeting += ["--rdzv-conf", f"timeout={seconds}"]
        self._check_rank(self.node_rank)
        # The c10d backend ignores a node's rank, so that both runs might number the nodes
        # differently, and a node would compare the losses of different ranks.
        return [*nodes, "--rdzv-backend", "static", "--node-rank", str(self.node_rank), *meeting]

    def endpoint(self, run: RunName) -> str:
        """Where the nodes of ``run`` meet: B one port after A, lest it outlive A's listener.

        Raises:
            UsageError: if there is none, or it names no port.
        """
        if self.rdzv_endpoint is None:
            raise UsageError(
                "more than one node needs --rdzv-endpoint HOST:PORT, the same on every node"
            )
        found = _ENDPOINT.fullmatch(self.rdzv_endpoint)
        port = int(found["port"] or DEFAULT_PORT) if found else 0
        if found is None or not 0 < port <= LAST_PORT - len(RUNS) + 1:
            raise UsageError(
                f"--rdzv-endpoint is HOST:PORT, such as host0:29400, not {self.rdzv_endpoint!r};"
                " run B uses the next port"
            )
        return f"{found['host']}:{port + RUNS.index(run)}"

    def meeting(self, run: RunName) -> str:
        """What has to join before ``run`` can train, in words; empty for one node."""
        if self.nnodes == "1":
            return ""
        least, _, most = self.nnodes.partition(":")
        fixed = most in {"", least}
        many = f"all {least} nodes" if fixed else f"at least {least} of {most} nodes"
        return f"{many} to join at {self.endpoint(run)}"

    def _check_rank(self, rank: int) -> None:
        least, _, most = self.nnodes.partition(":")
        if most and most != least:
            raise UsageError(
                f"--node-rank needs a fixed number of nodes, not --nnodes {self.nnodes}"
            )
        if rank >= int(least):
            raise UsageError(f"--node-rank {rank} must be below --nnodes {least}: ranks start at 0")
