"""Every place where text from outside comes in, as a command with hostile text there.

A new input is one entry here: it is tried in a pipe and, with what is typed, on a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.texts import Drawing, in_quotes, whole
from tests.support.other_tools import write_events, write_trackio, write_trainer_state
from zgtui.runlog.events import Started
from zgtui.runlog.log import LogWriter

PASTED = "\x1b[200~{}\x1b[201~"
CTRL_P = "\x10"


@dataclass(frozen=True)
class Call:
    """``zgtui WORDS`` in ``folder``; ``keys`` are what to wait for on the screen, and then type."""

    words: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[tuple[str, str], ...] = ()


Make = Callable[[Path, Drawing], Call]
"""Puts what is needed into an empty folder, with texts in all places that are independent."""


def place(folder: Path, draw: Drawing) -> Path:
    """A folder of a hostile name."""
    made = folder / draw.name()
    made.mkdir()
    return made


# Words, variables and configurations


def no_such_things(folder: Path, draw: Drawing) -> Call:
    return Call((draw(), draw()), folder)


def no_such_option(folder: Path, draw: Drawing) -> Call:
    return Call(("train", f"--{draw()}", draw()), folder)


def variable(folder: Path, draw: Drawing) -> Call:
    return Call(("train",), folder, {"ZGTUI_LR": draw(), "ZGTUI_CONFIG": draw()})


def shown_configuration(folder: Path, draw: Drawing) -> Call:
    names = {"ZGTUI_OUT": draw(), "ZGTUI_OPTIMIZER": draw(), "ZGTUI_STATE_DIR": draw()}
    config = folder / f"{draw.name()}.toml"
    config.write_text(
        f'size = "{in_quotes(draw())}"\nrdzv-id = "{in_quotes(draw())}"\n', encoding="utf-8"
    )
    return Call(("config",), folder, {**names, "ZGTUI_CONFIG": str(config)})


def wrong_configuration(folder: Path, draw: Drawing) -> Call:
    config = folder / f"{draw.name()}.toml"
    config.write_bytes(f'"{in_quotes(draw())}" = "{in_quotes(draw())}"\n'.encode())
    return Call(("view",), folder, {"ZGTUI_CONFIG": str(config)})


def broken_configuration(folder: Path, draw: Drawing) -> Call:
    config = folder / f"{draw.name()}.toml"
    config.write_bytes(draw().encode("utf-8", "surrogateescape"))
    return Call(("config",), folder, {"ZGTUI_CONFIG": str(config)})


def keys(folder: Path, draw: Drawing) -> Call:
    config = folder / "c.toml"
    config.write_text(f'[keys]\n"{in_quotes(draw())}" = "{in_quotes(draw())}"\n', encoding="utf-8")
    return Call(("config",), folder, {"ZGTUI_CONFIG": str(config)})


def editor(folder: Path, draw: Drawing) -> Call:
    # What is no command of a shell is told as it is.
    return Call(("config", "--edit"), folder, {"VISUAL": f"'{draw()}", "EDITOR": draw()})


def doctor(folder: Path, draw: Drawing) -> Call:
    variables = {
        "ZGTUI_STATE_DIR": str(folder / draw()),
        "ZGTUI_CONFIG": str(folder / draw()),
        "COLORTERM": draw(),
        "NO_COLOR": draw(),
    }
    return Call(("doctor",), place(folder, draw), variables)


def helped(folder: Path, draw: Drawing) -> Call:
    return Call(("view", "--help"), folder, {"ZGTUI_CONFIG": draw()})


def explained(folder: Path, draw: Drawing) -> Call:
    return Call(("explain", draw(), draw()), folder)


def topic(folder: Path, draw: Drawing) -> Call:
    return Call(("docs", draw()), folder)


def lesson(folder: Path, draw: Drawing) -> Call:
    return Call(("--lesson", draw()), folder)


def theme(folder: Path, draw: Drawing) -> Call:
    (folder / "t.csv").write_text("step,loss\n1,2\n", encoding="utf-8")
    return Call(("view", "--theme", draw(), "t.csv"), folder)


def completed(folder: Path, draw: Drawing) -> Call:
    return Call(("completion", "words", f"zgtui\x1ftrain\x1f--{draw()}"), folder)


def served(folder: Path, draw: Drawing) -> Call:
    return Call(("serve", draw()), folder)


def host(folder: Path, draw: Drawing) -> Call:
    return Call(("serve", "--host", draw(), "--port", "0"), folder)


# Tables, and the runs of other tools


def table(folder: Path, draw: Drawing) -> Call:
    file = place(folder, draw) / f"{draw.name()}.csv"
    first, second = (whole(draw()).replace('"', '""') for _ in range(2))
    rows = "".join(f"{step},{1 / step!r},{step}\n" for step in range(1, 9))
    file.write_text(f'step,"{first} 1","{second} 2"\n{rows}', encoding="utf-8", newline="")
    # The palette, the search in it, the dialogs, the crosshair.
    typed = (
        ("quit", CTRL_P), ("Search", PASTED.format(draw())), ("owned", "\x1b"),
        ("quit", "e"), ("export", PASTED.format(draw())), ("owned", "\r"), ("", "\x1b"),
        ("quit", "I"), ("quit", "p"), ("picture", "\x1b"),
    )  # fmt: skip
    return Call(("view", file.name), file.parent, keys=typed)


def runs_of_a_table(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{draw.name()}.tsv"
    names = [whole(draw()).replace('"', '""') for _ in range(2)]
    rows = "".join(f'"{name}"\t{step}\t{1 / step!r}\n' for name in names for step in (1, 2, 3))
    file.write_text(f"run\tstep\tloss\n{rows}", encoding="utf-8", newline="")
    return Call(("view", "--runs", f"*,{draw()}", file.name), folder, keys=(("quit", "I"),))


def curve_that_is_not_there(folder: Path, draw: Drawing) -> Call:
    return Call((*table(folder, draw).words, "--series", draw(), "--runs", draw()), folder)


def cells(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{draw.name()}.csv"
    file.write_bytes(f"step,loss\n1,{draw()}\n{draw()},2\n".encode("utf-8", "surrogateescape"))
    return Call(("view", file.name), folder)


def lines(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{draw.name()}.jsonl"
    rows = [{"step": step, whole(draw()): 1.0, whole(draw()): whole(draw())} for step in (1, 2)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return Call(("view", file.name), folder, keys=())


def parquet(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{whole(draw.name())}.parquet"
    pq.write_table(pa.table({"step": [1, 2], whole(draw()): [2.0, 1.0]}), str(file))
    return Call(("view", file.name), folder, keys=(("quit", "I"),))


def tags(folder: Path, draw: Drawing) -> Call:
    for _ in range(2):
        write_events(
            folder / "runs" / whole(draw.name()), [(1, {f"loss {whole(draw())}": 1.0})] * 2
        )
    return Call(("view", "runs"), folder, keys=(("quit", "I"),))


def trainer(folder: Path, draw: Drawing) -> Call:
    rows = [{"step": step, f"loss {whole(draw())}": 1.0} for step in (1, 2)]
    write_trainer_state(place(folder, draw) / "trainer_state.json", rows)
    return Call(("view", "."), folder, keys=(("quit", "I"),))


def trackio(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{whole(draw.name())}.db"
    write_trackio(file, whole(draw()), [(1, {whole(draw()): 1.0}), (2, {"loss": 1.0})])
    return Call(("view", file.name), folder, keys=(("quit", "I"),))


def log(folder: Path, draw: Drawing) -> Call:
    """A run's log that anyone may have written."""
    settings = {name: whole(draw()) for name in ("subject", "experiment", "optimizer", "device")}
    writer = LogWriter(folder / "log", ["A", "B"])
    writer.write(Started({"settings": settings, **settings}))
    writer.losses("A", [1.0, 2.0])
    writer.close()
    return Call(("view", "log"), folder, keys=(("quit", "I"),))


