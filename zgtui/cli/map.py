"""``zgtui map``: where each loop is stable, on the screen or in plain text."""

from __future__ import annotations

from zgtui.cli import Invocation, Subcommand
from zgtui.cli.app import check_marker
from zgtui.config.options import Option, pick
from zgtui.config.parsers import not_empty
from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.outputs.stdout import no_terminal
from zgtui.plural import any_of
from zgtui.tables.formats import table_endings

FILES = ("out", "png", "svg", "pdf")


def show_map(call: Invocation) -> int:
    """Show the map, or print it and write its files; returns the exit code."""
    values = call.values
    check_marker(values)
    settings = Settings(
        experiment=values["experiment"],
        seed=values["seed"],
        device="cpu",
        a=RunSettings(clear=EVERY),
        b=RunSettings(clear=NEVER),
    )
    if no_terminal(keys=True) or any(values[name] for name in FILES):
        from zgtui.outputs.headless.headless_map import map_headless  # noqa: PLC0415 - not for the screen

        return map_headless(settings, values)
    from zgtui.tui.start import start_map  # noqa: PLC0415 - textual is for this case alone

    return start_map(settings, values, call.keys)


OWN = {
    "out": Option(f"write a row for each cell: {any_of(table_endings())}", "FILE", not_empty),
    "png": Option("save the map as a picture instead of showing it", "FILE", not_empty),
}
COMMAND = Subcommand(
    "map",
    "show where each loop is stable: lr·λ by clearing every N steps, momentum or weight decay",
    pick(
        "experiment", "seed", "over", "clear", *FILES, "overwrite", "fps", "marker", "ascii",
        "theme", **OWN,
    ),
    show_map,
    trains=True,
    examples=(
        "zgtui map                               # lr·λ by clearing every N steps",
        "zgtui map --over momentum --clear every",
        "zgtui map --out map.csv                 # a row for each cell",
    ),
)  # fmt: skip
