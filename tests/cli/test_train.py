"""`zgtui train` as a user runs it, with a real training process."""

from __future__ import annotations

import csv
import os
import pty
import signal
from pathlib import Path

import pytest

from tests.support.command import (
    children,
    command,
    environment,
    finish,
    logged,
    newest_log,
    run,
    started,
)
from tests.support.processes import alive

ENDLESS = ("train", "--steps", "unlimited", "--device", "cpu")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(folder))
    return folder


def losses_in(table: Path) -> dict[str, list[float]]:
    """The losses of each run in a tidy table, by run, in the order of their steps."""
    found: dict[str, list[float]] = {"A": [], "B": []}
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            found[row["run"]].append(float(row["loss"]))
            assert int(row["step"]) == len(found[row["run"]])
    return found


@pytest.mark.started
def test_the_article_s_lines_its_table_and_a_summary(state: Path, tmp_path: Path) -> None:
    table = tmp_path / "losses.csv"
    code, out, err = run("train", "--article-exact", "--out", str(table), TERM="xterm")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    losses = losses_in(table)
    expected = [
        f"Epoch {epoch} ({label} zero_grad): Loss = {losses[name][epoch - 1]!r}"
        for epoch in range(1, 21)
        for name, label in (("A", "With"), ("B", "Without"))
    ]
    assert lines[:40] == expected
    assert lines[0] == "Epoch 1 (With zero_grad): Loss = 0.3011411428451538"
    assert losses == {name: logged(newest_log(state), name) for name in "AB"}
    summary = {line[:19].strip(): line[19:].strip() for line in lines[40:]}
    assert summary["epochs"].split() == ["20", "20"]
    assert summary["final loss"].split()[1] == f"{losses['B'][-1]:.6g}"
    assert summary["log"] == str(newest_log(state))
    assert "\x1b" not in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_with_the_table_complete(
    number: signal.Signals, state: Path, tmp_path: Path
) -> None:
    table = tmp_path / "losses.csv"
    with started(*ENDLESS, "--print-every", "10", "--out", str(table)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        code, out, err = finish(process)
        assert (code, err) == (128 + number, "")
        log = newest_log(state)
        losses = losses_in(table)
        assert len(losses["A"]) == len(losses["B"]) >= 10
        assert losses == {name: logged(log, name) for name in "AB"}
        assert str(log) in out.splitlines()[-1]


def test_nohup_is_respected(state: Path) -> None:
    with started(*ENDLESS, "--print-every", "100", ignore_hangup=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        for _ in range(20):
            assert process.stdout.readline().startswith("Epoch ")
        process.send_signal(signal.SIGTERM)
        assert finish(process)[0] == 128 + signal.SIGTERM


def test_a_reader_that_leaves_ends_it_without_a_word(state: Path, tmp_path: Path) -> None:
    table = tmp_path / "losses.csv"
    with started(*ENDLESS, "--print-every", "10", "--out", str(table)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        trainers = children(process.pid)
        assert trainers
        process.stdout.close()
        assert process.wait(30) == 128 + signal.SIGPIPE
        assert process.stderr is not None
        assert not process.stderr.read()
        process.stderr.close()
        assert losses_in(table) == {name: logged(newest_log(state), name) for name in "AB"}
        assert not any(map(alive, trainers))


def test_a_full_disk_behind_stdout_is_told(state: Path) -> None:
    with (
        Path("/dev/full").open("w", encoding="ascii") as full,
        started("train", "--steps", "3", stdout=full) as process,
    ):
        code, _, err = finish(process)
    assert code == 2
    assert err == "zgtui: cannot write to stdout: No space left on device\n"


def test_a_training_process_that_dies_leaves_every_loss(state: Path, tmp_path: Path) -> None:
    table = tmp_path / "losses.csv"
    with started(*ENDLESS, "--print-every", "10", "--out", str(table)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (worker,) = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        code, out, err = finish(process)
        assert code == 1
        assert err.startswith("zgtui: the training process was killed by SIGKILL")
        assert err.count("\n") == 1
        assert losses_in(table) == {name: logged(newest_log(state), name) for name in "AB"}
        assert "final loss" in out


def test_quiet_prints_errors_alone_and_divergence_can_be_one(state: Path) -> None:
    arguments = ("train", "--lr", "5", "--steps", "200", "--quiet")
    code, out, err = run(*arguments, "--fail-on-diverge")
    assert (code, out) == (1, "")
    assert err.startswith("zgtui: run A diverged at step ")


def test_what_cannot_be_trained_is_wrong_use(state: Path) -> None:
    code, out, err = run("train", "--optimizer", "Nix")
    assert (code, out) == (2, "")
    assert err.startswith("zgtui: torch.optim has no optimizer 'Nix'.")


def test_the_app_without_a_terminal_trains_in_plain_text(state: Path) -> None:
    code, out, err = run("--steps", "2", "--clear-b", "3")
    assert code == 0
    assert err == "zgtui: stdout is not a terminal: training in plain text, as with 'zgtui train'\n"
    assert out.startswith("Epoch 1 (With zero_grad): Loss = ")
    assert "Epoch 2 (zero_grad every 3 steps): Loss = " in out


def on_a_terminal(*arguments: str, term: str) -> str:
    """What ``zgtui ARGUMENTS`` shows on a terminal of the type ``term``."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command()[0], command(*arguments), environment(TERM=term, COLUMNS="100"))
    shown = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other end is gone
            break
        if not data:
            break
        shown += data
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return shown.decode()


def test_a_terminal_gets_a_bar_with_both_losses(state: Path) -> None:
    shown = on_a_terminal("train", "--steps", "300", term="xterm")
    log = newest_log(state)
    assert "300/300" in shown
    for name in "AB":
        assert f"{name} {logged(log, name)[-1]:.4g}" in shown
    assert "steps/s" in shown
    assert "): Loss =" not in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # the cursor comes back