def pictures(folder: Path, draw: Drawing) -> Call:
    return Call((*table(folder, draw).words, "--png", f"{draw()}.svg"), folder)


def exported(folder: Path, draw: Drawing) -> Call:
    return Call((*table(folder, draw).words, "--out", f"{draw()}/{draw.name()}.csv"), folder)


# Scripts


FORGETS = """\
import torch
class Optimizer(torch.optim.SGD):
    pass
Optimizer.__name__ = Optimizer.__qualname__ = {0}
model = torch.nn.Linear(2, 1)
model.register_module("m", torch.nn.Linear(2, 1))
optimizer = Optimizer(model.parameters(), lr=0.1)
def train():
    for step in range(6):
        loss = model(torch.ones(4, 2)).square().mean()
        loss.backward()  # {comment}
        optimizer.step()
    print({1})
train()
"""
FAILS = """\
class Broken(ValueError):
    pass
Broken.__name__ = Broken.__qualname__ = {2}
exec(compile("def f():\\n    raise Broken(" + repr({3}) + ")\\n", {4}, "exec"))
f.__code__ = f.__code__.replace(co_name={5})
f()
"""


def source(draw: Drawing, text: str = FORGETS + FAILS) -> str:
    ended = ("\n", "\r", "\x0c")
    comment = whole(draw())
    for letter in ended:
        comment = comment.replace(letter, " ")
    return text.format(*(ascii(whole(draw())) for _ in range(6)), comment=comment)


