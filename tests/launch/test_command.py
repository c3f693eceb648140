"""What a run is told by its environment: what it needs, and nothing that changes the training."""

from __future__ import annotations

import pytest

from tests.support.script_runs import SCRIPTS
from zgtui.config.settings import Policy, RunName
from zgtui.instrument.protocol import RunSpec
from zgtui.launch.command import THREADS, ScriptOptions
from zgtui.launch.launcher import Launcher

SCRIPT = str(SCRIPTS / "plain_loop.py")
SPEC = RunSpec(name="A", policy="as-is", log="log", folder="folder")
AS_IS: dict[RunName, Policy] = {"A": "as-is", "B": "never"}
OUR_OWN = {"PYTHONPATH", "PYTHONUNBUFFERED", "ZGTUI_SCRIPT_RUN"}
"""Where our code is found, what it is to do, and that output comes in the order of its making."""


@pytest.mark.parametrize("outer", [{}, {"OMP_NUM_THREADS": "1"}, {"MKL_NUM_THREADS": "3"}])
def test_a_script_as_it_is_keeps_its_environment(outer: dict[str, str]) -> None:
    for policies in (AS_IS, dict.fromkeys(AS_IS, "as-is")):
        options = ScriptOptions(script=SCRIPT, policies=policies)  # type: ignore[arg-type]
        inner = options.environment(SPEC, outer)
        assert {name: inner[name] for name in inner if name not in OUR_OWN} == outer


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("--api-key abc --lr 0.1", "--api-key *** --lr 0.1"),
        ("--hf_token=abc=d x", "--hf_token=*** x"),
        ("-password abc", "-password ***"),
        ("--dbpassword abc --accesstoken=d", "--dbpassword *** --accesstoken=***"),
        ("--monkey abc --tokens 5", "--monkey abc --tokens 5"),
        ("--store s3://me:abc@host/x?y", "--store s3://***@host/x?y"),
        ("--store=s3://me:abc@host", "--store=s3://***@host"),
        ("wandb.apiKey=abc model.lr=1", "wandb.apiKey=*** model.lr=1"),
        ("--CLIENT_SECRET abc", "--CLIENT_SECRET ***"),
        ("--token -abc --verbose", "--token *** --verbose"),
        ("--secret --verbose x", "--secret --verbose x"),
        ("--max-tokens 5 --tokenizer bpe --keypoints 3", None),
        ("key value", None),
    ],
)
def test_secrets_among_the_arguments_are_neither_logged_nor_shown(
    typed: str, shown: str | None
) -> None:
    options = ScriptOptions(script=SCRIPT, arguments=tuple(typed.split()))
    assert options.command_line == f"python {SCRIPT} {shown or typed}"
    assert options.command("A")[2:] == typed.split(), "the script gets them as they are"


def test_two_runs_at_a_time_share_the_cores() -> None:
    inner = ScriptOptions(script=SCRIPT).environment(SPEC, {})
    assert len({inner[name] for name in THREADS}) == 1
    alone = ScriptOptions(script=SCRIPT, sequential=True).environment(SPEC, {})
    assert int(alone["OMP_NUM_THREADS"]) >= int(inner["OMP_NUM_THREADS"]) >= 1


@pytest.mark.parametrize("name", sorted(THREADS))
def test_threads_that_the_user_has_set_are_not_added_to(name: str) -> None:
    inner = ScriptOptions(script=SCRIPT).environment(SPEC, {name: "1"})
    assert {key: inner[key] for key in THREADS if key in inner} == {name: "1"}


@pytest.mark.parametrize("launcher", [None, Launcher(nproc_per_node="2")])
def test_threads_that_are_asked_for_are_set(launcher: Launcher | None) -> None:
    options = ScriptOptions(script=SCRIPT, policies=AS_IS, threads=3, launcher=launcher)
    inner = options.environment(SPEC, {"OMP_NUM_THREADS": "1"})
    assert {inner[name] for name in THREADS} == {"3"}


def test_a_launcher_chooses_the_threads_of_its_processes() -> None:
    options = ScriptOptions(script=SCRIPT, launcher=Launcher(nproc_per_node="2"))
    assert THREADS.isdisjoint(options.environment(SPEC, {}))
