"""The manual page ``zgtui.1``: the same commands, options and examples as each ``--help``."""

from __future__ import annotations

from collections.abc import Iterator

from zgtui import __version__
from zgtui.cli import Subcommand
from zgtui.cli.main import COMMANDS, command
from zgtui.config.options import Option

EXIT_CODES = {
    "0": "done, or with check: pass",
    "1": "training failed, or with check: a mistake was found",
    "2": "usage error; one sentence on stderr says what was wrong",
    "3": "with check: inconclusive",
    "128+n": "ended by signal n",
}
ENVIRONMENT = {
    "ZGTUI_OPTION": "the option of that name, as in ZGTUI_LR=0.05 or ZGTUI_CLEAR_B=4",
    "ZGTUI_CONFIG": "another configuration file",
    "ZGTUI_STATE_DIR": "another folder for logs",
    "NO_COLOR": "no colours",
}
FILES = {
    "~/.config/zgtui/config.toml": "options by name, and a table [keys]; see zgtui docs config",
    "~/.local/state/zgtui/sessions": "logs of the newest 20 sessions",
}
ABOUT = (
    "Trains two PyTorch runs side by side, one that clears its gradients and one that does not,"
    " and says why their losses differ; does the same with a script of yours, and checks whether a"
    " script clears its gradients."
)


def man_page() -> str:
    """The page, for ``man``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH ZGTUI 1 "" "zgtui {__version__}" "User Commands"'
    yield from (".SH NAME", text("zgtui - see, explain and catch what zero_grad() does in PyTorch"))
    yield from (".SH SYNOPSIS", ".B zgtui")
    yield text("[COMMAND] [OPTION …] [ARGUMENT …]")
    yield from (".SH DESCRIPTION", text(ABOUT))
    yield ".PP"
    yield text("Without a command, zgtui runs app. 'zgtui docs' shows the whole reference.")
    for name in COMMANDS:
        yield from _command(command(name))
    for title, rows in (
        ("EXIT STATUS", EXIT_CODES),
        ("ENVIRONMENT", ENVIRONMENT),
        ("FILES", FILES),
    ):
        yield f".SH {title}"
        for term, meaning in rows.items():
            yield from (".TP", f".B {text(term)}", text(meaning))
    yield from (".SH SEE ALSO", text("zgtui docs, zgtui COMMAND --help"))


def _command(one: Subcommand) -> Iterator[str]:
    called = f"zgtui {'' if one.name == 'app' else one.name}".strip()
    yield f'.SH "{text(called.upper())}"'
    yield f".B {text(called)}"
    yield text(" ".join(filter(None, ["[OPTION …]" if one.options else "", one.operands])) or " ")
    yield from (".PP", text(f"{one.summary[0].upper()}{one.summary[1:]}."))
    for name, option in one.options.items():
        yield from _option(name, option)
    yield from (".PP", "Examples:", ".PP", ".nf")
    yield from map(text, one.examples)
    yield ".fi"


def _option(name: str, option: Option) -> Iterator[str]:
    value = f" {option.metavar}" if option.parse is not None and option.metavar else ""
    yield from (".TP", f".B {text(f'--{name}{value}')}", text(option.help))
    for switch, (_, told) in option.shorthands.items():
        yield from (".TP", f".B {text(f'--{switch}')}", text(told))


def text(line: str) -> str:
    """``line`` as it is to be read: nothing in it commands the formatter."""
    escaped = line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped
