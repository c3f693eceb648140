"""The watches for Lightning, transformers and accelerate, inside the frameworks themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.command import environment
from tests.support.forks import POSSIBLE, Forks
from tests.support.script_runs import Outcome, Warm

pytestmark = pytest.mark.frameworks

EXAMPLES = Path(__file__).parents[1] / "examples"
REPORTED = {
    "lightning": "trainer.callbacks[0].watched.report",
    "transformers": "trainer.pop_callback(TransformersWatch).watched.report",
    "accelerate": "watched.watched.report",
}
"""Where each example has the report in the end."""
FORGETS = {
    "lightning": (
        "    def configure",
        "    def optimizer_zero_grad(self, *_): pass\n    def configure",
    ),
    "transformers": (
        "    def forward",
        "    def zero_grad(self, set_to_none=True): pass\n    def forward",
    ),
    "accelerate": ("            optimizer.zero_grad()\n", ""),
}
"""How each is made to forget: what is replaced, and by what."""
CLASSES = {name: f"{name.capitalize()}Watch" for name in REPORTED}


def frameworks_here(*names: str) -> list[object]:
    """Each framework; its tests are skipped, and say so, where it is not installed."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"),
        )
        for name in names
    ]


def trained(
    name: str, frameworks: Warm, tmp_path: Path, *changes: tuple[str, str], tail: str = ""
) -> Outcome:
    """Run the example of the reference, with ``changes``; it prints its verdict and its steps."""
    text = (EXAMPLES / f"{name}_watch.py").read_text(encoding="utf-8")
    text = text.replace("Trainer(Regression()", "trainer = Trainer(Regression()")
    text = text.replace("Watch()]).train()", "Watch()])\ntrainer.train()")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    script = tmp_path / f"train_{name}.py"
    script.write_text(f"{text}\n{tail}", encoding="utf-8")
    said = f"\nreport = {REPORTED[name]}\nprint('judged', report.verdict, report.steps)\n"
    return frameworks.run(
        tmp_path / "work",
        str(script),
        prefix="import warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from zgtui.integrations import GradientWarning\n"
        "warnings.simplefilter('default', GradientWarning)\n",
        tail=said,
    )


def warned(outcome: Outcome) -> int:
    return len(re.findall(r": GradientWarning: gradients are not cleared", outcome.text))


@pytest.mark.parametrize("name", frameworks_here(*REPORTED))
def test_the_example_which_accumulates_is_right_and_nothing_is_said(
    name: str, frameworks: Warm, tmp_path: Path
) -> None:
    outcome = trained(name, frameworks, tmp_path)
    assert outcome.code == 0, outcome.text
    assert re.search(r"judged pass (60|61)\b", outcome.text)
    assert warned(outcome) == 0


@pytest.mark.parametrize("name", frameworks_here(*REPORTED))
def test_a_training_that_never_clears_is_warned_of_once_and_goes_on(
    name: str, frameworks: Warm, tmp_path: Path
) -> None:
    outcome = trained(name, frameworks, tmp_path, FORGETS[name])
    assert outcome.code == 0, outcome.text
    assert re.search(r"judged fail \d+", outcome.text)
    assert warned(outcome) == 1
    assert "ZG101 error: never cleared" in outcome.text


@pytest.mark.parametrize("name", frameworks_here(*REPORTED))
def test_it_is_raised_where_that_is_asked_for(name: str, frameworks: Warm, tmp_path: Path) -> None:
    call = f"{CLASSES[name]}({'accelerator, optimizer' if name == 'accelerate' else ''}"
    comma = ", " if name == "accelerate" else ""
    outcome = trained(
        name, frameworks, tmp_path, FORGETS[name],
        (f"{call})", f'{call}{comma}on_mistake="raise")'),
    )  # fmt: skip
    assert outcome.code == 1, outcome.text
    assert "GradientWarning: gradients are not cleared as they should be:\nZG101" in outcome.text
    assert "judged fail" not in outcome.text


