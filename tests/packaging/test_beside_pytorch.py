"""Installed where a PyTorch is: that one is neither replaced nor doubled, whatever its build.

Nothing is fetched: the installers are asked what they would do.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

INSTALLED = {
    "torch": "2.4.0+cu124", "textual": "8.2.8", "plotext": "6.1.0", "rich": "15.0.0",
    "platformdirs": "4.14.7", "tomli": "2.2.1",
}  # fmt: skip
"""What the environment has, as far as an installer can see."""


def pretend(site: Path, **packages: str) -> None:
    """Make ``packages`` look installed in ``site``."""
    for name, version in packages.items():
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(text, encoding="utf-8")
        (info / "RECORD").touch()
        (info / "INSTALLER").write_text("pip\n", encoding="utf-8")


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    folder = tmp_path / "environment"
    venv.create(folder, symlinks=True, with_pip=False)
    return folder


def site_of(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def asked(*words: str | Path) -> str:
    done = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def pip(environment: Path, *words: str | Path) -> str:
    python = environment / "bin" / "python"
    return asked(
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, "install",
        "--dry-run", "--no-index", *words,
    )  # fmt: skip


def uv(environment: Path, *words: str | Path) -> str:
    if find_spec("uv") is None and shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    program = [sys.executable, "-m", "uv"] if find_spec("uv") else ["uv"]
    python = environment / "bin" / "python"
    return asked(
        *program, "pip", "install", "--offline", "--no-index", "--no-cache", "--dry-run",
        "--python", python, *words,
    )  # fmt: skip


@pytest.mark.parametrize("installer", [pip, uv])
def test_a_pytorch_of_another_build_stays(
    installer: object, environment: Path, wheel: Path
) -> None:
    assert callable(installer)
    pretend(site_of(environment), **INSTALLED)
    said = installer(environment, wheel)
    assert "zgtui" in said
    changes = re.findall(r"^(?:Would install (.*)| [+~-] (.*))$", said, re.MULTILINE)
    changed = " ".join(word for pair in changes for word in pair)
    assert "zgtui" in changed
    assert not re.search("torch|nvidia|triton", changed), said


def test_a_pytorch_outside_of_the_environment_is_enough(
    environment: Path, wheel: Path, tmp_path: Path
) -> None:
    """As `pipx install --system-site-packages` has it."""
    pretend(tmp_path / "system", **INSTALLED)
    (site_of(environment) / "system.pth").write_text(f"{tmp_path / 'system'}\n", encoding="utf-8")
    (installed,) = re.findall("Would install (.*)", pip(environment, wheel))
    assert installed.split() == [f"zgtui-{wheel.name.split('-')[1]}"]


def test_without_the_dependencies_nothing_else_is_asked_for(environment: Path, wheel: Path) -> None:
    assert "torch" not in re.findall("Would install (.*)", pip(environment, "--no-deps", wheel))[0]


def test_an_override_leaves_pytorch_out(environment: Path, wheel: Path, tmp_path: Path) -> None:
    """For a machine that only looks: the recipe of the reference."""
    page = (ROOT / "zgtui" / "docs" / "install.md").read_text("utf-8")
    (rule,) = re.findall(r"echo \"(torch; .*)\" > ", page)
    (tmp_path / "no-torch.txt").write_text(f"{rule}\n", encoding="utf-8")
    pretend(site_of(environment), **{k: v for k, v in INSTALLED.items() if k != "torch"})
    said = uv(environment, "--overrides", tmp_path / "no-torch.txt", wheel)
    assert re.search(r"^ \+ zgtui", said, re.MULTILINE)
    assert not re.search(r"^ \+ torch", said, re.MULTILINE)


def test_pytorch_is_required_by_a_lower_bound_alone() -> None:
    (bound,) = re.findall(
        r'^    "(torch[^"]*)",$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert re.fullmatch(r"torch>=[\d.]+", bound)


def test_the_recipe_without_dependencies_names_all_of_them_but_pytorch() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8").partition("\ndependencies = [\n")[2]
    needed = set(re.findall(r'^    "([\w-]+)[^"]*",$', project.partition("\n]")[0], re.MULTILINE))
    page = (ROOT / "zgtui" / "docs" / "install.md").read_text("utf-8")
    named = re.findall(r"pip install ((?:textual|plotext|rich|platformdirs| )+)", page)
    assert len(named) == 2
    assert all({*words.split(), "tomli", "torch"} == needed for words in named)
    assert "`tomli` for Python 3.10" in page
