"""Where option values come from besides the command line: the environment and a TOML file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from zgtui.config.options import OPTIONS, Option
from zgtui.errors import UsageError, suggest

PREFIX = "ZGTUI_"
OTHER_VARIABLES = ("CONFIG", "STATE_DIR", "CUDA_GRAPHS", "SCRIPT_RUN")
"""What follows it in variables that are no option's; the last is set for scripts that are run."""
LIKENESS, LIKENESS_OF_VARIABLES = 0.65, 0.75
"""From which on two options are taken for near: the names are long and have syllables in common.

A variable may be another program's, to which ours only looks alike.
"""


def config_path() -> Path:
    """The configuration file: ``ZGTUI_CONFIG``, else where the system keeps such files."""
    named = os.environ.get("ZGTUI_CONFIG")
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415 - not needed where the environment names the file

    return platformdirs.user_config_path("zgtui") / "config.toml"


def state_path() -> Path:
    """Where run logs are kept: ``ZGTUI_STATE_DIR``, else the user's state folder."""
    named = os.environ.get("ZGTUI_STATE_DIR")
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415 - not needed where the environment names the folder

    return platformdirs.user_state_path("zgtui")


def read_config(path: Path) -> dict[str, Any]:
    """The configuration file as nested dicts, empty where there is none.

    Raises:
        UsageError: if it is not TOML, or names something that is not an option.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"cannot read the configuration {path}: {error.strerror}") from error
    values = _parsed(path, text)
    for name in values:
        if name != "keys" and name not in OPTIONS:
            raise UsageError(
                f"the configuration {path} sets {name!r}, which is not an option."
                f"{suggest(name, [*OPTIONS, 'keys'])}"
            )
    keys = values.get("keys", {})
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise UsageError(f'the table [keys] in {path} must hold lines such as pause = "p"')
    return values


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    # most have no such file
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        values: dict[str, Any] = tomllib.loads(text.decode())
    except RecursionError as error:
        raise UsageError(f"the configuration {path} is nested too deeply") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the configuration {path} is not valid TOML: {error}") from error
    return values


def resolve(
    options: Mapping[str, Option], given: Mapping[str, object], config: Mapping[str, Any]
) -> dict[str, Any]:
    """The value of each of ``options``, wherever it comes from.

    ``given`` holds the command line's texts (True for a switch, None where it was not given).

    Raises:
        UsageError: if a value cannot be used; the sentence begins with where it came from.
    """
    return {
        name: _resolve(name, option, given.get(name), config) for name, option in options.items()
    }


def source_of(name: str, given: object, config: Mapping[str, Any]) -> str:
    """Where the value of option ``name`` comes from; ``given`` as in `resolve`."""
    preset = _preset(name, config)
    return preset[0] if given is None and preset is not None else f"--{name}"


def unknown_variables(*, near: bool) -> list[str]:
    """A sentence for each variable that begins as an option's does and is none's.

    ``near``: only for those whose names are close to one, which are mistyped.
    """
    known = [variable_of(name).removeprefix(PREFIX) for name in OPTIONS]
    said = []
    for name in sorted(os.environ):
        rest = name.removeprefix(PREFIX)
        if rest == name or rest in {*known, *OTHER_VARIABLES}:
            continue
        meant = suggest(rest, [*known, *OTHER_VARIABLES], likeness=LIKENESS_OF_VARIABLES)
        if meant or not near:
            meant = meant.replace(" '", f" '{PREFIX}")
            said.append(f"the environment sets {name}, which is not an option.{meant}")
    return said


def variable_of(name: str) -> str:
    """The environment variable of option ``name``."""
    return f"{PREFIX}{name.upper().replace('-', '_')}"


def effective(config: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What each option is without a command line: by name, its value as text, and from where.

    The value is "-" where it depends on what is trained, or the option does nothing.

    Raises:
        UsageError: if a value cannot be used.
    """
    found = {}
    for name, option in OPTIONS.items():
        preset = _preset(name, config)
        if preset is None:
            found[name] = _default_text(option), "default"
            continue
        value = preset[1] if option.parse else _resolve(name, option, None, config)
        found[name] = _text(value), preset[0]
    return found


def _default_text(option: Option) -> str:
    if option.parse is None:
        return "false"
    if isinstance(option.default, float):
        return f"{option.default:g}"
    return "-" if option.default is None else str(option.default)


def _preset(name: str, config: Mapping[str, Any]) -> tuple[str, object] | None:
    """Where the value comes from, and the value: text, or what TOML has made of it."""
    variable = variable_of(name)
    if os.environ.get(variable):
        return variable, os.environ[variable]
    return (f"{name} in {config_path()}", config[name]) if name in config else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _resolve(name: str, option: Option, given: object, config: Mapping[str, Any]) -> Any:
    origin = _preset(name, config) if given is None else (f"--{name}", given)
    if origin is None:
        return option.default
    source, value = origin
    in_file = given is None and source != variable_of(name)
    try:
        if option.parse is None:
            return _file_switch(value) if in_file else _switch(value)
        return _parsed_value(option.parse, value)
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from error


def _file_switch(value: object) -> bool:
    """A switch as TOML has it: what else may be meant for one is not guessed."""
    if not isinstance(value, bool):
        raise UsageError(f"must be true or false, without quotes, not {value!r}")
    return value


def _parsed_value(parse: Callable[[str], Any], value: object) -> Any:
    """What ``value`` means; the parser comes first, as its sentence says what the option takes."""
    parsed = parse(_text(value))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"must be a text or a number, not {_text(value)!r}")
    return parsed


def _switch(value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    word = str(value).lower()
    if word not in words:
        raise UsageError(f"must be true or false, not {value!r}")
    return words[word]
