"""The command line: one file for each command, all behind one interface."""

from __future__ import annotations

import argparse
import gc
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NoReturn

from zgtui import __version__
from zgtui.config.options import THEME, Option
from zgtui.config.sources import (
    LIKENESS,
    config_path,
    read_config,
    resolve,
    source_of,
    unknown_variables,
)
from zgtui.errors import UsageError, suggest
from zgtui.lazy_dataclass import dataclass
from zgtui.terminal import tell_text, warn

NO_PYTORCH = (
    "PyTorch is not installed in this environment, and without it nothing can be trained:"
    " pip install torch, or see https://pytorch.org for the build for your GPU"
    " (zgtui view, check --static, config, docs and explain work without it)"
)


def need_pytorch() -> None:
    """Say how to get PyTorch where it is missing.

    Raises:
        UsageError: if it cannot be found.
    """
    if find_spec("torch") is None:
        raise UsageError(NO_PYTORCH)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        said = re.sub(r"argument (--\S+): expected one argument", r"\1 needs a value", message)
        raise UsageError(f"{said}. See '{self.prog} --help'.")

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
    first of these, or at ``-m``: all that follows belongs to the user's script. ``examples`` are
    whole command lines, with a comment behind each. Not ``configured``: it works, too, where the
    configuration cannot be used. ``trains``: it does nothing without PyTorch.
    """

    name: str
    summary: str
    options: Mapping[str, Option]
    action: Callable[[Invocation], int]
    operands: str = ""
    verbatim: bool = False
    epilog: str = ""
    examples: tuple[str, ...] = ()
    configured: bool = True
    trains: bool = False

    def run(self, words: Sequence[str]) -> int:
        """Do what ``words`` ask for; returns the exit code.

        Raises:
            ZgtuiError: if it cannot be done.
            SystemExit: after ``--help`` and ``--version``.
        """
        call = self.parse(words)
        if self.trains:
            need_pytorch()
        if not gc.isenabled():  # as the program begins
            gc.freeze()
            gc.enable()
        return self.action(call)

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
        known, unknown = self._parser().parse_known_args(ours)
        if unknown:
            raise UsageError(self._unknown(unknown))
        given = vars(known)
        texts = {name: given[name.replace("-", "_")] for name in self.options}
        config = read_config(config_path()) if self.configured else {}
        values = resolve(self.options, texts, config)
        check_theme(values, source_of("theme", texts.get("theme"), config))
        for sentence in unknown_variables(near=True) if self.configured else ():
            warn(sentence)
        return Invocation(
            values=values,
            words=words[end:] if self.verbatim else given.get("operands", ()),
            given=frozenset(name for name, text in texts.items() if text is not None),
            keys=config.get("keys", {}),
        )

    def _unknown(self, words: Sequence[str]) -> str:
        option = next((word for word in words if word.startswith("-")), None)
        help_ = f"See '{self._program} --help'."
        if option is None:
            return f"{self._program} takes no {words[0]!r}. {help_}"
        typed = option.partition("=")[0].lstrip("-")
        near = suggest(typed, self.switches, likeness=LIKENESS)
        near = near.replace(" '", " '--")
        return f"there is no option {option}.{near}{_elsewhere(typed)} {help_}"

    @property
    def switches(self) -> list[str]:
        """All that may stand behind ``--``."""
        return [*self.own_switches, "help", "version"]

    @property
    def own_switches(self) -> list[str]:
        """Those of them that not every command has."""
        short = [switch for option in self.options.values() for switch in option.shorthands]
        return [*self.options, *short]

    @property
    def _program(self) -> str:
        return f"zgtui {self.name}".strip()

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
            prog=self._program,
            usage=f"zgtui {self.name or '[COMMAND]'} [options] {self.operands}".strip(),
            description=f"{self.summary[0].upper()}{self.summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            epilog="\n\n".join(filter(None, [self._examples(), self.epilog])) or None,
        )
        if self.operands and not self.verbatim:
            parser.add_argument("operands", nargs="*", help=argparse.SUPPRESS)
        for name, option in self.options.items():
            _add(parser, name, option)
        parser.add_argument("--version", action="version", version=f"zgtui {__version__}")
        return parser

    def _examples(self) -> str:
        return "\n".join(["examples:", *(f"  {line}" for line in self.examples)])


def _elsewhere(switch: str) -> str:
    """The commands that take ``--switch``, as a sentence behind another; empty without one."""
    from zgtui.cli.main import COMMANDS, command  # noqa: PLC0415 - it imports this module

    having = [
        "zgtui" if name == "app" else f"'zgtui {name}'"
        for name in COMMANDS
        if switch in command(name).own_switches
    ]
    if not having:
        return ""
    *others, last = having
    return f" --{switch} is an option of {', '.join(others)}{' and ' if others else ''}{last}."


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


def check_theme(values: Mapping[str, Any], source: str) -> None:
    """Raise UsageError if ``values`` name a theme that does not exist, with its ``source``.

    Also where nothing is drawn: a mistake is not to wait for the next terminal.
    """
    if values.get("theme", THEME) != THEME:
        from zgtui.tui import themes  # noqa: PLC0415 - textual is for this case alone

        try:
            themes.check_theme(values["theme"])
        except UsageError as error:
            raise UsageError(f"{source}: {error}") from error
