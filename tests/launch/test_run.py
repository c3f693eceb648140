"""Real scripts, started as `zgtui run` starts them."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.processes import alive
from tests.support.script_runs import (
    ROOT,
    SCRIPTS,
    Variant,
    Warm,
    losses_of_two_ranks,
    printed_losses,
    same_bits,
    series,
)
from tests.support.tables import read_table
from zgtui.config.settings import EVERY, RUNS, Policy, RunName
from zgtui.errors import LogError, UsageError
from zgtui.instrument import protocol
from zgtui.launch.command import ScriptOptions
from zgtui.launch.launcher import Launcher
from zgtui.launch.script_comparison import RunEnded, ScriptComparison
from zgtui.launch.words.ranks_words import SEVERAL_PROCESSES
from zgtui.launch.words.summary import comparison_words, summary
from zgtui.outputs.autosave import TableKeeper
from zgtui.outputs.headless.headless_run import run_headless
from zgtui.runlog import events
from zgtui.runlog.events import ClearingChanged, LrScaled
from zgtui.runlog.log import read_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEADLINE = 300.0
"""Seconds after which what does not come about fails; importing PyTorch in six ranks takes many."""
pytestmark = [pytest.mark.timeout(2 * DEADLINE)]
VARIANTS: tuple[Variant, ...] = ("bare", "deleted")
AS_IS: Mapping[RunName, Policy] = {"A": "as-is", "B": "never"}


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs its scripts from a folder of its own, with one thread."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def until(
    comparison: ScriptComparison, enough: Callable[[list[protocol.Notice | RunEnded]], bool]
) -> list[protocol.Notice | RunEnded]:
    """Poll until what has been heard is enough."""
    heard: list[protocol.Notice | RunEnded] = []
    deadline = time.monotonic() + DEADLINE
    while not enough(heard):
        assert time.monotonic() < deadline, heard
        heard += comparison.poll(1.0)
    return heard


def ended(comparison: ScriptComparison) -> list[protocol.Notice | RunEnded]:
    """Poll until both runs are over."""
    return until(comparison, lambda _: comparison.finished)


@pytest.fixture
def compare(tmp_path: Path) -> Iterator[Callable[[ScriptOptions], ScriptComparison]]:
    made: list[ScriptComparison] = []

    def start(options: ScriptOptions) -> ScriptComparison:
        comparison = ScriptComparison(options, tmp_path / "log")
        made.append(comparison)
        comparison.start()
        return comparison

    yield start
    for comparison in made:
        comparison.close()


Compare = Callable[[ScriptOptions], ScriptComparison]


def script(name: str) -> str:
    return str(SCRIPTS / name)


@pytest.mark.started
def test_the_started_script_trains_as_the_policies_promise(
    compare: Compare, warm: Warm, tmp_path: Path
) -> None:
    options = ScriptOptions(
        script=script("functions.py"), arguments=("--epochs", "3"), policies=AS_IS, seed=None
    )
    comparison = compare(options)
    ended(comparison)
    bare = subprocess.run(
        [sys.executable, script("functions.py"), "--epochs", "3"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(printed_losses(bare.stdout)) == 12
    assert same_bits(series(comparison.log, "A"), printed_losses(bare.stdout))
    assert comparison.runs["A"].output.read_text() == bare.stdout
    assert comparison.runs["A"].title == "your script"
    assert comparison.runs["B"].title == "zero_grad() never"
    never = warm.run(tmp_path / "never", "functions.py", variant="deleted")
    assert same_bits(series(comparison.log, "B")[:8], never.printed)
    assert comparison.same_first_loss() is True


def test_the_summary_says_how_the_script_clears(tmp_path: Path) -> None:
    said: list[str] = []
    options = ScriptOptions(script=script("plain_loop.py"), policies=AS_IS)
    run_headless(options, tmp_path / "log", say=said.append)
    assert "your script clears its gradients at every step (seen in 6 steps)" in said


def test_both_runs_draw_the_same_numbers_where_the_script_sets_no_seed(compare: Compare) -> None:
    policies: Mapping[RunName, Policy] = {"A": "as-is", "B": "every"}
    comparison = compare(ScriptOptions(script=script("run/unseeded.py"), policies=policies))
    ended(comparison)
    a, b = series(comparison.log, "A"), series(comparison.log, "B")
    assert len(a) == 400
    assert same_bits(a, b)
    assert comparison.runs["B"].title == "your script"


def test_pause_step_and_changes_hold_from_the_step_that_is_told(compare: Compare) -> None:
    comparison = compare(ScriptOptions(script=script("run/unseeded.py"), paused=True))

    def paused_at(step: int) -> Callable[[list[protocol.Notice | RunEnded]], bool]:
        return lambda heard: (
            sum(isinstance(notice, protocol.Paused) and notice.step == step for notice in heard)
            == 2
        )

    until(comparison, paused_at(0))
    for step in (1, 2):
        comparison.step()
        until(comparison, paused_at(step))
        assert [comparison.steps(run) for run in ("A", "B")] == [step, step]
    comparison.set_policy("B", "every")
    comparison.scale_lr("A", 0.5)
    heard = until(comparison, lambda heard: sum(isinstance(n, protocol.Ack) for n in heard) == 2)
    assert {n.step for n in heard if isinstance(n, protocol.Ack)} == {3}
    comparison.set_running(running=True)
    ended(comparison)
    changes = [
        event
        for event in read_events(comparison.log)
        if isinstance(event, ClearingChanged | LrScaled)
    ]
    assert sorted(changes, key=lambda event: event.run) == [
        LrScaled("A", 3, 0.5),
        ClearingChanged("B", EVERY, step=3, policy="every"),
    ]
    assert comparison.runs["B"].title == "zero_grad() every step"
    a, b = series(comparison.log, "A"), series(comparison.log, "B")
    assert len(a) == len(b) == 400
    # Both cleared from here on, so both arrive at the least squares solution.
    assert a[-1] == pytest.approx(b[-1], rel=1e-2)
    assert not same_bits(a, b)


def test_a_change_of_policy_in_mid_run_equals_the_script_changed_there(
    compare: Compare, tmp_path: Path
) -> None:
    text = (SCRIPTS / "plain_loop.py").read_text()
    clears = {"A.py": "epoch < 3", "B.py": "epoch >= 3", "by_hand.py": "True"}
    for name, when in clears.items():
        by_hand = f"for p in model.parameters() if {when} else []:\n        p.grad = None"
        (tmp_path / name).write_text(text.replace("optimizer.zero_grad()", by_hand))
    both = "import runpy; runpy.run_path('A.py'); runpy.run_path('B.py')"
    reference = subprocess.run(
        [sys.executable, "-c", both], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    comparison = compare(ScriptOptions(script=str(tmp_path / "by_hand.py"), paused=True))
    for step in (1, 2, 3):
        until(
            comparison,
            lambda heard: any(isinstance(n, protocol.Paused) and n.run == "B" for n in heard),
        )
        assert comparison.steps("B") == step - 1
        comparison.step()
    until(comparison, lambda _: comparison.steps("A") == comparison.steps("B") == 3)
    comparison.set_policy("A", "never")
    comparison.set_policy("B", "every")
    comparison.set_running(running=True)
    ended(comparison)
    losses = series(comparison.log, "A") + series(comparison.log, "B")
    assert same_bits(losses, printed_losses(reference.stdout))


def test_a_restart_writes_a_log_beside_and_begins_with_what_was_asked_for_meanwhile(
    compare: Compare,
) -> None:
    comparison = compare(ScriptOptions(script=script("plain_loop.py"), paused=True))
    first = comparison.log
    until(comparison, lambda heard: sum(isinstance(n, protocol.Paused) for n in heard) == 2)
    for _ in range(2):
        comparison.step()
    until(comparison, lambda _: [comparison.steps(run) for run in RUNS] == [2, 2])
    comparison.restart()
    assert comparison.log == first.with_name("log-2")
    comparison.set_policy("B", "every")
    for run in RUNS:
        comparison.scale_lr(run, 0.5)
    comparison.set_running(running=True)
    ended(comparison)
    a, b = series(comparison.log, "A"), series(comparison.log, "B")
    assert len(a) == 6
    assert same_bits(a, b), "B clears as A does from its first step on"
    old = series(first, "A")
    assert len(old) == 2, "the old log stays as it is"
    assert old[0] == a[0]
    assert old[1] != a[1], "which is half as far"


def test_each_line_that_calls_backward_has_a_series_of_its_own(compare: Compare) -> None:
    comparison = compare(ScriptOptions(script=script("gan.py"), policies=AS_IS))
    heard = ended(comparison)
    found = [n for n in heard if isinstance(n, events.SeriesFound) and n.run == "A"]
    text = (SCRIPTS / "gan.py").read_text().splitlines()
    assert [text[n.line - 1].strip() for n in found] == [
        "errD_real.backward()",
        "errD_fake.backward()",
        "errG.backward()",
    ]
    real, fake, generator = (series(comparison.log, n.name) for n in found)
    total = series(comparison.log, "A")
    assert same_bits(total[0::2], [a + b for a, b in zip(real, fake, strict=True)])
    assert same_bits(total[1::2], generator)


def test_checkpoints_go_to_the_runs_own_folders_and_other_files_are_listed(
    compare: Compare,
) -> None:
    shutil.copy(script("checkpoints.py"), "train.py")
    Path("weights.pt").write_bytes(b"precious")
    Path("best").mkdir()
    Path("best/model_best.bin").write_bytes(b"precious")
    comparison = compare(ScriptOptions(script="train.py"))
    ended(comparison)
    for run in comparison.runs.values():
        assert run.ending is not None
        assert run.ending.code == 0, run.output.read_text()
        assert {path.name for path in (run.folder / "files").rglob("*") if path.is_file()} == {
            "checkpoint.bin",
            "model_best.bin",
            "weights.pt",
        }
        assert [Path(path).name for path in run.ending.written] == ["metrics.json"]
    assert Path("weights.pt").read_bytes() == b"precious"
    assert Path("best/model_best.bin").read_bytes() == b"precious"
    assert not Path("checkpoint.bin").exists()


OLD = (
    "low.bin", "bytes.pt", "UPPER.CKPT", "state.pkl", "grows.bin", "over.pt", "copied.pt",
    "best.pt", "pruned.pt", "epochs/1.pt", "epochs/deep/2.pt", "epochs/told.txt", "kept/1.pt",
    "single/1.pt", "packed.pkl", "opened.pth", "moved.pth",
)  # fmt: skip


def test_checkpoints_from_before_stay_whatever_the_script_does_to_them(
    compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "passing").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "passing"))
    shutil.copy(script("run/old_checkpoints.py"), "train.py")
    for name in ("epochs/deep", "scratch", "kept", "single"):
        Path(name).mkdir(parents=True)
    for name in OLD:
        Path(name).write_bytes(b"old")
    Path("notes.txt").write_text("notes")
    Path("scratch/log.txt").touch()
    comparison = compare(ScriptOptions(script="train.py", sequential=True))
    until(comparison, lambda heard: any(isinstance(n, RunEnded) for n in heard))
    run = comparison.runs["A"]
    assert run.ending is not None
    assert run.ending.code == 0, run.output.read_text()
    assert {name: Path(name).read_bytes() for name in OLD} == dict.fromkeys(OLD, b"old")
    assert {path.name for path in Path().rglob("*.*")} - {"train.py", "notes.txt"} == {
        Path(name).name for name in OLD
    }
    assert [os.path.relpath(path) for path in run.ending.written] == [
        "part.tmp", "part.tmp (removed)", "scratch (removed)", "../beside.txt",
    ]  # fmt: skip


def test_keep_writes_leaves_the_files_of_run_a_alone(compare: Compare) -> None:
    # Run B is redirected as above; that it never starts here saves its time.
    options = ScriptOptions(script=script("checkpoints.py"), keep_checkpoints=True, sequential=True)
    comparison = compare(options)
    until(comparison, lambda heard: any(isinstance(n, RunEnded) for n in heard))
    assert Path("checkpoint.bin").exists()
    assert not (comparison.runs["A"].folder / "files").exists()


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("crashes.py", 1, "the script failed after 3 steps: ValueError: brittle at crashes.py:18"),
        ("leaves_abruptly.py", 7, "the script ended with exit code 7 after 4 steps"),
        ("no_training.py", 0, "the script ended without a training step that has a loss"),
        ("reads_stdin.py", 1, "the script reads from stdin at reads_stdin.py:5"),
    ],
)
def test_each_ending_is_told_in_a_sentence(
    compare: Compare, name: str, code: int, sentence: str
) -> None:
    comparison = compare(ScriptOptions(script=script(f"run/{name}")))
    ended(comparison)
    for run in comparison.runs.values():
        assert run.ending is not None
        assert run.ending.exit_code == code
        assert run.ending.sentence.startswith(sentence)
        assert "zgtui" not in run.output.read_text()


def test_a_script_that_cannot_even_be_imported(compare: Compare) -> None:
    Path("broken.py").write_text("import torch\nfor x in range(3) print(x)\n")
    comparison = compare(ScriptOptions(script="broken.py"))
    ended(comparison)
    ending = comparison.runs["B"].ending
    assert ending is not None
    assert ending.exit_code == 1
    assert "SyntaxError" in ending.sentence
    assert "broken.py" in ending.sentence


def test_a_script_that_is_not_there_is_told_before_anything_starts() -> None:
    with pytest.raises(UsageError, match=r"there is no script 'nowhere\.py'"):
        ScriptOptions(script="nowhere.py")


def test_steps_ends_both_early_and_a_module_runs_by_its_name(compare: Compare) -> None:
    Path("package").mkdir()
    Path("package/__init__.py").touch()
    shutil.copy(script("workers_spawn.py"), "package/train.py")
    comparison = compare(ScriptOptions(script="package.train", module=True, steps=3))
    ended(comparison)
    for run in comparison.runs.values():
        assert run.ending is not None
        assert run.ending.sentence == "stopped after 3 steps", run.output.read_text()
        assert comparison.steps(run.name) == 3


def test_a_script_that_steps_has_ended_may_come_down_as_it_likes(compare: Compare) -> None:
    Path("aborts.py").write_text(
        "import atexit, os\natexit.register(os.abort)\n"  # as gloo's threads do to many a script
        + (SCRIPTS / "plain_loop.py").read_text()
    )
    ended(comparison := compare(ScriptOptions(script="aborts.py", steps=3)))
    endings = [run.ending for run in comparison.runs.values()]
    assert [(end.exit_code, end.sentence) for end in endings if end is not None] == [
        (0, "stopped after 3 steps")
    ] * 2


THREADS = """
import threading
import torch

