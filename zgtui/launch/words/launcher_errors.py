"""What the errors of several processes mean: the launcher's, and those of a rank left alone."""

from __future__ import annotations

import re
import signal

from zgtui.terminal import printable

MEETING = {
    "DistNetworkError",
    "DistStoreError",
    "RendezvousClosedError",
    "RendezvousConnectionError",
    "RendezvousTimeoutError",
}
"""What the launcher itself fails with, before it starts any rank."""
_TAKEN = re.compile(r"port: (\d+).*EADDRINUSE", re.DOTALL)
_FAILED_RANK = re.compile(r"rank\s*: (\d+).*?exitcode\s*: (-?\d+)", re.DOTALL)
_LEFT = re.compile(
    r"gloo.*(Connection (?:reset|closed) by peer|Broken pipe)"
    r"|(remote process exiting prematurely)",
    re.DOTALL,
)


def not_met(kind: str, message: str) -> str:
    """Why no rank was started, as a sentence; empty where the error is another one."""
    if kind not in MEETING:
        return ""
    taken = _TAKEN.search(message)
    why = f"port {taken[1]} is taken by another program" if taken else printable(_first(message))
    return f"rendezvous failed: {why}"


def not_met_in_time(meeting: str, seconds: float) -> str:
    """That ``meeting``, see `Launcher.meeting`, did not come about, as a sentence."""
    return (
        f"rendezvous failed: timed out after {seconds:g} s waiting for {meeting}:"
        " a node was not started, or another program is using the port (raise --rdzv-timeout)"
    )


def what_failed(kind: str, message: str) -> str:
    """Which rank failed first and how, or that another one is gone; empty for any other error."""
    root = message.partition("Root Cause")[2]
    found = _FAILED_RANK.search(root)
    if kind == "ChildFailedError" and found:
        rank, code = int(found[1]), int(found[2])
        how = f"was ended by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        return f"rank {rank} {how}"
    left = _LEFT.search(message)
    return f"another rank is gone ({left[1] or left[2]})" if left else ""


def signal_name(number: int) -> str:
    """As ``kill`` has it."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _first(message: str) -> str:
    return next((line.strip() for line in message.splitlines() if line.strip()), "no reason given")
