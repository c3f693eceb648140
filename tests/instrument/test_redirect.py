"""Where a run's files go, and what of the user's stays: function by function, without a script."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zgtui.instrument.protocol import FILES, WRITTEN, RunSpec
from zgtui.instrument.redirect import Writes
from zgtui.instrument.written import WrittenFiles


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """A run in the working folder ``project``, whose own folder is ``run``."""
    for name in ("project", "run", "log"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return RunSpec(
        name="A", policy="every", log=str(tmp_path / "log"), folder=str(tmp_path / "run")
    )


@pytest.fixture
def writes(spec: RunSpec) -> Writes:
    return Writes(spec)


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def redirected(spec: RunSpec) -> Callable[[], dict[str, str]]:
    """What is in the run's own folder."""
    return lambda: files(spec.own / FILES)


Redirected = Callable[[], dict[str, str]]


def write(thing: str, f: Any) -> None:
    Path(f).write_text(thing)


def read(f: Any) -> str:
    return Path(f).read_text()


def test_a_checkpoint_is_redirected_however_its_name_is_given(
    writes: Writes, redirected: Redirected
) -> None:
    jit = SimpleNamespace(save=write, load=read)
    torch = SimpleNamespace(save=write, load=read, jit=jit)
    writes.torch_imported(torch)
    torch.save("by place", "a.any")
    torch.save("by name", f="b.any")
    jit.save("compiled", Path("deep") / "c.any")
    assert [torch.load("a.any"), torch.load(f="b.any")] == ["by place", "by name"]
    assert jit.load("deep/c.any") == "compiled"
    assert files(Path()) == {}
    assert redirected() == {"a.any": "by place", "b.any": "by name", "deep/c.any": "compiled"}


def test_what_is_not_to_be_redirected_keeps_its_functions(spec: RunSpec) -> None:
    kept = Writes(replace(spec, keep_checkpoints=True))

    class SummaryWriter:
        def __init__(self, log_dir: str) -> None:
            self.log_dir = log_dir

    torch = SimpleNamespace(save=write, load=read)
    safetensors = SimpleNamespace(save_file=write, load_file=read)
    kept.torch_imported(torch)
    kept.safetensors_imported(safetensors)
    kept.tensorboard_imported(SimpleNamespace(SummaryWriter=SummaryWriter))
    assert (torch.save, torch.load) == (write, read)
    assert (safetensors.save_file, safetensors.load_file) == (write, read)
    assert SummaryWriter("runs").log_dir == "runs"


def test_events_and_safetensors_go_to_the_runs_own_folder(writes: Writes, spec: RunSpec) -> None:
    class SummaryWriter:
        def __init__(self, log_dir: str, comment: str = "") -> None:
            self.told = log_dir, comment

    module = SimpleNamespace(SummaryWriter=SummaryWriter)
    writes.tensorboard_imported(module)
    own = str(spec.own / FILES)
    assert module.SummaryWriter().told == (f"{own}/runs", "")
    assert module.SummaryWriter("mine", "x").told == (f"{own}/mine", "x")
    assert module.SummaryWriter(logdir="old").told == (f"{own}/old", "")

    def save_file(tensors: str, filename: Any) -> None:
        write(tensors, filename)

    def load_file(filename: Any) -> str:
        return read(filename)

    safetensors = SimpleNamespace(save_file=save_file, load_file=load_file)
    writes.safetensors_imported(safetensors)
    safetensors.save_file("tensors", filename="m.any")
    assert safetensors.load_file(filename="m.any") == "tensors"
    assert files(Path()) == {}


def test_ordinary_files_are_renamed_copied_and_removed_where_they_are(
    writes: Writes, redirected: Redirected
) -> None:
    rename, copy = writes._renaming(os.rename), writes._copying(shutil.copyfile, over=True)
    write("notes", "notes.txt")
    rename("notes.txt", "told.txt")
    assert copy("told.txt", "again.txt") == "again.txt"
    Path("logs").mkdir()
    write("log", "logs/1.txt")
    rename("logs", "old logs")
    assert files(Path()) == {"told.txt": "notes", "again.txt": "notes", "old logs/1.txt": "log"}
    writes._removing_tree(shutil.rmtree)("old logs")
    assert not Path("old logs").exists()
    assert redirected() == {}


