"""Starts one run of a script and ends all of it: a small process between zgtui and the script.

    python -I -S supervisor.py OUTPUT COMMAND…

The script runs in a session of its own, its output in the file OUTPUT. On stdout: one JSON line
with its ``pid``, one with its exit ``code``, or ``error`` where it cannot be started. ``stop`` on
stdin, or its end (zgtui is gone, however it went), ends the script and everything it started:
first asked by SIGTERM, then killed; at once where the script ignores SIGTERM.

Only the standard library is used, and no other module of zgtui: this must start fast, and under
``-I -S``. Its two lines are short enough for a pipe to take them whole.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time

LINUX = os.uname().sysname == "Linux"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
ASKED_SECONDS = 1.0
"""From SIGTERM to SIGKILL, for a script that may hear it."""
KILLS, AGAIN_SECONDS = 20, 0.2
"""What is started while all is killed is killed the next time."""
LEFT_SECONDS = 2.0
"""How long what a script started may go on after the script itself has ended."""


def _prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _die_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _descendants() -> list[int]:
    """Every process below this one; on Linux orphans are handed to it, so none is missed."""
    if not LINUX:
        return []
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - as fast as it can
        if name.isdecimal():
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{name}/stat") as file:  # noqa: PTH123 - as above
                parent = int(file.read().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _reap() -> bool:
    """Collect what has ended; whether a child is left.

    Whoever is below a child is handed to this process when that ends: without a child there is
    nobody, and to know that costs nothing, unlike a look at all processes.
    """
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _signal(group: int, number: signal.Signals) -> None:
    """To the script's group, and to all below that has left it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
    for pid in _descendants():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _ignores(pid: int, number: signal.Signals) -> bool:
    """Whether asking ``pid`` by this signal is in vain."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/status") as file:  # noqa: PTH123 - as above
        for line in file:
            name, _, mask = line.partition(":")
            if name == "SigIgn":
                return bool(int(mask, 16) >> (number - 1) & 1)
    return False


def _clean_up(group: int, patience: float) -> None:
    """Wait for what is left to end, then kill it until nothing is left."""
    for _ in range(KILLS):
        deadline = time.monotonic() + patience
        while _alive(group):
            if time.monotonic() >= deadline:
                break
            time.sleep(0.01)
        else:
            return
        _signal(group, signal.SIGKILL)
        patience = AGAIN_SECONDS


def _alive(group: int) -> bool:
    left = _reap()
    if LINUX:
        return left
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _say(**fields: object) -> None:
    with contextlib.suppress(OSError):  # zgtui may be gone
        os.write(1, json.dumps(fields).encode() + b"\n")


def main(output: str, command: list[str]) -> None:
    """Start, wait, clean up, report."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        script = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
        )
    except OSError as error:
        _say(error=f"{command[0]}: {error.strerror}")
        return
    _say(pid=script.pid)
    listening = [0, wake]
    killing: float | None = None
    while script.poll() is None:
        patience = None if killing is None else max(0.0, killing - time.monotonic())
        ready, _, _ = select.select(listening, [], [], patience)
        if wake in ready:
            os.read(wake, 4096)
        if 0 in ready:
            listening.remove(0)
            os.read(0, 4096)  # "stop", or its end: both mean the same
            _signal(script.pid, signal.SIGTERM)
            deaf = _ignores(script.pid, signal.SIGTERM)
            killing = time.monotonic() + (0.0 if deaf else ASKED_SECONDS)
        elif killing is not None and time.monotonic() >= killing:
            _signal(script.pid, signal.SIGKILL)
            killing = time.monotonic() + ASKED_SECONDS
    _clean_up(script.pid, 0.2 if killing is not None else LEFT_SECONDS)
    _say(code=script.returncode)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
