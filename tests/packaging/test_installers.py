"""pip, uv and pipx themselves, beside a PyTorch for CUDA: it is neither replaced nor doubled.

The recipes are those of the reference. Nothing is fetched: what they install lies in a folder,
with an older PyTorch for CUDA, which is there already, and a newer one, which each would rather
have.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docs.blocks import blocks
from tests.packaging.wheelhouse import fill, made_up
from tests.support.command import on_path
from tests.support.tables import tidy_table
from zgtui.docs import page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("uv") is None, reason="uv is not installed"),
]
HERE, NEWER = "2.4.0+cu124", "2.99.0"
"""The PyTorch that is there, and one that an index would have."""
BASE = getattr(sys, "_base_executable", sys.executable)
"""The Python that virtual environments are made of."""
LOOP = """\
import torch
model = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(9, 2):
    model(x).sum().backward()
    opt.step()
"""
NEEDS_PIPX = pytest.mark.skipif(find_spec("pipx") is None, reason="pipx is not installed")
NEEDS_PIP = pytest.mark.skipif(
    tuple(map(int, version("pip").split(".")[:2])) < (26, 1),
    reason="pipx would fetch pip 26.1, which is not installed",
)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """All that can be installed."""
    folder = tmp_path_factory.mktemp("house")
    fill(folder, ["textual", "plotext", "rich", "platformdirs", "tomli", "pip"])
    shutil.copy(wheel, folder)
    for torch, cuda in ((HERE, "nvidia-cublas-cu12"), (NEWER, "nvidia-cublas-cu13")):
        module = {"torch/__init__.py": f"__version__ = {torch!r}\n"}
        made_up(folder, "torch", torch, needs=[f"{cuda}==12.4"], files=module)
        made_up(folder, cuda, "12.4", files={f"nvidia/{cuda[-4:]}.py": ""})
    module = {"mine.py": "def main():\n    import torch\n    print(torch.__version__)\n"}
    made_up(folder, "mine", "1.0", needs=["torch"], files=module, scripts="mine = mine:main")
    return folder


def installers(home: Path) -> str:
    """A ``PATH`` with all of them; this environment, which has a PyTorch, is not on it."""
    from uv import find_uv_bin  # noqa: PLC0415 - only where it is installed

    # Called as a module it would install into the environment that it is itself in.
    uv, python = (shlex.quote(path) for path in (find_uv_bin(), sys.executable))
    path = on_path(
        home / "installers",
        uv=f'exec {uv} "$@"',
        uvx=f'exec {uv} tool run "$@"',
        pipx=f'exec {python} -m pipx "$@"',
        pip=f'exec {python} -m pip --python "$VIRTUAL_ENV" "$@"',
    )
    (home / "installers" / "zgtui").unlink()
    own = str(Path(sys.executable).parent)
    return os.pathsep.join(one for one in path.split(os.pathsep) if one != own)


class Machine:
    """A user's machine without a network: a home, installers, and an environment with PyTorch."""

    def __init__(self, home: Path, house: Path) -> None:
        self.home, self.project = home, home / "project"
        self.environment = {
            "PATH": f"{home / 'bin'}:{installers(home)}",
            "HOME": str(home),
            "VIRTUAL_ENV": str(self.project),
            "PYTHONUSERBASE": str(home / "user"),
            "UV_OFFLINE": "1",
            "UV_FIND_LINKS": str(house),
            "UV_NO_INDEX": "1",
            "UV_CACHE_DIR": str(home / "cache"),
            "UV_LINK_MODE": "hardlink",
            "UV_TOOL_DIR": str(home / "tools"),
            "UV_TOOL_BIN_DIR": str(home / "bin"),
            "PIPX_HOME": str(home / "pipx"),
            "PIPX_BIN_DIR": str(home / "bin"),
            "PIPX_MAN_DIR": str(home / "man"),
            "PIPX_DEFAULT_PYTHON": BASE,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(house),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        self.shell(f"uv venv --python {shlex.quote(BASE)} {shlex.quote(str(self.project))}")
        self.shell(f"uv pip install torch=={HERE}")
        assert torches(self.project) == [HERE]

    def shell(self, command: str, code: int = 0) -> str:
        """What ``command`` prints, run in the user's home."""
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{command}\n{done.stdout}"
        return done.stdout

    def pytorch(self) -> dict[str, tuple[int, int, int]]:
        """Each file of the PyTorch that was there first, and what changes with it."""
        (site,) = self.project.glob("lib/python*/site-packages")
        files = [*site.glob("torch*/**/*"), *site.glob("nvidia*/**/*")]
        states = {str(path.relative_to(site)): path.stat() for path in files if path.is_file()}
        return {
            name: (state.st_ino, state.st_size, state.st_mtime_ns)
            for name, state in states.items()
            if "__pycache__" not in name
        }


@pytest.fixture
def machine(tmp_path: Path, house: Path) -> Machine:
    return Machine(tmp_path, house)


def torches(environment: Path) -> list[str]:
    """The versions of PyTorch in an environment."""
    found = environment.glob("lib/python*/site-packages/torch-*.dist-info")
    return [path.name.removeprefix("torch-").removesuffix(".dist-info") for path in found]


def recipe(beginning: str) -> str:
    """The command of the reference that begins so."""
    page_ = page("install")
    lines = [line for block in blocks(page_.path) for line in block.text.splitlines()]
    lines += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", page_.text)
    (found,) = {line for line in lines if line.startswith(beginning)}
    return found


def works(machine: Machine, program: str = "zgtui") -> None:
    """The program that was installed does what needs no PyTorch that trains."""
    (machine.home / "loop.py").write_text(LOOP)
    tidy_table(machine.home / "losses.csv", 9)
    assert machine.shell(f"{program} --version").startswith("zgtui ")
    assert "ZG101" in machine.shell(f"{program} check --static loop.py", code=1)
    assert "9 steps up to 9" in machine.shell(f"{program} view losses.csv")


@pytest.mark.parametrize("installer", ["pip install zgtui", "uv pip install zgtui"])
def test_in_the_environment_itself(installer: str, machine: Machine) -> None:
    assert installer in page("install").text
    before = machine.pytorch()
    machine.shell(installer)
    assert machine.pytorch() == before
    assert torches(machine.project) == [HERE]
    works(machine, "project/bin/zgtui")


def test_as_a_tool_of_uv_it_shares_the_files_of_the_same_build(machine: Machine) -> None:
    before = machine.pytorch()
    machine.shell(recipe("uv pip freeze"))
    machine.shell(recipe("uv tool install -c"))
    assert machine.pytorch() == before
    assert torches(machine.home / "tools" / "zgtui") == [HERE]
    (there,) = (machine.home / "tools" / "zgtui").glob("lib/python*/site-packages/torch/*init*.py")
    (here,) = machine.project.glob("lib/python*/site-packages/torch/__init__.py")
    assert there.samefile(here), "one copy on the disk"
    works(machine)


def test_uvx_uses_the_same_build(machine: Machine) -> None:
    before = machine.pytorch()
    machine.shell(recipe("uv pip freeze"))
    assert machine.shell(f"{recipe('uvx -c')} --version").splitlines()[-1].startswith("zgtui ")
    assert machine.pytorch() == before
    unpacked = {path.name for path in (machine.home / "cache").rglob("torch-*.dist-info")}
    assert unpacked == {f"torch-{HERE}.dist-info"}, "no other was taken"


def test_as_a_tool_of_its_own_it_leaves_the_environment_alone(machine: Machine) -> None:
    before = machine.pytorch()
    machine.shell("uv tool install zgtui")
    assert machine.pytorch() == before
    assert torches(machine.home / "tools" / "zgtui") == [NEWER]


def test_as_a_tool_without_pytorch_it_does_what_only_looks(machine: Machine) -> None:
    machine.shell(recipe('echo "torch;'))
    machine.shell(recipe("uv tool install --overrides"))
    assert torches(machine.home / "tools" / "zgtui") == []
    works(machine)
    machine.shell("zgtui config")
    said = machine.shell("zgtui train", code=2)
    assert "pip install torch" in said
    assert said.count("\n") == 1


@NEEDS_PIPX
@NEEDS_PIP
def test_pipx_uses_the_pytorch_of_the_system(machine: Machine, house: Path) -> None:
    ask = f"{shlex.quote(BASE)} -c 'import site; print(site.getusersitepackages())'"
    site = Path(machine.shell(ask).strip())
    assert site.is_relative_to(machine.home)
    (torch,) = house.glob(f"torch-{HERE}-*.whl")
    with zipfile.ZipFile(torch) as archive:
        archive.extractall(site)
    machine.shell(recipe("PIPX_DEFAULT_BACKEND=pip"))
    assert torches(machine.home / "pipx" / "venvs" / "zgtui") == []
    python = machine.home / "pipx" / "venvs" / "zgtui" / "bin" / "python"
    assert machine.shell(f"{python} -c 'import torch; print(torch.__version__)'").strip() == HERE
    works(machine)


@NEEDS_PIPX
def test_pipx_adds_it_to_an_environment_that_it_keeps(machine: Machine) -> None:
    machine.shell(f"pipx install --preinstall torch=={HERE} mine")
    machine.shell(recipe("pipx inject").replace("NAME", "mine"))
    assert torches(machine.home / "pipx" / "venvs" / "mine") == [HERE]
    assert machine.shell("mine").strip() == HERE
    works(machine)
