"""zgtui in an environment that has no PyTorch: what only looks works, the rest says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.tables import tidy_table
from zgtui.cli import NO_PYTORCH

ROOT = Path(__file__).parents[2]
LEFT_OUT = ("torch", "functorch", "zgtui")
LOOP = """\
import torch
model = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(9, 2):
    model(x).sum().backward()
    opt.step()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One in an environment that has what is installed here, all but PyTorch."""
    folder = tmp_path_factory.mktemp("without") / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    for packages in (Path(path) for path in sys.path if path.endswith("site-packages")):
        for one in packages.iterdir():
            # The parts of torch, such as torch-2.13.dist-info, begin as its name does.
            ours = one.name.split("-")[0] in LEFT_OUT or one.suffix == ".pth"
            if not ours and not (site / one.name).exists():
                (site / one.name).symlink_to(one)
    (site / "zgtui.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    return folder / "bin" / "python"


def run(python: Path, folder: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [python, "-m", "zgtui", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(LOOP)
    tidy_table(tmp_path / "losses.csv", 9)
    return tmp_path


def test_there_is_none(python: Path, work: Path) -> None:
    done = subprocess.run([python, "-c", "import textual, zgtui, torch"], cwd=work,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'torch'"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["view", "losses.csv"], "9 steps up to 9"),
        (["view", "losses.csv", "--svg", "losses.svg"], "drew "),
        (["config"], "batch-size"),
        (["docs", "check"], "zgtui check"),
        (["explain", "ZG103"], "cleared only now and then"),
        (["experiments"], "spirals"),
        (["completion", "bash"], "complete -o default"),
        (["--help"], "zgtui train"),
        (["train", "--help"], "--steps"),
        (["--version"], "zgtui "),
    ],
    ids=" ".join,
)
def test_what_only_looks_works(words: list[str], shown: str, python: Path, work: Path) -> None:
    code, out, err = run(python, work, *words)
    assert (code, err) == (0, "")
    assert shown in out


def test_the_source_of_a_script_can_be_checked(python: Path, work: Path) -> None:
    code, out, err = run(python, work, "check", "--static", "train.py")
    assert (code, err) == (1, "")
    assert "ZG101 error: never cleared" in out


def test_doctor_says_what_is_missing_and_goes_on(python: Path, work: Path) -> None:
    code, out, err = run(python, work, "doctor")
    assert (code, err) == (1, "")
    assert NO_PYTORCH in out
    assert "torch cannot be found: pip install torch" in out
    assert "needs attention: packages, PyTorch" in out


@pytest.mark.parametrize(
    "words",
    [
        [], ["train"], ["map"], ["devices"], ["run", "train.py"], ["check", "train.py"],
        ["serve"], ["explain", "--demo", "ZG101"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_trains_says_in_one_sentence_how_to_get_it(
    words: list[str], python: Path, work: Path
) -> None:
    assert run(python, work, *words) == (2, "", f"zgtui: {NO_PYTORCH}\n")


def test_losses_can_be_logged(python: Path, work: Path) -> None:
    code = "import zgtui; zgtui.log(loss=1.0, folder='log')"
    subprocess.run([python, "-c", code], cwd=work, check=True, timeout=60)
    assert "1 step" in run(python, work, "view", "log")[1]
