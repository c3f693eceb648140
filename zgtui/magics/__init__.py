"""``%load_ext zgtui``: ``%%zgtui check`` and ``%%zgtui compare`` in IPython and Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.errors import UsageError, ZgtuiError, suggest
from zgtui.terminal import printable

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

USAGE = "write %%zgtui check or %%zgtui compare [--steps N] in the first line of a cell that trains"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by ``%load_ext zgtui``."""

    def zgtui(line: str, cell: str) -> object:
        """``%%zgtui check``: run the cell and say whether it clears its gradients.

        ``%%zgtui compare``: train the cell twice, cleared and never cleared, and compare.
        """
        __tracebackhide__ = True  # what a cell raises is told of the cell alone
        try:
            return run(shell, line.split(), cell)
        except ZgtuiError as error:
            # What a magic raises is shown with a traceback, all but this.
            from IPython.core.error import UsageError as Sentence  # noqa: PLC0415 - there by now

            raise Sentence(printable(str(error))) from error

    register: Any = shell.register_magic_function  # it has wrong types
    register(zgtui, "cell")


def run(shell: InteractiveShell, words: list[str], cell: str) -> object:
    """Do what the first line of a ``cell`` says; returns what is shown.

    Raises:
        UsageError: if the line is not understood.
        ZgtuiError: if it cannot be done.
    """
    __tracebackhide__ = True
    name, *options = words or [""]
    if name not in {"check", "compare"}:
        raise UsageError(f"{USAGE}.{suggest(name, ('check', 'compare'))}")
    cell = f"# %%zgtui {name}\n{cell}"  # so that lines are counted as in the notebook
    if name == "check":
        if options:
            raise UsageError(f"check takes no {options[0]!r} here: {USAGE}")
        from zgtui.magics.checked_cell import checked  # noqa: PLC0415 - imports torch

        return checked(shell, cell)
    from zgtui.magics.compared_cell import compared  # noqa: PLC0415 - imports torch

    return compared(shell, cell, _steps(options))


def _steps(options: list[str]) -> int | None:
    if not options:
        return None
    name, _, value = " ".join(options).replace("=", " ").partition(" ")
    if name != "--steps" or not (value.isascii() and value.isdigit() and int(value) > 0):
        raise UsageError(f"compare takes --steps N, a number of steps, not {' '.join(options)!r}")
    return int(value)
