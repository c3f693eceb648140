"""``zgtui config``: every option's value outside the command line, and where it comes from."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from zgtui.cli import Invocation, Subcommand, check_theme
from zgtui.config.options import OPTIONS, Option
from zgtui.config.sources import (
    config_path,
    effective,
    read_config,
    resolve,
    source_of,
    state_path,
    unknown_variables,
)
from zgtui.errors import UsageError
from zgtui.terminal import tell, warn

NEW = """\
# Options by name, as on the command line without the dashes: 'zgtui docs options' lists them.
# lr = 0.05
# theme = "zgtui-light"

[keys]
# pause = "p,space"
"""
"""What a file begins with that is edited for the first time."""


def config(call: Invocation) -> int:
    """Print the file's path, edit it, or print what holds; returns the exit code.

    Raises:
        UsageError: if the file cannot be used, or there is no editor.
    """
    path = config_path()
    if call.values["path"]:
        tell(str(path))
        return 0
    if call.values["edit"]:
        edit(path)
    show(path)
    return 0


def edit(path: Path) -> None:
    """Open the file in the user's editor, and wait until it is left.

    Raises:
        UsageError: if it cannot be opened.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(NEW, encoding="utf-8")
        ended = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot edit {path} with {editor!r}: {told}; set $EDITOR") from error
    if ended.returncode:
        raise UsageError(
            f"{editor!r} ended with exit code {ended.returncode}: {path} may be unchanged"
        )


def show(path: Path) -> None:
    """Print the files in use, then one line for each option and each key that is set.

    Raises:
        UsageError: if one of them cannot be used.
    """
    table = read_config(path)
    check_theme(resolve(OPTIONS, {}, table), source_of("theme", None, table))
    tell(f"configuration  {path}{'' if path.exists() else '  (no such file)'}")
    tell(f"logs           {state_path()}")
    rows = [(name, value, source) for name, (value, source) in effective(table).items()]
    if keys := table.get("keys", {}):
        from zgtui.tui.keys import keymap  # noqa: PLC0415 - textual is for this case alone

        rows += [(f"keys.{name}", press, str(path)) for name, press in keymap(keys).items()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, value, source in rows:
        tell(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}")
    for sentence in unknown_variables(near=False):
        warn(sentence)


COMMAND = Subcommand(
    "config",
    "show every option's value and where it comes from, or edit the configuration file",
    {
        "path": Option("print only the path of the configuration file"),
        "edit": Option("open the configuration file in $VISUAL or $EDITOR, then check it"),
    },
    config,
    configured=False,
    examples=(
        "zgtui config                            # each value, and where it comes from",
        "zgtui config --edit                     # in your editor, then checked",
        'cat "$(zgtui config --path)"',
    ),
)
