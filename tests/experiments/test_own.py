"""A user's own experiment: found, trained, and told of plainly where it fails."""

from __future__ import annotations

import ast
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import zgtui
from tests.support.training import compare, train
from zgtui.config.settings import RUNS, Settings
from zgtui.docs import page
from zgtui.errors import UsageError
from zgtui.experiments import load
from zgtui.experiments.experiment import Data, Experiment
from zgtui.training.comparison import prepare

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests/examples/own_experiment.py"
GOOD = """
    import torch
    from torch import nn
    from zgtui import Data, Experiment

    def data():
        x = torch.linspace(0, 1, 8).unsqueeze(1)
        return Data(x, x)

    def line():
        return Experiment(
            model=lambda: nn.Linear(1, 1), data=data, criterion=nn.MSELoss(), lr=0.1, steps=10
        )
"""


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What a test imports from its folder is forgotten before the next one."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        known = vars(sys.modules[name])
        places = [known.get("__file__"), *known.get("__path__", [])]
        if any(place and Path(place).is_relative_to(tmp_path) for place in places):
            del sys.modules[name]


def write(text: str, name: str = "mine.py") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path.absolute()


def refused(target: str, size: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        load(target, size)
    return str(caught.value)


def test_a_function_of_a_file_is_trained_whether_its_path_is_absolute_or_not() -> None:
    path = write(GOOD)
    for target in (f"{path}:line", "mine.py:line"):
        losses = train(compare(load(target)), 3)
        assert all(math.isfinite(loss) for run in RUNS for loss in losses[run])
        assert losses["A"][2] != losses["B"][2]


def test_a_function_of_a_module_is_found_from_the_current_folder() -> None:
    write(GOOD, "package/module.py")
    assert load("package.module:line").steps == 10


def test_a_file_can_import_its_neighbours() -> None:
    write("RATE = 0.25\n", "elsewhere/zgtui_test_neighbour.py")
    write(f"from zgtui_test_neighbour import RATE\n{dedent(GOOD)}", "elsewhere/mine.py")
    assert load("elsewhere/mine.py:line").lr == 0.1


def test_a_file_named_as_an_installed_module_does_not_hide_it() -> None:
    write(GOOD, "torch.py")
    assert load("torch.py:line").lr == 0.1
    assert "Tensor" in vars(sys.modules["torch"])


def test_a_missing_file_is_named_in_full() -> None:
    assert refused("nowhere.py:line") == f"there is no file {Path.cwd() / 'nowhere.py'}"


def test_a_missing_module_is_named_with_the_folder_it_was_looked_for_in() -> None:
    sentence = f"there is no module 'no_such.module' to import from {Path.cwd()}"
    assert refused("no_such.module:line") == sentence


def test_a_missing_function_is_named_with_what_comes_near() -> None:
    write(GOOD)
    assert refused("mine.py:lin").startswith("mine.py has no function 'lin'. Did you mean 'line'")


def test_something_that_is_no_function_is_refused() -> None:
    write("line = 5\n")
    assert refused("mine.py:line").startswith("mine.py has no function 'line'")


def test_another_type_than_an_experiment_is_refused() -> None:
    write("def line():\n    return {'lr': 1}\n")
    sentence = "mine.py:line returned a dict; it must return a zgtui.Experiment"
    assert refused("mine.py:line") == sentence


def test_a_name_without_a_colon_is_looked_up_among_the_experiments() -> None:
    sentence = refused("spiral")
    assert "there is no experiment 'spiral'. Did you mean 'spirals'" in sentence
    assert sentence.endswith("your own is FILE.py:FUNCTION.")


@pytest.mark.parametrize("target", [":line", "mine.py:"])
def test_half_of_a_target_is_refused(target: str) -> None:
    sentence = f"an experiment of your own is FILE.py:FUNCTION, not {target!r}"
    assert refused(target) == sentence


def test_a_size_is_for_our_own_experiments() -> None:
    write(GOOD)
    sentence = "--size is for experiments of zgtui's own, not for 'mine.py:line'"
    assert refused("mine.py:line", "small") == sentence


def test_an_error_at_import_ends_with_the_line_that_raised_it() -> None:
    path = write("import torch\nsize = {}['width']\n")
    assert refused("mine.py:line").splitlines() == [
        "mine.py:line failed:",
        f'  File "{path}", line 2, in <module>',
        "    size = {}['width']",
        *marks(refused("mine.py:line")),
        "KeyError: 'width'",
    ]


def marks(sentence: str) -> list[str]:
    """The lines with which newer Pythons underline the place in a line."""
    return [line for line in sentence.splitlines() if re.fullmatch(r" +[~^]+ *", line)]


def frames(sentence: str) -> list[str]:
    """``file: function`` of each frame that a sentence shows."""
    found = re.findall(r'^  File "(.+)", line \d+, in (\S+)$', sentence, flags=re.MULTILINE)
    return [f"{Path(file).name}: {function}" for file, function in found]


def test_an_error_in_a_neighbour_is_shown_through_both_files_and_no_other() -> None:
    write("def width():\n    raise ValueError('too wide')\n", "zgtui_test_neighbour.py")
    write("import zgtui_test_neighbour\ndef line():\n    return zgtui_test_neighbour.width()\n")
    sentence = refused("mine.py:line")
    assert frames(sentence) == ["mine.py: line", "zgtui_test_neighbour.py: width"]
    assert sentence.endswith("\nValueError: too wide")


def test_a_syntax_error_shows_its_line() -> None:
    write("def line(:\n")
    sentence = refused("mine.py:line")
    assert "def line(:" in sentence
    assert "SyntaxError" in sentence


def test_a_missing_import_of_theirs_is_not_taken_for_their_module_missing() -> None:
    write("import no_such_package_of_theirs\n", "package/module.py")
    for target in ("package.module:line", "package/module.py:line"):
        sentence = refused(target)
        assert frames(sentence) == ["module.py: <module>"]
        assert sentence.endswith("No module named 'no_such_package_of_theirs'")


@pytest.mark.parametrize("where", ["model", "data"])
def test_an_error_in_model_or_data_shows_their_frames_alone(where: str) -> None:
    good = dedent(GOOD)
    broken = {
        "model": good.replace("model=lambda: nn.Linear(1, 1)", "model=lambda: nn.Linear(-1, 1)"),
        "data": good.replace("return Data(x, x)", "return Data(x, y)"),
    }[where]
    assert broken != good
    write(broken)
    with pytest.raises(UsageError, match=r"^mine.py:line failed:\n") as caught:
        prepare(Settings(experiment="mine.py:line"), {"cpu": "the processor"})
    shown = frames(str(caught.value))
    assert shown == [{"model": "mine.py: <lambda>", "data": "mine.py: data"}[where]]
    assert str(Path(zgtui.__file__).parent) not in str(caught.value)


def test_the_example_of_the_reference_learns_with_zero_grad_and_not_without() -> None:
    experiment = load(f"{EXAMPLE}:sine")
    comparison = compare(experiment)
    losses = train(comparison, experiment.steps)
    late = {run: sum(losses[run][-50:]) / 50 for run in RUNS}
    assert late["A"] < 0.1 < losses["A"][0]
    assert late["B"] > 5 * late["A"]


def test_the_example_of_the_reference_is_the_one_that_is_run() -> None:
    assert f"```python\n{EXAMPLE.read_text()}```" in page("experiments").text


def test_the_public_names_are_there_and_importing_zgtui_costs_no_torch() -> None:
    assert (zgtui.Data, zgtui.Experiment) == (Data, Experiment)
    code = "import sys, zgtui; dir(zgtui); print('torch' in sys.modules, len(zgtui.__all__))"
    told_ = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told_.stdout.split()[0] == "False"
    assert all(hasattr(zgtui, name) for name in zgtui.__all__)
    assert set(zgtui.__all__) <= set(dir(zgtui))
    with pytest.raises(AttributeError, match="module 'zgtui' has no attribute 'Expriment'"):
        _ = vars(zgtui)["__getattr__"]("Expriment")


def test_each_lazy_name_is_one_that_type_checkers_see() -> None:
    tree = ast.parse(Path(zgtui.__file__).read_text())
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == zgtui._LAZY
