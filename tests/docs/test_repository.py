"""The files that a repository is expected to have: they parse, and say what the project does."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from zgtui import __version__

ROOT = Path(__file__).parents[2]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
YAML = [*FORMS, *(ROOT / ".github" / "workflows").glob("*.yml"), ROOT / ".pre-commit-config.yaml"]
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_it_is_yaml_with_something_in_it(path: Path) -> None:
    parsed = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(parsed, dict)
    assert parsed
    assert "\t" not in path.read_text("utf-8")


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    parsed: dict[Any, Any] = yaml.safe_load(read(".github/workflows/ci.yml"))
    return parsed


def test_the_workflow_runs_the_gate_on_linux_and_macos_for_every_python(
    workflow: dict[Any, Any],
) -> None:
    (job,) = workflow["jobs"].values()
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos"}
    assert matrix["python"] == PYTHONS
    assert job["strategy"]["fail-fast"] is False
    assert job["runs-on"] == "${{ matrix.os }}"
    assert [step["run"] for step in job["steps"] if step.get("name") == "The gate"] == [".ci/run"]
    setup = next(step for step in job["steps"] if "setup-python" in step.get("uses", ""))
    assert setup["with"]["python-version"] == "${{ matrix.python }}"


def test_the_workflow_runs_on_pushes_and_requests_with_no_more_rights_than_reading(
    workflow: dict[Any, Any],
) -> None:
    triggers = workflow[True]  # YAML 1.1 reads the key "on" so
    assert {"push", "pull_request"} <= set(triggers)
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert 0 < job["timeout-minutes"] <= 60


def test_the_lowest_python_is_that_of_the_project() -> None:
    assert f'requires-python = ">={PYTHONS[0]}"' in read("pyproject.toml")


def test_the_hooks_are_the_tools_of_the_gate() -> None:
    (repo,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repo["repo"] == "local"
    entries = {hook["id"]: hook["entry"] for hook in repo["hooks"]}
    assert set(entries) == {"ruff", "ruff-format", "mypy"}
    assert entries["ruff"].startswith("ruff check")
    assert entries["ruff-format"].startswith("ruff format")
    assert entries["mypy"] == "mypy"
    assert all(hook["language"] == "system" for hook in repo["hooks"])


@pytest.mark.parametrize("name", [".ci/run", ".ci/quick"])
def test_the_gates_are_scripts_that_bash_understands(name: str) -> None:
    path = ROOT / name
    assert path.stat().st_mode & 0o111, "it can be executed"
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_quick_gate_checks_what_the_whole_one_does() -> None:
    whole, quick = read(".ci/run"), read(".ci/quick")
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert f"bin/{tool}" in whole
        assert re.search(rf"^{tool}$", quick, re.MULTILINE)
    assert '-m "not slow and not terminal and not frameworks"' in quick
    assert "venv" not in quick.replace(".venv/bin", ""), "it makes no environment"


@pytest.mark.parametrize(
    "path", [path for path in FORMS if path.stem != "config"], ids=lambda path: path.stem
)
def test_an_issue_form_asks_questions_that_must_be_answered(path: Path) -> None:
    form = yaml.safe_load(path.read_text("utf-8"))
    assert form["name"]
    assert form["description"]
    identities = [field["id"] for field in form["body"]]
    assert len(identities) == len(set(identities))
    for field in form["body"]:
        assert field["type"] in {"textarea", "input", "dropdown", "checkboxes"}
        assert field["attributes"]["label"]
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_editors_are_told_of_the_line_length_that_ruff_checks() -> None:
    parser = configparser.ConfigParser()
    parser.read_string(f"[top]\n{read('.editorconfig')}")
    assert parser["top"]["root"] == "true"
    assert parser["*"]["charset"] == "utf-8"
    assert parser["*"]["end_of_line"] == "lf"
    (length,) = re.findall(r"^line-length = (\d+)$", read("pyproject.toml"), re.MULTILINE)
    assert parser["*.py"]["max_line_length"] == length


def test_the_changelog_has_the_version_and_what_is_not_released() -> None:
    headings = re.findall(r"^## (.+)$", read(".github/CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ in headings


def test_contributing_names_both_gates_and_every_marker_of_the_tests() -> None:
    text = read(".github/CONTRIBUTING.md")
    assert "`.ci/run`" in text
    assert "`.ci/quick`" in text
    markers = read("pyproject.toml").split("\nmarkers = [\n")[1].split("\n]")[0]
    for marker in re.findall(r'^\s+"(\w+):', markers, re.MULTILINE):
        assert f"`{marker}`" in text


def test_readme_says_where_to_add_what_and_each_place_exists() -> None:
    table = read("README.md").split("### Where to add what\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?!to add|---)(.+?) \| (.+) \|$", table, re.MULTILINE)
    assert len(rows) > 10
    for what, places in rows:
        named = re.findall(r"`((?:zgtui|tests)/[\w./]*)`", places)
        assert named, what
        assert not [place for place in named if not (ROOT / place).exists()], what