def script(folder: Path, draw: Drawing, text: str = FORGETS + FAILS) -> Path:
    file = place(folder, draw) / f"{draw.name()}.py"
    file.write_text(source(draw, text), encoding="utf-8")
    return file


def checked(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw)
    return Call(("check", file.name, draw(), f"--{draw()}={draw()}"), file.parent)


def checked_for_github(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw, FORGETS)
    return Call(("check", "--github", str(file)), folder)


def read_only(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw)
    return Call(("check", "--static", file.name, draw()), file.parent)


def read_for_github(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw)
    return Call(("check", "--static", "--github", file.name), file.parent)


def read_as_markdown(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw)
    return Call(("check", "--static", "--format", "markdown", file.name), file.parent)


def notebook(folder: Path, draw: Drawing) -> Call:
    file = place(folder, draw) / f"{draw.name()}.ipynb"
    cell = {"cell_type": "code", "source": source(draw, FORGETS), "metadata": {}, "outputs": []}
    told = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(told), encoding="utf-8")
    return Call(("check", "--static", file.name), file.parent)


def fixed(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw, FORGETS)
    return Call(("check", "--fix", str(file)), folder, keys=(("[y/N]", "n\r"),))


def no_such_script(folder: Path, draw: Drawing) -> Call:
    return Call(("check", f"{draw()}/{draw.name()}.py"), folder)


def no_such_module(folder: Path, draw: Drawing) -> Call:
    return Call(("run", "-m", draw()), folder)


