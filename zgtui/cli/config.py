"""``zgtui config``: which options and keys are set outside the command line, and where."""

from __future__ import annotations

from zgtui.cli import Invocation, Subcommand
from zgtui.config.options import OPTIONS
from zgtui.config.sources import config_path, preset, read_config, resolve, state_path
from zgtui.terminal import tell


def print_config(call: Invocation) -> int:
    """Print the files in use, then one line for each option and key that is set.

    Raises:
        UsageError: if one of them cannot be used.
    """
    path = config_path()
    config = read_config(path)
    resolve(OPTIONS, {}, config)
    tell(f"configuration  {path}{'' if path.exists() else '  (no such file)'}")
    tell(f"logs           {state_path()}")
    rows = [(name, value, source) for name, (source, value) in preset(config).items()]
    if call.keys:
        from zgtui.tui.keys import keymap  # noqa: PLC0415 - textual is for this case alone

        rows += [(f"keys.{name}", keys, str(path)) for name, keys in keymap(call.keys).items()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)] if rows else []
    for name, value, source in rows:
        tell(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}")
    return 0


COMMAND = Subcommand(
    "config", "show what the configuration file and the environment set", {}, print_config
)
