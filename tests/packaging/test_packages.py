"""What is published: the wheel and the sdist hold what they should, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT
from zgtui import __version__
from zgtui.cli.completion import SHELLS
from zgtui.cli.main import COMMANDS, command
from zgtui.cli.man_page import man_page
from zgtui.docs import topics

SHARED = {
    "share/man/man1/zgtui.1": man_page(),
    "share/bash-completion/completions/zgtui": SHELLS["bash"],
    "share/zsh/site-functions/_zgtui": SHELLS["zsh"],
    "share/fish/vendor_completions.d/zgtui.fish": SHELLS["fish"],
}
DIST_INFO = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
TOP_OF_SDIST = {
    "PKG-INFO", "README.md", "LICENSE", "pyproject.toml", "zgtui", "tests",
    "screenshots", ".ci", ".github", ".editorconfig", ".gitignore", ".pre-commit-config.yaml",
    ".pre-commit-hooks.yaml",
}  # fmt: skip


KINDS = {".py", ".md", ".tcss", ".json", ".typed", ".html", ".js"}
"""Of the files in the package; a copy that an editor has left is none of these."""


def sources() -> set[str]:
    """The files of the package."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "zgtui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_is_the_package_its_metadata_and_what_is_shared(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    info, data = f"zgtui-{__version__}.dist-info", f"zgtui-{__version__}.data/data"
    shared = {f"{data}/{name}" for name in SHARED}
    assert names == sources() | {f"{info}/{name}" for name in DIST_INFO} | shared
    assert {Path(name).suffix for name in sources()} == KINDS
    assert {"zgtui/py.typed", "zgtui/docs/keys.md", "zgtui/theory/claims.md"} < names


def test_what_is_shared_is_what_the_program_says_of_itself(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name, text in SHARED.items():
            packed = archive.read(f"zgtui-{__version__}.data/data/{name}").decode("utf-8")
            assert packed.strip() == text.strip()


def test_the_licence_is_in_both(wheel: Path, sdist: Path) -> None:
    text = (ROOT / "LICENSE").read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(f"zgtui-{__version__}.dist-info/licenses/LICENSE") == text
        assert b"License-Expression: MIT" in archive.read(f"zgtui-{__version__}.dist-info/METADATA")
    with tarfile.open(sdist) as archive_:
        packed = archive_.extractfile(f"zgtui-{__version__}/LICENSE")
        assert packed is not None
        assert packed.read() == text


def test_the_sdist_has_what_a_clone_has_and_no_rubbish(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = [Path(name).relative_to(f"zgtui-{__version__}") for name in archive.getnames()]
    assert {name.parts[0] for name in names} <= TOP_OF_SDIST
    assert sources() <= {name.as_posix() for name in names}
    assert not [name for name in names if name.suffix == ".pyc" or "__pycache__" in name.parts]


@pytest.mark.slow
def test_it_can_be_installed_from_the_sdist_and_says_its_version(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    command_ = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet"]
    subprocess.run(
        [*command_, "--no-build-isolation", "--disable-pip-version-check", "--target", tmp_path,
         sdist], check=True, capture_output=True, timeout=200, cwd=tmp_path,
    )  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-m", "zgtui", "--version"],
        env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout == f"zgtui {__version__}\n"
    installed = {
        path.relative_to(tmp_path).as_posix()
        for path in (tmp_path / "zgtui").rglob("*")
        if path.suffix != ".pyc" and path.is_file()
    }
    assert installed == sources()


def test_the_index_takes_both_and_renders_the_readme(wheel: Path, sdist: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "--no-color", "check", "--strict", wheel, sdist],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"zgtui-{__version__}.dist-info/METADATA").decode("utf-8")
    assert "\nDescription-Content-Type: text/markdown\n" in metadata
    assert "\n# zgtui\n" in metadata
    assert metadata.endswith("\n## Licence\n\nMIT\n")


def long_description(published: str) -> str:
    """As a build has it."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "metadata", "readme"],
        cwd=ROOT, env={**os.environ, "ZGTUI_PUBLISHED": published},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("published", ["", "me/zgtui@v1.0"])
def test_on_the_index_every_picture_and_every_link_leads_somewhere(published: str) -> None:
    markdown = pytest.importorskip("readme_renderer.markdown")
    text = long_description(published)
    html = markdown.render(text)
    assert html is not None
    readme = (ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r'<img [^>]*src="([^"]*)"', html)
    places = [*pictures, *re.findall(r'<a [^>]*href="([^"]*)"', html)]
    assert not [place for place in places if not re.match("https?://|#", place)]
    assert not re.findall(r"\]\((?!https?:|#)", text)
    assert text.count("```") == readme.count("```"), "no block of code has changed"
    named = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", readme)
    base = "https://raw.githubusercontent.com/me/zgtui/v1.0"
    assert pictures == ([f"{base}/{name}" for name in named] if published else [])
    assert all((ROOT / name).is_file() for name in named)


def test_where_nothing_is_published_links_name_commands_that_there_are() -> None:
    text = long_description("")
    named = set(re.findall(r"`zgtui docs (\w+)`", text))
    assert named == set(topics())
    assert "More: zgtui check (`zgtui docs check`)." in text
    assert "| `zgtui docs keys` | every key of each screen |" in text
    assert "*In the picture: two runs after 20 steps" in text


def test_what_is_published_is_told_as_a_repository_and_a_tag() -> None:
    with pytest.raises(AssertionError, match="ZGTUI_PUBLISHED is OWNER/REPOSITORY@TAG, not 'x'"):
        long_description("x")


def test_the_manual_page_has_every_command_and_every_option() -> None:
    page = man_page().replace("\\-", "-")
    for name in COMMANDS:
        section = page.partition(f'.SH "ZGTUI{"" if name == "app" else f" {name.upper()}"}"')[2]
        assert section, name
        section = section.partition("\n.SH ")[0]
        for option, entry in command(name).options.items():
            for switch in (option, *entry.shorthands):
                assert re.search(rf"^\.B --{switch}\b", section, re.MULTILINE), (name, switch)
        assert all(example.partition("  #")[0] in section.replace("\\(aq", "'")
                   for example in command(name).examples)  # fmt: skip


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff, which formats it, is missing")
def test_the_manual_page_is_formatted_without_a_warning() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-k", "-P-c"],
        input=man_page(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    plain = re.sub(".\b", "", done.stdout)
    assert "zgtui check --fix train.py" in plain
    assert "--batch-size N" in plain