def no_report(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{draw.name()}.json"
    file.write_bytes(draw().encode("utf-8", "surrogateescape"))
    return Call(("check", "--show", file.name), folder)


def twice(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw)
    words = ("run", "--headless", "--out", f"{draw.name()}.csv", file.name, f"--{draw()}={draw()}")
    return Call(words, file.parent, {"ZGTUI_STATE_DIR": str(folder / draw())})


def twice_on_the_screen(folder: Path, draw: Drawing) -> Call:
    file = script(folder, draw)
    state = {"ZGTUI_STATE_DIR": str(folder / "state")}
    typed = (("ended", "O"), ("output", "w"), ("", "O"))
    return Call(("run", file.name, draw()), file.parent, state, typed)


# Experiments

OWN = """\
import torch
from zgtui import Data, Experiment
class Model(torch.nn.Linear):
    def forward(self, inputs):
        {failing}
        return super().forward(inputs)
print({0})
def make():
    return Experiment(
        model=lambda: Model(2, 1), data=lambda: Data(torch.ones(4, 2), torch.zeros(4, 1)),
        criterion=torch.nn.MSELoss(), lr=0.1, steps=5,
    )
"""
AT_ONCE = "def make():\n    raise ValueError({0} + {1})\n"


def experiment(folder: Path, draw: Drawing, failing: str = "pass") -> Path:
    file = place(folder, draw) / f"{draw.name()}.py"
    text = OWN.format(ascii(whole(draw())), failing=failing)
    file.write_text(text, encoding="utf-8")
    return file


def model(folder: Path, draw: Drawing) -> Call:
    file = experiment(folder, draw, f"raise RuntimeError({draw()!a})")
    return Call(("train", "--experiment", f"{file.name}:make", "--plain"), file.parent)


def bar(folder: Path, draw: Drawing) -> Call:
    file = experiment(folder, draw)
    words = ("train", "--experiment", f"{file.name}:make", "--out", f"{draw.name()}.csv")
    return Call(words, file.parent, {"ZGTUI_STATE_DIR": str(folder / draw())})


def optimizer(folder: Path, draw: Drawing) -> Call:
    return Call(("train", "--optimizer", draw(), "--steps", "2"), folder)


def size(folder: Path, draw: Drawing) -> Call:
    return Call(("train", "--size", draw(), "--experiment", "chars", "--steps", "2"), folder)


def own_function(folder: Path, draw: Drawing) -> Call:
    file = experiment(folder, draw)
    return Call(("train", "--experiment", f"{file.name}:{draw()}"), file.parent)


def broken_experiment(folder: Path, draw: Drawing) -> Call:
    file = folder / f"{draw.name()}.py"
    file.write_text(AT_ONCE.format(ascii(draw()), ascii(draw())), encoding="utf-8")
    return Call(("train", "--experiment", f"{file.name}:make"), folder)


def mapped(folder: Path, draw: Drawing) -> Call:
    return Call(("map", "--experiment", f"{draw.name()}.py:{draw()}"), folder)


def app(folder: Path, draw: Drawing) -> Call:
    """Dialogs with text pasted in each."""
    file = experiment(folder, draw)
    words = ("--experiment", f"{file.name}:make", "--paused")
    typed = [("step 0", "n")]
    for key in "elg":
        typed += [("quit", key), ("Esc", PASTED.format(draw())), ("owned", "\r"), ("", "\x1b")]
    typed += [("quit", "?"), ("", "/"), ("", PASTED.format(draw())), ("", "\x1b\x1b")]
    return Call(words, file.parent, {"ZGTUI_STATE_DIR": str(folder / "state")}, tuple(typed))


def app_whose_model_fails(folder: Path, draw: Drawing) -> Call:
    file = experiment(folder, draw, f"raise RuntimeError({draw()!a})")
    typed = (("owned", "w"),)
    return Call(("--experiment", f"{file.name}:make"), file.parent, {}, typed)


def docs(folder: Path, draw: Drawing) -> Call:
    typed = (("quit", "/"), ("earch", PASTED.format(draw())), ("owned", "\x1b"))
    return Call(("docs", "view"), folder, keys=typed)


QUICK: dict[str, Make] = {
    one.__name__: one
    for one in (
        no_such_things, no_such_option, variable, shown_configuration, wrong_configuration,
        broken_configuration, keys, editor, helped, explained, topic, lesson, theme, completed,
        served, host, table, runs_of_a_table, curve_that_is_not_there, cells, lines, parquet, tags,
        trainer, trackio, log, pictures, exported, read_only, read_for_github, read_as_markdown,
        notebook, no_such_script, no_such_module, no_report, docs,
    )
}  # fmt: skip
"""Those that import no PyTorch."""
INPUTS: dict[str, Make] = {
    **QUICK,
    **{
        one.__name__: one
        for one in (
            doctor, checked, checked_for_github, fixed, twice, twice_on_the_screen, model, bar,
            optimizer, size, own_function, broken_experiment, mapped, app, app_whose_model_fails,
        )
    },
}  # fmt: skip
