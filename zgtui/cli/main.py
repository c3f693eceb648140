"""Which command, and how its errors end. Costs neither torch nor textual."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from zgtui.cli import Subcommand
from zgtui.config.sources import config_path
from zgtui.errors import UsageError, ZgtuiError, suggest
from zgtui.terminal import printable, tell, warn

NAMES = (
    "app", "train", "run", "check", "view", "map", "serve", "docs", "experiments", "devices",
    "config", "explain", "doctor", "completion",
)  # fmt: skip
COMMANDS = {name: f"zgtui.cli.{name}" for name in NAMES}
"""Each command and the module whose ``COMMAND`` it is; without a name it is ``app``."""
MIN_HELP_WIDTH = 40
"""Help is folded no narrower: what commands do needs more than a word a line."""


def command(name: str) -> Subcommand:
    """The command of that name; only its own module is imported."""
    found: Subcommand = import_module(COMMANDS[name]).COMMAND
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code. Errors of use end in one sentence and code 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            return _dispatch(words)
        finally:
            sys.stdout.flush()  # at exit it would be too late to answer for a reader that is gone
    except ZgtuiError as error:
        warn(str(error))
        return error.exit_code
    except BrokenPipeError:
        _leave_stdout()  # its reader is gone
        return 141
    except OSError as error:
        if _stdout_takes_all():
            raise
        is_terminal = stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)
        _leave_stdout()
        if is_terminal and error.errno == errno.EIO:  # it was closed
            return 128 + signal.SIGHUP
        warn(f"cannot write to stdout: {(error.strerror or str(error)).lower()}")
        return UsageError.exit_code


def _stdout_takes_all() -> bool:
    """Whether a line can be written, unlike on a full disk; without a buffer none is left there."""
    try:
        tell("")
    except OSError:
        return False
    return True


def _leave_stdout() -> None:
    """What is still buffered must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(words: list[str]) -> int:
    name = words[0] if words and not words[0].startswith("-") else ""
    if not name:
        helping = {"-h", "--help"}.intersection(words)
        return replace(command("app"), name="", epilog=_commands() if helping else "").run(words)
    if name not in COMMANDS:
        near = (
            f" To train a script: zgtui run {name}; to check it: zgtui check {name}."
            if name.endswith(".py")
            else suggest(name, COMMANDS)
        )
        raise UsageError(f"there is no command {name!r}.{near} See 'zgtui --help'.")
    return command(name).run(words[1:])


def _commands() -> str:
    width = shutil.get_terminal_size().columns - 2  # as argparse has it
    lines = [
        textwrap.fill(
            command(name).summary,
            max(width, MIN_HELP_WIDTH),
            initial_indent=f"  zgtui {name:<14}",
            subsequent_indent=" " * 22,
        )
        for name in COMMANDS
    ]
    return "\n".join(
        [
            "commands ('zgtui COMMAND --help' shows the options of each; without one: app):",
            *lines,
            "",
            "Every option can also be set in the environment (ZGTUI_LR=0.05) or in",
            f"{printable(str(config_path()))} (lr = 0.05).",
            "exit codes: 0 done, 1 training failed, 2 usage error, 128+n ended by signal n",
        ]
    )