def test_a_folder_is_renamed_with_what_was_redirected_out_of_it(
    writes: Writes, redirected: Redirected
) -> None:
    open_, rename = writes._opening(open), writes._renaming(os.rename)
    Path("epoch").mkdir()
    write("told", "epoch/told.txt")
    with open_("epoch/1.pt", "w") as file:
        file.write("weights")
    rename("epoch", "best")
    assert files(Path()) == {"best/told.txt": "told"}
    assert redirected() == {"best/1.pt": "weights"}
    writes._removing_tree(shutil.rmtree)("best")
    assert (files(Path()), redirected(), Path("best").exists()) == ({}, {}, False)


def test_what_is_only_among_the_redirected_is_removed_there(
    writes: Writes, redirected: Redirected
) -> None:
    open_, remove = writes._opening(open), writes._removing(os.remove)
    rmtree = writes._removing_tree(shutil.rmtree)
    write("old", "1.pt")
    for name in ("1.pt", "epochs/2.pt"):
        with open_(name, "w") as file:
            file.write("new")
    rmtree("epochs")
    assert redirected() == {"1.pt": "new"}
    remove("1.pt")
    assert (files(Path()), redirected()) == ({"1.pt": "old"}, {})
    assert writes._reading(os.path.exists)("1.pt") is False, "the script has removed it"


def test_calls_without_a_name_are_handed_on_as_they_are(writes: Writes) -> None:
    told: list[tuple[object, ...]] = []

    def called(*args: object) -> None:
        told.append(args)

    writes._reading(called)()
    writes._writing(called, 1, "f")("thing")
    assert told == [(), ("thing",)]


def test_the_runs_own_folders_are_removed_as_they_are(writes: Writes, spec: RunSpec) -> None:
    own = spec.own / "scratch"
    own.mkdir()
    write("x", own / "1.pt")
    writes._removing_tree(shutil.rmtree)(own)
    assert not own.exists()


def test_a_folder_of_old_checkpoints_that_holds_new_ones_loses_those_alone(
    writes: Writes, redirected: Redirected
) -> None:
    open_, rmdir = writes._opening(open), writes._removing_folder(os.rmdir)
    remove, listdir = writes._removing(os.remove), writes._listing(os.listdir)
    Path("epochs").mkdir()
    write("old", "epochs/1.pt")
    with open_("epochs/2.pt", "w") as file:
        file.write("new")
    assert sorted(listdir("epochs")) == ["1.pt", "2.pt"]
    for name in ("epochs/1.pt", "epochs/2.pt"):
        remove(name)
    assert listdir("epochs") == []
    rmdir("epochs")
    assert files(Path()) == {"epochs/1.pt": "old"}, "what was there before stays"
    assert redirected() == {}
    assert writes._reading(os.path.exists)("epochs") is False


def test_names_below_an_open_folder_are_those_that_they_are(
    writes: Writes, redirected: Redirected
) -> None:
    rename, stat = writes._renaming(os.rename), writes._reading(os.stat)
    open_low, remove = writes._opening_low(os.open), writes._removing(os.remove)
    folder = os.open(".", os.O_RDONLY)
    os.close(open_low("a.pt", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder))
    rename("a.pt", "b.pt", src_dir_fd=folder, dst_dir_fd=folder)
    assert stat("b.pt", dir_fd=folder).st_size == 0
    assert files(Path()) == {"b.pt": ""}
    remove("b.pt", dir_fd=folder)
    os.close(folder)
    assert (files(Path()), redirected()) == ({}, {})


def test_what_is_written_elsewhere_is_noted_once(
    spec: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    written = WrittenFiles(spec.folder, spec.log)
    written._log = os.open(spec.own / WRITTEN, os.O_WRONLY | os.O_CREAT)
    for name in ("a.csv", b"a.csv", Path("a.csv"), spec.own / "x", f"{spec.log}/x", passing / "x"):
        written._audit("open", (name, "w", os.O_WRONLY | os.O_CREAT))
    written._audit("open", ("read.csv", "r", os.O_RDONLY))
    written._audit("open", (3, "w", os.O_WRONLY))
    written._audit("os.rename", ("a.csv", "b.csv", -1, -1))
    written._audit("os.remove", ("b.csv", -1))
    written._audit("os.remove", ("below.csv", 7))
    written._audit("os.truncate", ("c.csv", 0))
    written._audit("open", ("__pycache__/m.pyc", "w", os.O_WRONLY))
    written._audit("socket.connect", ())
    os.close(written._log)
    here = Path.cwd()
    assert (spec.own / WRITTEN).read_text().splitlines() == [
        f'"{here}/a.csv"',
        f'"{here}/b.csv"',
        f'"{here}/b.csv (removed)"',
        f'"{here}/c.csv"',
    ]
