"""``zgtui completion``: the shell completes commands, options and their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zgtui.cli import Invocation, Subcommand
from zgtui.cli.main import COMMANDS, command
from zgtui.config.options import MARKERS
from zgtui.config.settings import CURVES, MAP_AXES, SCHEDULES
from zgtui.errors import UsageError, suggest
from zgtui.experiments import EXPERIMENTS
from zgtui.lessons import LESSONS
from zgtui.terminal import tell, tell_text

# Each asks the program itself, so that none can be older than what it completes. Where nothing is
# known of a word, such as a script or a table, the shell completes the names of files.
SEPARATOR = "\x1f"
"""Between the words of the line: it comes in one, or its options would be taken for ours."""
SHELLS = {
    "bash": r"""
_zgtui() {
    local IFS=$'\x1f'
    local line="${COMP_WORDS[*]:0:COMP_CWORD+1}"
    IFS=$'\n'
    COMPREPLY=($(zgtui completion words "$line" 2>/dev/null))
}
complete -o default -o bashdefault -F _zgtui zgtui""",
    "zsh": r"""
#compdef zgtui
_zgtui() {
    local -a found
    found=(${(f)"$(zgtui completion words "${(pj:\x1f:)words[1,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then compadd -- $found; else _files; fi
}
if [ "$funcstack[1]" = _zgtui ]; then _zgtui "$@"; else compdef _zgtui zgtui; fi""",
    "fish": r"""
function __zgtui_words
    set -l line (commandline -opc) (commandline -ct)
    set -l found (zgtui completion words (string join \x1f -- $line) 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path $line[-1]
    end
end
complete -c zgtui -f -a '(__zgtui_words)'""",
}
HOW = {
    "bash": "zgtui completion bash > ~/.local/share/bash-completion/completions/zgtui",
    "zsh": "zgtui completion zsh > ~/.zfunc/_zgtui    # ~/.zfunc is in $fpath",
    "fish": "zgtui completion fish > ~/.config/fish/completions/zgtui.fish",
}
_CLEARING, _POLICY = ("every", "never"), ("as-is", "every", "never")
VALUES: dict[str, Iterable[str]] = {
    "experiment": EXPERIMENTS,
    "optimizer": ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Adadelta"),
    "schedule": SCHEDULES,
    "batch-size": ("full",),
    "clear": _CLEARING,
    "clear-a": _CLEARING,
    "clear-b": _CLEARING,
    "a": _POLICY,
    "b": _POLICY,
    "diagnostics": ("on", "off"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "steps": ("unlimited",),
    "speed": ("unlimited",),
    "nproc-per-node": ("auto", "cpu", "gpu"),
    "over": MAP_AXES,
    "curves": CURVES,
    "lesson": LESSONS,
    "marker": MARKERS,
    "format": ("text", "json", "github", "sarif", "markdown"),
}
"""What an option may be set to, where that can be listed."""


def candidates(words: Sequence[str]) -> list[str]:
    """What the last of ``words``, which follow ``zgtui``, may become; empty where none is known."""
    *before, begun = _with_values_apart(words or [""])
    name = before[0] if before and not before[0].startswith("-") else ""
    if name and name not in COMMANDS:
        return []
    spoken = command(name or "app")
    if begun.startswith("--"):
        switch, equals, value = begun.partition("=")
        if equals:
            return [f"{switch}={one}" for one in _values(spoken, switch) if one.startswith(value)]
        found = [f"--{one}" for one in spoken.switches]
    elif before and _takes_value(spoken, before[-1]):
        found = list(_values(spoken, before[-1]))
    elif not before:
        found = list(COMMANDS)
    else:
        found = list(_operands(name))
    return [word for word in found if word.startswith(begun)]


def _with_values_apart(words: Sequence[str]) -> list[str]:
    """``words`` as if the value of each option came after a blank, where bash splits at ``=``."""
    apart = [word for word in words if word != "="]
    return [*apart, ""] if words[-1] == "=" else apart


def _takes_value(spoken: Subcommand, word: str) -> bool:
    option = spoken.options.get(word[2:]) if word.startswith("--") else None
    return option is not None and option.parse is not None


def _values(spoken: Subcommand, switch: str) -> Iterable[str]:
    """What may follow ``switch``, as far as it can be listed."""
    if not _takes_value(spoken, switch):
        return ()
    if switch == "--theme":
        from zgtui.tui.themes import theme_names  # noqa: PLC0415 - textual is for this case alone

        return theme_names()
    return VALUES.get(switch[2:], ())


def _operands(name: str) -> Iterable[str]:
    if name == "docs":
        from zgtui.docs import topics  # noqa: PLC0415 - reads the folder of the reference

        return topics()
    if name == "explain":
        from zgtui.check.findings import RULES  # noqa: PLC0415 - for this case alone

        return RULES
    return SHELLS if name == "completion" else ()


def completion(call: Invocation) -> int:
    """Print the script for a shell, or what a word may become; returns the exit code.

    Raises:
        UsageError: if there is no such shell.
    """
    what, *more = call.words or [""]
    if what == "words" and more:
        for word in candidates(more[0].split(SEPARATOR)[1:]):
            tell(word)
        return 0
    if what not in SHELLS or more:
        wrong = f"there is no completion for {what!r}." if what else "which shell?"
        raise UsageError(f"{wrong}{suggest(what, SHELLS)} Available: {', '.join(SHELLS)}")
    tell_text(SHELLS[what].strip())
    return 0


COMMAND = Subcommand(
    "completion",
    "print a completion script for your shell",
    {},
    completion,
    "bash|zsh|fish",
    examples=tuple(HOW.values()),
)
