"""Every error a user can cause, as one family.

    ZgtuiError            a sentence for the user; the program ends with exit_code
    ├── UsageError        misuse of the command line or of a dialog (exit code 2)
    ├── TableError        a loss table that cannot be read or written (exit code 2)
    ├── LogError          a run log that cannot be read or written (exit code 2)
    └── WorkerError       training could not be started or could not go on (exit code 1)

The message names what was wrong and what to do; it is shown as it stands, without a traceback.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ZgtuiError(Exception):
    """Base of all errors that end in one clear sentence."""

    exit_code = 2


class UsageError(ZgtuiError):
    """An option, an argument or a typed value is not usable."""


class TableError(ZgtuiError):
    """A loss table cannot be read or written."""


class LogError(ZgtuiError):
    """A run log cannot be read or written."""


class WorkerError(ZgtuiError):
    """The training process could not be started or could not go on."""

    exit_code = 1


def suggest(name: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """Return `` Did you mean 'x' or 'y'?`` for near misses of ``name``, else an empty string.

    ``likeness`` is the share of letters, from 0 to 1, from which on two names are taken for near.
    """
    near = get_close_matches(name, list(known), n=3, cutoff=likeness)
    return f" Did you mean {' or '.join(repr(match) for match in near)}?" if near else ""


def need_extra(
    package: str, extra: str, use: str, *, module: str = "", error: type[ZgtuiError] = UsageError
) -> None:
    """Say how to get ``package``, which ``use`` needs, unless its ``module`` is installed.

    Raises:
        ZgtuiError: if it is not; ``error`` says of which kind.
    """
    if find_spec(module or package) is None:
        raise error(f"{use} {package}, which is not installed: run pip install 'zgtui[{extra}]'")
