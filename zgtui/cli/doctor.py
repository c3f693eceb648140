"""``zgtui doctor``: what works on this machine and in this terminal, for a report of a bug too."""

from __future__ import annotations

import asyncio
import locale
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from zgtui import __version__
from zgtui.cli import Invocation, Subcommand, check_theme, need_pytorch
from zgtui.config.options import OPTIONS
from zgtui.config.sources import (
    config_path,
    read_config,
    resolve,
    source_of,
    state_path,
    unknown_variables,
)
from zgtui.errors import ZgtuiError
from zgtui.outputs.stdout import no_terminal
from zgtui.outputs.terminal_graphics import graphics_words
from zgtui.terminal import tell
from zgtui.worker.measuring import ask_worker

PACKAGES = ("torch", "textual", "plotext", "rich")
FRAMEWORKS = ("lightning", "transformers", "accelerate")
"""Whose loops can be watched, where they are installed."""
NO_EXTRAS = {"test"}
"""What is installed to work on zgtui, not with it."""
MIN_COLUMNS, MIN_LINES = 80, 24
"""What all panes have room in; smaller terminals show fewer of them."""
MIN_FREE = 100 << 20
"""Bytes of a state folder that a long training can fill: eight for each loss."""


@dataclass(frozen=True)
class Fact:
    """One line: what was looked at, how it is, and what does not work; empty where all does."""

    name: str
    text: str
    problem: str = ""


def facts() -> list[Fact]:
    """All that is looked at, in the order in which it is told."""
    looks: list[Callable[[], list[Fact]]] = [
        _versions, _terminal, _graphics, _clipboard, _configuration, _logs, _pytorch,
    ]  # fmt: skip
    return [fact for look in looks for fact in look()]


def _versions() -> list[Fact]:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    needed = {name: _version(name) for name in PACKAGES}
    missing = [name for name, found in needed.items() if not found]
    return [
        Fact("zgtui", f"{__version__} on Python {platform.python_version()}, {system}"),
        Fact(
            "packages",
            ", ".join(f"{name} {found}" for name, found in needed.items() if found),
            f"{', '.join(missing)} cannot be found: pip install {' '.join(missing)}"
            if missing
            else "",
        ),
        Fact("optional", _optional()),
    ]


def _optional() -> str:
    """The packages of all extras, and the frameworks: which are there, and how to get others."""
    named = {**extras(), **dict.fromkeys(FRAMEWORKS, "")}
    there = [f"{name} {found}" for name in named if (found := _version(name))]
    missing = sorted({extra for name, extra in named.items() if extra and not _version(name)})
    more = [f"more: pip install 'zgtui[{','.join(missing)}]'"] if missing else []
    return "; ".join([", ".join(there) or "none", *more])


def extras() -> dict[str, str]:
    """The extra that installs each package, as the metadata of zgtui says."""
    try:
        lines = requires("zgtui") or []
    except PackageNotFoundError:  # run from its sources alone
        return {}
    found = [re.match(r"([\w.-]+).*extra == ['\"]([\w.-]+)['\"]", line) for line in lines]
    return {one[1]: one[2] for one in found if one and one[2] not in NO_EXTRAS}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _terminal() -> list[Fact]:
    columns, lines = shutil.get_terminal_size()
    encoding = locale.getpreferredencoding(do_setlocale=False)
    unicode = "utf" in encoding.lower()
    inside = [name for name, variable in INSIDE.items() if os.environ.get(variable)]
    text = f"TERM={os.environ.get('TERM', '')}, {columns}×{lines}, {encoding}, {_colours()}"
    reason = no_terminal(keys=True)
    # A report that is kept in a file is no fault of the terminal.
    kept = reason.endswith("is not a terminal")
    problems = ["" if kept else reason]
    if not unicode:
        problems.append("charts are drawn in ASCII: the locale is not UTF-8")
    if columns < MIN_COLUMNS or lines < MIN_LINES:
        problems.append(f"needs at least {MIN_COLUMNS}×{MIN_LINES} to show all panes")
    told = [text, *inside, *([reason] if kept else [])]
    return [Fact("terminal", ", ".join(told), "; ".join(filter(None, problems)))]


def _graphics() -> list[Fact]:
    return [Fact("graphics", f"{graphics_words()}; only --marker image needs graphics")]


INSIDE = {"tmux": "TMUX", "screen": "STY", "over SSH": "SSH_CONNECTION"}
"""What may stand between the program and the terminal, and the variable that says so."""


def _colours() -> str:
    if os.environ.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}:
        return "16 million colours"
    return "256 colours" if "256" in os.environ.get("TERM", "") else "16 colours"


def _clipboard() -> list[Fact]:
    """Copying is asked of the terminal, which does not say whether it did; tmux can be asked."""
    text = "OSC 52, where the terminal allows it"
    if not os.environ.get("TMUX"):
        return [Fact("clipboard", text)]
    allowed = _output("tmux", "show-options", "-sv", "set-clipboard") or "unknown"
    wrong = "" if allowed == "on" else "tmux does not forward copies: tmux set -s set-clipboard on"
    return [Fact("clipboard", f"{text}; set-clipboard of tmux is {allowed}", wrong)]


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _configuration() -> list[Fact]:
    path = config_path()
    try:
        table = read_config(path)
        check_theme(resolve(OPTIONS, {}, table), source_of("theme", None, table))
    except ZgtuiError as error:
        return [Fact("configuration", str(path), str(error))]
    wrong = " ".join(unknown_variables(near=True))
    return [Fact("configuration", f"{path}{'' if path.is_file() else ' (no such file)'}", wrong)]


def _logs() -> list[Fact]:
    path = state_path()
    at = next(folder for folder in (path, *path.parents) if os.path.exists(folder))  # noqa: PTH110 - Path's raises where a folder cannot be read
    if not (at.is_dir() and os.access(at, os.W_OK | os.X_OK)):
        return [Fact("logs", str(path), "nothing can be written there: set ZGTUI_STATE_DIR")]
    free = shutil.disk_usage(at).free
    full = "" if free >= MIN_FREE else "low on disk space: set ZGTUI_STATE_DIR"
    return [Fact("logs", f"{path}, {_size(free)} free", full)]


def _size(count: float) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"


def _pytorch() -> list[Fact]:
    try:
        need_pytorch()
        ready = asyncio.run(ask_worker())
    except ZgtuiError as error:
        return [Fact("PyTorch", sys.executable, str(error))]
    devices = "; ".join(f"{name} ({text})" for name, text in ready.devices.items())
    return [
        Fact("PyTorch", f"{ready.torch} trains in a process of its own"),
        Fact("devices", devices),
    ]


def doctor(_call: Invocation) -> int:
    """Print all facts, and what does not work; returns 1 if there is something, else 0."""
    found = facts()
    width = max(len(fact.name) for fact in found)
    for fact in found:
        tell(f"{fact.name:<{width}}  {fact.text}")
        if fact.problem:
            tell(f"{'':<{width}}  ! {fact.problem}")
    problems = [fact.name for fact in found if fact.problem]
    tell(f"needs attention: {', '.join(problems)}" if problems else "everything works here")
    return 1 if problems else 0


COMMAND = Subcommand(
    "doctor",
    "say what works here and what does not: terminal, PyTorch, devices, logs",
    {},
    doctor,
    configured=False,
    examples=(
        "zgtui doctor",
        "zgtui doctor > about-this-machine.txt   # to attach to a bug report",
        "ZGTUI_STATE_DIR=/scratch/me zgtui doctor",
    ),
)