@pytest.mark.parametrize("name", frameworks_here("lightning"))
def test_lightning_with_a_gradient_scaler_for_half_precision_is_right(
    name: str, frameworks: Warm, tmp_path: Path
) -> None:
    scaler = (
        "plugins=[lightning.pytorch.plugins.MixedPrecision("
        "'16-mixed', 'cpu', torch.amp.GradScaler('cpu'))], callbacks=["
    )
    outcome = trained(name, frameworks, tmp_path, ("callbacks=[", scaler))
    assert outcome.code == 0, outcome.text
    assert "judged pass" in outcome.text
    assert warned(outcome) == 0


@pytest.mark.parametrize("installed", ["pytorch_lightning", "both", "neither"])
def test_lightning_is_watched_under_either_of_its_names(installed: str, tmp_path: Path) -> None:
    """Modules stand for the packages: what matters is which one the callback is of."""
    names = {"pytorch_lightning": ["pytorch_lightning"], "both": ["lightning", "pytorch_lightning"]}
    for name in names.get(installed, []):
        folder = tmp_path / name / ("pytorch" if name == "lightning" else "")
        folder.mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (folder / "__init__.py").write_text(f"class Callback:\n    package = {name!r}\n")
    hidden = "\n".join(
        [
            "import sys",
            "from importlib import util",
            "find = util.find_spec",
            "sys.path.insert(0, sys.argv[1])",
            "def only_here(name, *more):",
            "    found = find(name, *more)",
            "    ours = found and (found.origin or '').startswith(sys.path[0])",
            "    return found if ours or 'lightning' not in name else None",
            "util.find_spec = only_here",
            "import pytorch_lightning" if installed == "both" else "",
            "from zgtui.integrations.lightning import LightningWatch",
            "print(LightningWatch(steps=5).package)",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden, tmp_path],
        env=environment(), capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    if installed == "neither":
        assert "ImportError: Lightning is not installed here: pip install lightning" in done.stderr
    else:
        assert done.stdout == "pytorch_lightning\n", done.stderr


LAUNCH = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
TOGETHER = {
    "accelerate": ("Accelerator(cpu=True,", "Accelerator(cpu=True,"),
    # The model that is trained is then a wrapper around the example's own.
    "transformers": (
        "\nclass Regression",
        "\ntorch.nn.Module.zero_grad = lambda *_, **__: None\n\n\nclass Regression",
    ),
    "lightning": ('accelerator="cpu",', 'accelerator="cpu", strategy="ddp", devices=2,'),
    "own": (
        "import torch\n",
        "import torch\ntorch.distributed.init_process_group('gloo')\n",
    ),
}


@pytest.fixture(scope="module")
def with_frameworks() -> Iterator[Forks]:
    """Forks commands, and those that they start, from a process that has imported them."""
    with Forks(*filter(find_spec, REPORTED)) as process:
        yield process


@pytest.mark.slow
@pytest.mark.parametrize("name", [*frameworks_here(*REPORTED), "own"])
def test_of_two_processes_the_first_alone_warns_and_says_which_it_is(
    name: str, tmp_path: Path, with_frameworks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    if POSSIBLE:
        with_frameworks.instead(monkeypatch)
    example = "loop" if name == "own" else name
    text = (EXAMPLES / f"{example}_watch.py").read_text(encoding="utf-8")
    forgets = FORGETS.get(name, ("        optimizer.zero_grad()\n", ""))
    for old, new in (forgets, TOGETHER[name]):
        assert old in text
        text = text.replace(old, new)
    if name == "accelerate":  # with it PyTorch aborts one of ten processes at their end
        text += "import os, sys\nsys.stderr.flush()\nos._exit(0)\n"
    (tmp_path / "train.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *LAUNCH, "train.py"],
        cwd=tmp_path, env=environment(OMP_NUM_THREADS="1"),
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    told = re.findall(r"\S* ?\S* ?\S* ?\S* gradients are not cleared as they should be:", said)
    assert [one.endswith("rank 0 of 2: gradients are not cleared as they should be:")
            for one in told] == [True], said  # fmt: skip