torch.set_num_threads(1)
together = threading.Barrier(3)

def train(number):
    model = torch.nn.Linear(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    together.wait()
    for _ in range(20):
        loss = model(torch.rand(4, 8)).sum() * 0 + number
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

threads = [threading.Thread(target=train, args=(number,)) for number in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_train_at_the_same_time_chart_every_step_with_its_own_loss(
    compare: Compare,
) -> None:
    Path("threads.py").write_text(THREADS)
    ended(comparison := compare(ScriptOptions(script="threads.py", policies=AS_IS)))
    for run in comparison.runs.values():
        assert sorted(series(comparison.log, run.name)) == sorted([1.0, 2.0, 3.0] * 20)
        assert run.training is not None
        assert run.training.threads > 1
        assert run.training.shared_draws, "of the batches"


def test_where_no_log_can_be_written_a_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    comparison = ScriptComparison(
        ScriptOptions(script=str(SCRIPTS / "plain_loop.py")), tmp_path / "file" / "s"
    )
    with pytest.raises(LogError, match="set ZGTUI_STATE_DIR to a folder that can be written"):
        comparison.start()
    comparison.close()


PROCESSES = """
import multiprocessing
import torch

def train(steps):
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.ones(3, 2)).sum().backward()
        optimizer.step()

if __name__ == "__main__":
    child = multiprocessing.get_context({way!r}).Process(target=train, args=(2,))
    child.start()
    child.join()
    train({steps})
"""


@pytest.mark.parametrize(
    ("way", "steps", "said"), [("spawn", 3, [SEVERAL_PROCESSES]), ("fork", 0, [])]
)
def test_a_script_of_several_processes_that_train_is_told_which_one_is_charted(
    compare: Compare, way: str, steps: int, said: list[str]
) -> None:
    Path("processes.py").write_text(PROCESSES.format(way=way, steps=steps))
    ended(comparison := compare(ScriptOptions(script="processes.py", policies=AS_IS)))
    assert [len(series(comparison.log, name)) for name in RUNS] == [2, 2]
    words = comparison_words(comparison, [])
    assert [one for one in words if one == SEVERAL_PROCESSES] == said


def test_the_users_own_sitecustomize_runs_and_ours_leaves_no_trace(
    compare: Compare, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text("import builtins\nbuiltins.users_own = 5\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{ROOT}")
    Path("show.py").write_text(
        "import sys, sitecustomize\n"
        "print(users_own, sitecustomize.__file__, [p for p in sys.path if 'inject' in p])\n"
    )
    comparison = compare(ScriptOptions(script="show.py"))
    ended(comparison)
    assert comparison.runs["A"].output.read_text() == f"5 {tmp_path}/site/sitecustomize.py []\n"


def test_an_error_of_ours_ends_the_observation_and_not_the_script(
    warm: Warm, tmp_path: Path
) -> None:
    bare = warm.run(tmp_path / "bare", "plain_loop.py")
    seen = warm.run(
        tmp_path / "seen",
        "plain_loop.py",
        policy="as-is",
        recorder="tests.support.broken_recorder:make",
    )
    assert seen.code == 0
    assert same_bits(seen.printed, bare.printed)
    assert seen.logged == seen.printed[:2]
    assert "zgtui: observation of this script is off: RuntimeError: the observer is broken" in (
        seen.text
    )


def test_two_gloo_ranks_are_bit_for_bit_the_edited_script(compare: Compare, tmp_path: Path) -> None:
    references = [losses_of_two_ranks(tmp_path / variant, variant) for variant in VARIANTS]
    assert [len(losses) for losses in references] == [5, 5]
    assert not same_bits(*references)
    options = ScriptOptions(
        script=script("run/ddp.py"),
        policies={"A": "never", "B": "never"},
        paused=True,
        launcher=Launcher(nproc_per_node="2"),
    )
    comparison = compare(options)
    heard = until(
        comparison, lambda heard: sum(isinstance(n, protocol.Paused) for n in heard) == len(RUNS)
    )
    assert [n.world for n in heard if isinstance(n, events.Hello)] == [2, 2]
    # Both ranks change before the same step, or their weights would part and the losses too.
    comparison.set_policy("A", "every")
    comparison.set_running(running=True)
    heard = ended(comparison)
    assert 2 in [n.step for n in heard if isinstance(n, protocol.Ack) and n.run == "A"]
    for run, reference in zip("AB", references, strict=True):
        assert same_bits(series(comparison.log, run), reference)


def test_ranks_that_the_script_spawns_follow_the_policy_one_run_after_the_other(
    compare: Compare,
) -> None:
    # Each run meets its own ranks through a file in its working folder: one after the other.
    options = ScriptOptions(
        script=script("run/ddp.py"),
        arguments=("--spawn",),
        policies={"A": "as-is", "B": "never"},
        sequential=True,
    )
    comparison = compare(options)
    heard = until(comparison, lambda heard: any(isinstance(n, RunEnded) for n in heard))
    Path("meeting").unlink(missing_ok=True)
    heard += ended(comparison)
    told = [n for n in heard if isinstance(n, RunEnded | events.Hello)]
    order = [f"{type(n).__name__} {n.run}" for n in told]
    assert order == ["Hello A", "RunEnded A", "Hello B", "RunEnded B"]
    a, b = series(comparison.log, "A"), series(comparison.log, "B")
    assert len(a) == len(b) == 5
    assert a[:2] == b[:2]
    assert a[2:] != b[2:]


TRAINS_AGAIN = """\
import os, subprocess, sys
ranks = {"RANK": "3", "WORLD_SIZE": "4", **(%r)}
for _ in range(2):
    subprocess.run([sys.executable, %r], check=True, env={**os.environ, **ranks})
"""


def test_ranks_that_are_started_again_are_not_charted_and_that_is_told(compare: Compare) -> None:
    first_here = {"LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}
    Path("again.py").write_text(TRAINS_AGAIN % (first_here, script("plain_loop.py")))
    comparison = compare(ScriptOptions(script="again.py", policies=AS_IS))
    heard = ended(comparison)
    hellos = [n for n in heard if isinstance(n, events.Hello) and n.run == "A"]
    assert [(hello.rank, hello.world, hello.local_world) for hello in hellos] == [(3, 4, 1)]
    told = [n.reason for n in heard if isinstance(n, events.ObservationOff) and n.run == "A"]
    assert told == ["the launcher restarted the ranks: the losses end with the first attempt"]
    printed = printed_losses(comparison.runs["A"].output.read_text())
    assert same_bits(series(comparison.log, "A"), printed[: len(printed) // 2])
    assert "\n".join(summary(comparison)).count("rank 3 of 4, the first on this node") == 1


def test_a_rank_that_is_not_charted_is_not_said_to_train_nothing(compare: Compare) -> None:
    Path("again.py").write_text(TRAINS_AGAIN % ({}, script("plain_loop.py")))
    comparison = compare(ScriptOptions(script="again.py", policies=AS_IS))
    ended(comparison)
    assert not series(comparison.log, "A")
    said = "\n".join(summary(comparison))
    assert "rank 3 of 4 trains here, and only the first rank of each node is charted" in said
    assert "neither backward()" not in said
    assert "without a training step" not in said


def test_of_two_forked_processes_that_train_one_reports(compare: Compare) -> None:
    comparison = compare(ScriptOptions(script=script("run/forks.py"), policies=AS_IS))
    ended(comparison)
    printed = printed_losses(comparison.runs["A"].output.read_text())
    assert len(printed) == 6
    assert same_bits(series(comparison.log, "A"), printed)
    assert len(series(comparison.log, "B")) == 6


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("zgtui.launch.words.summary", ("torch", "textual", "zgtui.instrument.session")),
        ("zgtui.instrument.startup", ("torch", "numpy", "textual", "rich", "plotext")),
        (
            "zgtui.instrument.session",
            ("textual", "rich", "plotext", "zgtui.launch.script_comparison"),
        ),
    ],
)
def test_neither_side_imports_what_belongs_to_the_other(
    module: str, forbidden: tuple[str, ...]
) -> None:
    code = f"import sys, {module}; print([n for n in {forbidden!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


STARTS_OTHERS = """
import subprocess, sys, time
import torch
sleep = [sys.executable, "-c", "import time; time.sleep(1000)"]
other = subprocess.Popen(sleep, start_new_session=True)
print(other.pid, flush=True)
w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
while True:
    (w - 1).pow(2).sum().backward()
    optimizer.step()
    time.sleep(0.01)
"""


def pids_of(comparison: ScriptComparison) -> list[int]:
    def trains(run: RunName) -> bool:
        process = comparison.runs[run].process
        return process is not None and process.pid is not None and comparison.steps(run) > 2

    until(comparison, lambda _: all(map(trains, RUNS)))
    return [
        pid
        for run in comparison.runs.values()
        if run.process is not None and run.process.pid is not None
        for pid in (run.process.pid, int(run.output.read_text().split()[0]))
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_stop_ends_the_scripts_and_everything_they_started(compare: Compare) -> None:
    Path("others.py").write_text(STARTS_OTHERS)
    comparison = compare(ScriptOptions(script="others.py"))
    pids = pids_of(comparison)
    assert len(pids) == 4
    assert all(alive(pid) for pid in pids)
    comparison.stop()
    heard = ended(comparison)
    assert not any(alive(pid) for pid in pids)
    sentences = [n.ending.sentence for n in heard if isinstance(n, RunEnded)]
    assert all(sentence.startswith("stopped after") for sentence in sentences)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_log_that_can_no_longer_be_written_keeps_nothing_from_being_ended(
    compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("others.py").write_text(STARTS_OTHERS)
    comparison = compare(ScriptOptions(script="others.py"))
    pids = pids_of(comparison)
    assert comparison._server is not None
    line = Path(comparison._server.path)
    with monkeypatch.context() as full:
        full.setattr(os, "write", write_to_a_full_disk)
        with pytest.raises(LogError, match=r"events\.jsonl: No space left on device"):
            comparison.close()
    assert not any(alive(pid) for pid in pids)
    assert not line.parent.exists()


def write_to_a_full_disk(_descriptor: int, _data: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FAILS_ONCE_HEARD = """
import os, time
while not os.path.exists("heard"):
    time.sleep(0.01)
import torch
raise ValueError("no data")
"""


def test_in_words_it_says_once_that_there_is_no_step_yet(tmp_path: Path) -> None:
    Path("fails.py").write_text(FAILS_ONCE_HEARD)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line == "No step so far.":
            Path("heard").touch()

    options = ScriptOptions(script="fails.py")
    run_headless(options, tmp_path / "log", say=say, every=0.001, plain=True)
    told = said[1 : next(at for at, line in enumerate(said) if "failed" in line)]
    assert told[0] == "No step so far."
    assert all(line != before for line, before in zip(told[1:], told, strict=False)), told


FILLS = """
import resource
import torch
resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for _ in range(3000):
    optimizer.zero_grad()
    model(torch.ones(1, 1)).sum().backward()
    optimizer.step()
"""
"""As on a full disk, no file takes more than 1,000 losses."""


def test_losses_that_cannot_be_written_are_told_and_the_script_goes_on(tmp_path: Path) -> None:
    Path("fills.py").write_text(FILLS)
    said: list[str] = []
    code = run_headless(ScriptOptions(script="fills.py"), tmp_path / "log", say=said.append)
    assert code == 2
    for run in "AB":
        why = f"cannot write {tmp_path / 'log' / run}.f64: File too large"
        steps = series(tmp_path / "log", run)
        assert 0 < len(steps) <= 1000
        assert f"{run}: {why}" in said
        first = f"only its first {len(steps):,} steps could be recorded"
        assert f"{run}: the script ended; {first}: {why}" in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_is_orphaned_when_zgtui_is_killed(tmp_path: Path) -> None:
    Path("others.py").write_text(STARTS_OTHERS)
    driver = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from tests.launch.test_run import pids_of\n"
        "from zgtui.launch.script_comparison import ScriptComparison\n"
        "from zgtui.launch.command import ScriptOptions\n"
        "options = ScriptOptions(script='others.py')\n"
        f"c = ScriptComparison(options, Path({str(tmp_path / 'log')!r}))\n"
        "c.start()\n"
        "print(json.dumps(pids_of(c)), flush=True)\n"
        "while True: c.poll(1.0)\n"
    )
    zgtui = subprocess.Popen([sys.executable, "-c", driver], stdout=subprocess.PIPE)
    assert zgtui.stdout is not None
    pids = json.loads(zgtui.stdout.readline())
    assert len(pids) == 4
    zgtui.send_signal(signal.SIGKILL)
    zgtui.wait()
    zgtui.stdout.close()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "something is left"
        time.sleep(0.02)


def test_headless_tells_progress_and_writes_the_table(tmp_path: Path) -> None:
    said: list[str] = []
    out = tmp_path / "losses.csv"
    code = run_headless(
        ScriptOptions(script=script("run/exits.py")),
        tmp_path / "log",
        table=TableKeeper(out, overwrite=False),
        say=said.append,
        every=0.01,  # often enough to come before the end
    )
    text = "\n".join(said)
    kept = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert code == 3
    assert re.search("A step [0-6] .*B step [0-6] ", text) is not None, text
    assert "both runs had the same first loss" in text
    assert "A: the script ended with exit code 3 after 6 steps" in text
    table = read_table(out)
    for run in ("A", "B"):
        assert same_bits(list(table.series[run].losses), series(tmp_path / "log", run))
