"""The command line: one file for each command, all behind one interface."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from zgtui import __version__
from zgtui.config.options import Option
from zgtui.config.sources import config_path, read_config, resolve
from zgtui.errors import UsageError
from zgtui.terminal import tell_text


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See '{self.prog} --help'.")

    def _print_message(self, message: str, _file: object = None) -> None:
        """Help and version; a full disk behind stdout is not passed over, as argparse does."""
        tell_text(message.rstrip("\n"))


@dataclass(frozen=True)
class Invocation:
    """A command as it was called: its options' ``values``, wherever they came from.

    ``words`` are the operands. ``given`` are the options that the command line itself names.
    ``keys`` is the table ``[keys]`` of the configuration.
    """

    values: Mapping[str, Any]
    words: Sequence[str]
    given: frozenset[str]
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Subcommand:
    """A command of the program; `run` reads its words and does it.

    ``operands`` names what it takes besides options. With ``verbatim`` the options end at the
    first of these, or at ``-m``: all that follows belongs to the user's script.
    """

    name: str
    summary: str
    options: Mapping[str, Option]
    action: Callable[[Invocation], int]
    operands: str = ""
    verbatim: bool = False
    epilog: str = ""

    def run(self, words: Sequence[str]) -> int:
        """Do what ``words`` ask for; returns the exit code.

        Raises:
            ZgtuiError: if it cannot be done.
            SystemExit: after ``--help`` and ``--version``.
        """
        return self.action(self.parse(words))

    def parse(self, words: Sequence[str]) -> Invocation:
        """What ``words`` ask for, with the environment and the configuration.

        Raises:
            UsageError: if they are not understood.
            SystemExit: after ``--help`` and ``--version``.
        """
        end = self._end_of_options(words) if self.verbatim else len(words)
        ours = list(words[:end])
        if self.verbatim and ours[-1:] == ["--"]:
            ours.pop()
        given = vars(self._parser().parse_args(ours))
        texts = {name: given[name.replace("-", "_")] for name in self.options}
        config = read_config(config_path())
        return Invocation(
            values=resolve(self.options, texts, config),
            words=words[end:] if self.verbatim else given.get("operands", ()),
            given=frozenset(name for name, text in texts.items() if text is not None),
            keys=config.get("keys", {}),
        )

    def _end_of_options(self, words: Sequence[str]) -> int:
        """Where ours end: at the first word that is neither an option nor the value of one."""
        at = 0
        while at < len(words) and words[at].startswith("--") and words[at] != "--":
            option = self.options.get(words[at][2:])
            at += 1 if option is None or option.parse is None else 2
        # What is left of words that begin with a dash, such as -h, is for the parser to judge.
        while at < len(words) and words[at].startswith("-") and words[at] != "-m":
            at += 1
        return min(at, len(words))

    def _parser(self) -> _Parser:
        parser = _Parser(
            prog=f"zgtui {self.name}".strip(),
            usage=f"zgtui {self.name or '[COMMAND]'} [options] {self.operands}".strip(),
            description=f"{self.summary[0].upper()}{self.summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            epilog=self.epilog or None,
        )
        if self.operands and not self.verbatim:
            parser.add_argument("operands", nargs="*", help=argparse.SUPPRESS)
        for name, option in self.options.items():
            _add(parser, name, option)
        parser.add_argument("--version", action="version", version=f"zgtui {__version__}")
        return parser


def _add(parser: _Parser, name: str, option: Option) -> None:
    if option.parse is None:
        parser.add_argument(f"--{name}", action="store_true", default=None, help=option.help)
        return
    group = parser.add_mutually_exclusive_group()
    group.add_argument(f"--{name}", metavar=option.metavar, help=option.help)
    for switch, (value, told) in option.shorthands.items():
        group.add_argument(
            f"--{switch}", dest=name.replace("-", "_"), action="store_const", const=value, help=told
        )
